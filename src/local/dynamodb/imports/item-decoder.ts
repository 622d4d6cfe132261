import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { parse as csvParser } from 'csv-parse';
import db from 'dynalite/db/index.js';
import { IonError, readIon } from '../../../engine/index.ts';
import { type Item, keyOf, refuse } from '../dynalite.ts';
import { itemText } from '../item-text.ts';
import { checkItem } from './item-check.ts';
import { PlainItemDecoder } from './plain-item-decoder.ts';
import type { InputFormat } from './request.ts';

/** A line, or a document of Ion without a version marker inside, is held in memory as a whole, up to this. */
const RECORD_LENGTH_MAX = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** A record of an object: an item that may be stored, or why it may not. */
export type Decoded =
  | { readonly key: string; readonly text: Buffer | string; readonly sizeBytes: number }
  | { readonly error: string };

/** A record of an object that is not what it should be. */
class RecordError extends Error {}

/** Splits an object into records, in order, and says what item each of them is. */
export type RecordReader = (chunks: AsyncIterable<Buffer>) => AsyncIterable<readonly Decoded[]>;

export function recordReader(format: InputFormat, table: Dynalite.Table): RecordReader {
  const decoder = new ItemDecoder(table);
  switch (format.name) {
    case 'DYNAMODB_JSON':
      return (chunks) => lines(chunks, (whole) => decoder.json(whole));
    case 'ION':
      return (chunks) => documents(textOf(chunks), (document) => decoder.ion(document));
    case 'CSV':
      return (chunks) => csvRecords(textOf(chunks), format, decoder);
    default:
      return format satisfies never;
  }
}

/** Decodes lines, all of those of a chunk at once. */
async function* lines(
  chunks: AsyncIterable<Buffer>,
  decode: (whole: Buffer) => readonly Decoded[],
): AsyncGenerator<readonly Decoded[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = text.lastIndexOf(NEWLINE) + 1;
    rest = text.subarray(end);
    if (rest.length > RECORD_LENGTH_MAX) {
      yield [{ error: `A record is longer than ${RECORD_LENGTH_MAX} bytes.` }];
      return;
    }
    if (end > 0) yield decode(text.subarray(0, end));
  }
  yield decode(rest);
}

/** Decodes documents of Ion, each of which begins with a version marker. */
async function* documents(
  chunks: AsyncIterable<string>,
  decode: (document: string) => readonly Decoded[],
): AsyncGenerator<readonly Decoded[]> {
  let rest = '';
  for await (const chunk of chunks) {
    const found = (rest + chunk).split(/\n(?=\s*\$ion_1_0)/);
    rest = found.pop() ?? '';
    if (rest.length > RECORD_LENGTH_MAX) {
      yield [{ error: `A record is longer than ${RECORD_LENGTH_MAX} characters.` }];
      return;
    }
    yield found.flatMap((document) => (isBlank(document) ? [] : decode(document)));
  }
  if (!isBlank(rest)) yield decode(rest);
}

async function* textOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  for await (const chunk of chunks) yield decoder.write(chunk);
  yield decoder.end();
}

const isBlank = (text: string): boolean => text.trim() === '';

async function* csvRecords(
  chunks: AsyncIterable<string>,
  { delimiter, header }: InputFormat & { name: 'CSV' },
  decoder: ItemDecoder,
): AsyncGenerator<readonly Decoded[]> {
  const parser = csvParser({ delimiter, bom: true, relax_column_count: true, skip_empty_lines: true });
  const feed = async () => {
    for await (const chunk of chunks) {
      if (!parser.write(chunk)) await new Promise((resolve) => parser.once('drain', resolve));
    }
    parser.end();
  };
  const fed = feed().catch((error: unknown) => void parser.destroy(error instanceof Error ? error : undefined));
  let names = header;
  try {
    for await (const row of parser) {
      if (names) yield [decoder.csv(names, row)];
      else names = row;
    }
  } catch (error) {
    if (!isCsvError(error)) throw error;
    // The rest of the object cannot be told apart into rows.
    yield [{ error: error.message }];
  }
  await fed;
}

const isCsvError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');

class ItemDecoder {
  readonly #table: Dynalite.Table;
  readonly #plain: PlainItemDecoder;
  /** Attributes of keys, which are not strings in CSV if the table says so. */
  readonly #types: ReadonlyMap<string, 'S' | 'N' | 'B'>;

  constructor(table: Dynalite.Table) {
    this.#table = table;
    this.#plain = new PlainItemDecoder(table);
    this.#types = new Map(table.AttributeDefinitions.map((each) => [each.AttributeName, each.AttributeType]));
  }

  /** Whole lines. Blank ones are none. */
  json(lines: Buffer): readonly Decoded[] {
    const decoded: Decoded[] = [];
    const isText = isUtf8(lines);
    for (let from = 0; from < lines.length; ) {
      const newline = lines.indexOf(NEWLINE, from);
      const to = newline === -1 ? lines.length : newline;
      const plain = isText ? this.#plain.decode(lines, from, to) : undefined;
      if (plain) decoded.push(plain);
      else {
        const line = lines.toString('utf8', from, to);
        if (!isBlank(line)) decoded.push(this.#jsonLine(line));
      }
      from = to + 1;
    }
    return decoded;
  }

  #jsonLine(line: string): Decoded {
    return this.#attempt(() => {
      const record: unknown = JSON.parse(line);
      if (typeof record !== 'object' || record === null || !('Item' in record)) throw notAnItem();
      return record.Item;
    });
  }

  /** A document has an item, one after another, or a list of them. */
  ion(document: string): readonly Decoded[] {
    const decoded: Decoded[] = [];
    try {
      for (const value of readIon(document)) {
        const values = 'L' in value && value.L ? value.L : [value];
        for (const { M } of values) {
          decoded.push(
            this.#attempt(() => {
              if (!M?.Item?.M) throw notAnItem();
              return M.Item.M;
            }),
          );
        }
      }
    } catch (error) {
      if (!(error instanceof IonError)) throw error;
      decoded.push({ error: error.message });
    }
    return decoded;
  }

  csv(names: readonly string[], row: readonly string[]): Decoded {
    return this.#attempt(() => {
      if (row.length > names.length) throw new RecordError('The row has more values than the header has names.');
      const item: Item = {};
      for (const [position, value] of row.entries()) {
        const name = names[position] ?? '';
        const type = this.#types.get(name);
        // An item without the key of an index is not in it, and a key cannot be empty.
        if (type === undefined) item[name] = { S: value };
        else if (value !== '') item[name] = type === 'N' ? { N: value } : type === 'B' ? { B: value } : { S: value };
      }
      return item;
    });
  }

  /** Checks an item as PutItem would. */
  #attempt(read: () => unknown): Decoded {
    try {
      const { item, sizeBytes } = checkItem(read());
      refuse(db.validateItem(item, this.#table));
      return { key: keyOf(item, this.#table), text: itemText(item, this.#table), sizeBytes };
    } catch (error) {
      // Whatever was thrown is about this record: the checks have no other input.
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}

const notAnItem = (): RecordError => new RecordError('The record has no member Item.');
