import validations from 'dynalite/validations/index.js';
import putItem from 'dynalite/validations/putItem.js';
import { ITEM_SIZE_BYTES_MAX, type Item, parseRequest, sizeOf } from '../dynalite.ts';

/** The rules of PutItem want a name; they do not look at the table behind it. */
const ANY_TABLE = 'any-table';

/**
 * Takes a value as an item by the rules of PutItem, numbers in their plain form. Those rules are general and take as
 * much time as everything else in reading an item; what is certainly right does not go through them.
 * @throws DynamoDbError in the words of PutItem
 */
export function checkItem(value: unknown): { readonly item: Item; readonly sizeBytes: number } {
  if (isItem(value) && !Object.values(value).some((attribute) => validations.validateAttributeValue(attribute))) {
    const sizeBytes = sizeOf(value);
    if (sizeBytes <= ITEM_SIZE_BYTES_MAX) return { item: value, sizeBytes };
  }
  const { Item: item } = parseRequest<{ Item: Item }>({ TableName: ANY_TABLE, Item: value }, putItem);
  return { item, sizeBytes: sizeOf(item) };
}

const isItem = (value: unknown): value is Item => isObject(value) && isEach(Object.values(value), isAttributeValue);

/** An object with one member that is named by its type and has a value of it. */
function isAttributeValue(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [type, ...others] = Object.keys(value);
  if (type === undefined || others.length > 0) return false;
  const content = value[type];
  switch (type) {
    case 'S':
    case 'N':
      return typeof content === 'string';
    case 'B':
      return isBase64(content);
    case 'BOOL':
    case 'NULL':
      return typeof content === 'boolean';
    case 'SS':
    case 'NS':
      return isEach(content, (element) => typeof element === 'string');
    case 'BS':
      return isEach(content, isBase64);
    case 'L':
      return isEach(content, isAttributeValue);
    case 'M':
      return isItem(content);
    default:
      return false;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEach = (values: unknown, isOne: (value: unknown) => boolean): boolean =>
  Array.isArray(values) && values.every(isOne);

const isBase64 = (value: unknown): boolean =>
  typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value;
