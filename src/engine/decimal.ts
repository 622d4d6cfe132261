const NUMBER = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

/** A decimal number: its digits without zeros at either end, and the power of ten that they are multiplied by. */
export interface Decimal {
  readonly isNegative: boolean;
  /** Empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

/** What a number of DynamoDB is, however it is printed; undefined for what is none. */
export function decimalOf(text: string): Decimal | undefined {
  const [matched, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (matched === undefined || whole + fraction === '') return undefined;
  const significant = (whole + fraction).replace(/^0+/, '');
  const digits = significant.replace(/0+$/, '');
  if (digits === '') return { isNegative: false, digits, exponent: 0 };
  return {
    isNegative: sign === '-',
    digits,
    exponent: Number(exponent) - fraction.length + significant.length - digits.length,
  };
}
