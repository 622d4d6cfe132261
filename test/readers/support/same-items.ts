import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { type Item, keyText } from './items-of-every-type.ts';

/** Holds the lines of an export, in whatever order, against the items of the table. */
export function expectItems(lines: readonly string[], items: ReadonlyMap<string, Item>): void {
  const read = new Map(
    lines.map((line) => {
      const item: Item = JSON.parse(line).Item;
      return [keyText(item), comparable(item)];
    }),
  );
  expect(lines).toHaveLength(items.size);
  expect(read).toEqual(new Map([...items].map(([key, item]) => [key, comparable(item)])));
}

/** Spells a value so that equal ones are spelled alike: sets have no order, numbers several spellings. */
function comparable(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, comparableValue(value)]));
}

function comparableValue(value: AttributeValue): unknown {
  if (value.N !== undefined) return { N: comparableNumber(value.N) };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.SS !== undefined) return { SS: value.SS.toSorted() };
  if (value.NS !== undefined) return { NS: value.NS.map(comparableNumber).toSorted() };
  if (value.BS !== undefined) return { BS: value.BS.map(base64).toSorted() };
  if (value.L !== undefined) return { L: value.L.map(comparableValue) };
  if (value.M !== undefined) return { M: comparable(value.M) };
  return value;
}

/** All digits from the first to the last that is not zero, and the power of ten of the last. */
function comparableNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)\.?(\d*)(?:E\+?(-?\d+))?$/i.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** The SDK takes bytes; the export has them as base64 text. */
const base64 = (bytes: Uint8Array | string) =>
  typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('base64');
