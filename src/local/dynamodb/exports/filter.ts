import query from 'dynalite/validations/query.js';
import scan from 'dynalite/validations/scan.js';
import { parseRequest, type ReadAction, readRange } from '../dynalite.ts';
import { DynamoDbError, invalidRequest } from '../errors.ts';

/** `FilterSpecification` as it was sent. */
export interface FilterSpecification {
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Dynalite.AttributeValue>>;
}

/** All that choosing and reshaping the items of an export takes; plain data, as it is stored and sent to threads. */
export interface ItemFilter {
  readonly specification: FilterSpecification;
  /** The canonical keys that the key condition allows: the very range that Query would read. */
  readonly keyRange?: Pick<Dynalite.Range, 'gt' | 'gte' | 'lt' | 'lte'>;
  readonly table: Pick<Dynalite.Table, 'KeySchema' | 'AttributeDefinitions'>;
}

/** DynamoDB's limits of expressions (facts §1.2). */
const EXPRESSION_BYTES_MAX = 4096;
const ATTRIBUTE_NAME_BYTES_MAX = 250;
const ATTRIBUTE_VALUES_BYTES_MAX = 2 * 1024 * 1024;
const OPERATORS_MAX = 300;

/** The actions look at no name of a table here, but their requests must have one. */
const ANY_TABLE = 'any-table';

const expressionMembers = ['FilterExpression', 'ProjectionExpression', 'KeyConditionExpression'] as const;

/**
 * Checks what can be checked of a filter without its table.
 * @throws DynamoDbError ValidationException, as Query or Scan would word it
 */
export function checkFilter(specification: FilterSpecification): void {
  if (Object.keys(specification).length === 0) throw invalidFilter('The specification can not be empty');
  if (expressionMembers.every((member) => specification[member] === undefined)) {
    throw invalidFilter('At least one expression must be provided');
  }
  checkSizes(specification);
  const { _filter, _keyCondition } = parse(specification);
  const operators = operatorsIn(_filter?.expression) + operatorsIn(_keyCondition?.expression);
  if (operators > OPERATORS_MAX) {
    throw invalidFilter(`The expressions contain too many operators; operator count: ${operators}`);
  }
}

/**
 * Fits a checked filter to a table, with the rules of Query when it has a key condition, else of Scan.
 * @throws DynamoDbError ValidationException, such as for a filter on key attributes beside a key condition
 */
export async function fitFilter(specification: FilterSpecification, table: Dynalite.Table): Promise<ItemFilter> {
  const { KeySchema, AttributeDefinitions } = table;
  const read = () => readRange(actionOf(specification), table, parse(specification));
  const { gt, gte, lt, lte } = await read().catch((error: unknown) => {
    throw asInvalidFilter(error);
  });
  const keyRange = { gt, gte, lt, lte };
  const hasRange = Object.values(keyRange).some((bound) => bound !== undefined);
  return { specification, ...(hasRange && { keyRange }), table: { KeySchema, AttributeDefinitions } };
}

const actionOf = ({ KeyConditionExpression }: FilterSpecification): ReadAction =>
  KeyConditionExpression === undefined ? 'scan' : 'query';

function parse(specification: FilterSpecification): Dynalite.ParsedExpressions {
  // A copy: the parser normalises numbers in place, and the specification is shown as it was sent.
  const request = { TableName: ANY_TABLE, ...structuredClone(specification) };
  try {
    return parseRequest<Dynalite.ParsedExpressions>(request, actionOf(specification) === 'query' ? query : scan);
  } catch (error) {
    throw asInvalidFilter(error);
  }
}

function checkSizes(specification: FilterSpecification): void {
  for (const member of expressionMembers) {
    const sizeBytes = Buffer.byteLength(specification[member] ?? '');
    if (sizeBytes <= EXPRESSION_BYTES_MAX) continue;
    throw invalidFilter(
      `Invalid ${member}: Expression size has exceeded the maximum allowed size; expression size: ${sizeBytes}`,
    );
  }
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = specification;
  for (const [placeholder, name] of Object.entries(names)) {
    if (Buffer.byteLength(name) <= ATTRIBUTE_NAME_BYTES_MAX) continue;
    throw invalidFilter(
      `ExpressionAttributeNames contains invalid value: Attribute name is longer than ${ATTRIBUTE_NAME_BYTES_MAX} bytes for key ${placeholder}`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(values)) > ATTRIBUTE_VALUES_BYTES_MAX) {
    throw invalidFilter('ExpressionAttributeValues exceeds the maximum size of 2 MB');
  }
}

/** Comparisons, functions and connectives, at every depth. */
function operatorsIn(expression: unknown): number {
  if (Array.isArray(expression)) return expression.reduce((sum: number, part) => sum + operatorsIn(part), 0);
  if (typeof expression !== 'object' || expression === null || !('type' in expression)) return 0;
  return 1 + operatorsIn('args' in expression ? expression.args : []);
}

const invalidFilter = (reason: string): DynamoDbError => invalidRequest(`Invalid FilterSpecification: ${reason}`);

const asInvalidFilter = (error: unknown): unknown =>
  error instanceof DynamoDbError ? invalidFilter(error.message) : error;
