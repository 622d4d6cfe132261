import { decimalOf } from '../engine/index.ts';
import { MaterialiseError } from './errors.ts';
import { plainText } from './plain-decimal.ts';

/** A value of DynamoDB, as exports show it in JSON: an object of one member, named by the type. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Image };

/** An item, or a map within one. */
export type Image = Readonly<Record<string, AttributeValue>>;

const BAD_ITEM = 'Export the table again.';

/** The image that untyped input is, with numbers printed in one way. Throws `MaterialiseError`. */
export function imageOf(input: unknown, where: string): Image {
  // From entries: an attribute may be named `__proto__`.
  return Object.fromEntries(
    Object.entries(objectOf(input, where)).map(([name, value]) => [name, attributeValue(value, where)]),
  );
}

function attributeValue(input: unknown, where: string): AttributeValue {
  const [[type, value], another] = [...Object.entries(objectOf(input, where))] as [[string, unknown], unknown];
  if (another === undefined) {
    switch (type) {
      case 'S':
        if (typeof value === 'string') return { S: value };
        break;
      case 'N':
        if (typeof value === 'string') return { N: numberOf(value, where) };
        break;
      case 'B':
        if (typeof value === 'string') return { B: value };
        break;
      case 'BOOL':
        if (typeof value === 'boolean') return { BOOL: value };
        break;
      case 'NULL':
        if (value === true) return { NULL: true };
        break;
      case 'SS':
        return { SS: textsOf(value, where) };
      case 'NS':
        return { NS: textsOf(value, where).map((number) => numberOf(number, where)) };
      case 'BS':
        return { BS: textsOf(value, where) };
      case 'L':
        if (Array.isArray(value)) return { L: value.map((member) => attributeValue(member, where)) };
        break;
      case 'M':
        return { M: imageOf(value, where) };
    }
  }
  throw noValue(input, where);
}

function objectOf(input: unknown, where: string): object {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw noValue(input, where);
}

function textsOf(input: unknown, where: string): string[] {
  if (Array.isArray(input) && input.every((member) => typeof member === 'string')) return input;
  throw noValue(input, where);
}

function numberOf(text: string, where: string): string {
  const decimal = decimalOf(text);
  if (decimal === undefined) throw noValue({ N: text }, where);
  return plainText(decimal);
}

const noValue = (input: unknown, where: string): MaterialiseError =>
  new MaterialiseError(`${where}: ${JSON.stringify(input)?.slice(0, 100)} is no value of DynamoDB.`, BAD_ITEM);
