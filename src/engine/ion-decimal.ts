import { decimalOf } from './decimal.ts';

/** Decimals of this many places or fewer before their first digit are written without an exponent, as by ion-java. */
const LEADING_ZEROS_MAX = 5;

/**
 * A DynamoDB number as an Ion decimal, printed as ion-java does, with which DynamoDB's samples agree: `103.`, `6d2`, `1.5`,
 * `0.05`, `1d-130`. Without its trailing zeros, as 600 is `6d2`. Undefined for what is no number.
 */
export function ionDecimal(number: string): string | undefined {
  const decimal = decimalOf(number);
  if (decimal === undefined) return undefined;
  const { digits, exponent } = decimal;
  if (digits === '') return '0.';
  const sign = decimal.isNegative ? '-' : '';
  if (exponent === 0) return `${sign}${digits}.`;
  if (exponent > 0) return `${sign}${digits}d${exponent}`;
  const wholeDigits = digits.length + exponent;
  if (wholeDigits > 0) return `${sign}${digits.slice(0, wholeDigits)}.${digits.slice(wholeDigits)}`;
  if (wholeDigits >= -LEADING_ZEROS_MAX) return `${sign}0.${'0'.repeat(-wholeDigits)}${digits}`;
  return `${sign}${digits}d${exponent}`;
}
