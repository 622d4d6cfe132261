import type { Decimal } from '../engine/index.ts';

/** Without an exponent, as exports in DynamoDB JSON have it: `600`, `0.05`. */
export function plainText({ isNegative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = isNegative ? '-' : '';
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent);
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
