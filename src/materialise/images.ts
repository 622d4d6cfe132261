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

/**
 * The image that untyped input is: the input itself, with its numbers printed in one way. A copy would take longer than the
 * parsing. Throws `MaterialiseError`.
 */
export function imageOf(input: unknown, where: string): Image {
  requireImage(input, where);
  return input;
}

function requireImage(input: unknown, where: string): asserts input is Image {
  if (!isRecord(input)) throw noValue(input, where);
  for (const name of Object.keys(input)) requireValue(input[name], where);
}

function requireValue(input: unknown, where: string): asserts input is AttributeValue {
  if (!isRecord(input)) throw noValue(input, where);
  const [type = '', another] = Object.keys(input);
  const value = input[type];
  if (another !== undefined) throw noValue(input, where);
  switch (type) {
    case 'S':
    case 'B':
      if (typeof value === 'string') return;
      break;
    case 'N':
      input.N = numberOf(value, where);
      return;
    case 'BOOL':
      if (typeof value === 'boolean') return;
      break;
    case 'NULL':
      if (value === true) return;
      break;
    case 'SS':
    case 'BS':
      if (Array.isArray(value) && value.every((member) => typeof member === 'string')) return;
      break;
    case 'NS':
      if (!Array.isArray(value)) break;
      for (const [n, member] of value.entries()) value[n] = numberOf(member, where);
      return;
    case 'L':
      if (!Array.isArray(value)) break;
      for (const member of value) requireValue(member, where);
      return;
    case 'M':
      requireImage(value, where);
      return;
  }
  throw noValue(input, where);
}

const isRecord = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

/** What nearly all numbers are, and is printed in the one way already. */
const PLAIN_NUMBER = /^(?:0|-?[1-9]\d{0,37}|-?(?:0|[1-9]\d{0,17})\.\d{0,19}[1-9])$/;
/** DynamoDB's go from 1e-130 to 1e126; far beyond, one would fill the memory with zeros. */
const EXPONENT_MAX = 1_000;

function numberOf(input: unknown, where: string): string {
  if (typeof input !== 'string') throw noValue({ N: input }, where);
  if (PLAIN_NUMBER.test(input)) return input;
  const decimal = decimalOf(input);
  if (decimal === undefined || Math.abs(decimal.exponent) > EXPONENT_MAX) throw noValue({ N: input }, where);
  return plainText(decimal);
}

const noValue = (input: unknown, where: string): MaterialiseError =>
  new MaterialiseError(`${where}: ${JSON.stringify(input)?.slice(0, 100)} is no value of DynamoDB.`, BAD_ITEM);
