import { decimalOf } from '../engine/index.ts';
import { MaterialiseError } from './errors.ts';
import type { AttributeValue, Image } from './images.ts';
import { plainText } from './plain-decimal.ts';
import { plainJson } from './plain-json.ts';

/** Attributes of all items together; each is a column, and each takes memory. */
const COLUMNS_MAX = 2000;

/** What a column holds; see docs/materialise.md. */
type ColumnType = 'STRING' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'BYTE_ARRAY';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** The value as the column holds it; undefined for null. */
  cellOf(value: AttributeValue): string | bigint | number | boolean | Uint8Array | undefined;
}

/** What was seen of an attribute. */
interface Seen {
  readonly types: Set<string>;
  isInt64: boolean;
  isDouble: boolean;
}

/** Infers columns from the items: all of them have to be shown to it first. */
export class ColumnInference {
  readonly #seen = new Map<string, Seen>();

  observe(image: Image): void {
    for (const [name, value] of Object.entries(image)) {
      let seen = this.#seen.get(name);
      if (seen === undefined) {
        if (this.#seen.size === COLUMNS_MAX) throw tooManyColumns();
        seen = { types: new Set(), isInt64: true, isDouble: true };
        this.#seen.set(name, seen);
      }
      if ('NULL' in value) continue;
      for (const type of Object.keys(value)) seen.types.add(type);
      if (!('N' in value)) continue;
      seen.isInt64 &&= fitsInt64(value.N);
      seen.isDouble &&= fitsDouble(value.N);
    }
  }

  /** In order of their names. */
  columns(): Column[] {
    return [...this.#seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, seen]) => ({ name, ...columnOf(seen) }));
  }
}

function columnOf({ types, isInt64, isDouble }: Seen): Pick<Column, 'type' | 'cellOf'> {
  const [type, another] = types;
  if (another !== undefined) return { type: 'STRING', cellOf: orNull(plainJson) };
  switch (type) {
    case undefined:
      return { type: 'STRING', cellOf: () => undefined };
    case 'S':
      return { type: 'STRING', cellOf: (value) => ('S' in value ? value.S : undefined) };
    case 'N':
      if (isInt64) return { type: 'INT64', cellOf: (value) => ('N' in value ? BigInt(value.N) : undefined) };
      if (isDouble) return { type: 'DOUBLE', cellOf: (value) => ('N' in value ? Number(value.N) : undefined) };
      return { type: 'STRING', cellOf: (value) => ('N' in value ? value.N : undefined) };
    case 'BOOL':
      return { type: 'BOOLEAN', cellOf: (value) => ('BOOL' in value ? value.BOOL : undefined) };
    case 'B':
      return { type: 'BYTE_ARRAY', cellOf: (value) => ('B' in value ? Buffer.from(value.B, 'base64') : undefined) };
    default:
      return { type: 'STRING', cellOf: orNull(plainJson) };
  }
}

const orNull = (print: (value: AttributeValue) => string) => (value: AttributeValue) =>
  'NULL' in value ? undefined : print(value);

/** So many digits are always whole in an integer of 64 bits, and in a double. */
const INT64_DIGITS = 18;
const DOUBLE_DIGITS = 15;

const fitsInt64 = (number: string): boolean =>
  /^-?\d+$/.test(number) && (number.length <= INT64_DIGITS || BigInt.asIntN(64, BigInt(number)) === BigInt(number));

/** Whether the nearest double prints as the same number, so that no digit is lost. */
function fitsDouble(number: string): boolean {
  if (number.length <= DOUBLE_DIGITS) return true;
  const printed = decimalOf(String(Number(number)));
  return printed !== undefined && plainText(printed) === number;
}

const tooManyColumns = (): MaterialiseError =>
  new MaterialiseError(
    `The items have more than ${COLUMNS_MAX} attributes together.`,
    'Materialise them as dynamodb-json, which has no columns.',
  );
