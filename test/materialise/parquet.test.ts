import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalOf } from '../../src/engine/index.ts';
import { folderOnDisk, materialise } from '../../src/materialise/index.ts';
import { plainText } from '../../src/materialise/plain-decimal.ts';
import { temporaryFolder } from '../engine/support/in-process.ts';
import { queryParquet } from './support/read-materialised.ts';
import { writeExport } from './support/written-exports.ts';

type Item = Record<string, Record<string, unknown>>;

/** Writes the items as one export, materialises that as Parquet, and returns the file and the columns. */
async function parquetOf(items: readonly Item[]) {
  const root = temporaryFolder();
  const lines = items.map((Item) => JSON.stringify({ Item }));
  const folder = writeExport(root, { id: 'full', toMs: 0, files: [lines] });
  const directory = path.join(root, 'out');
  const { columns = [] } = await materialise({
    folders: [folderOnDisk(folder)],
    form: 'parquet',
    directory,
    workerFile: path.resolve('build/cli/export-worker.mjs'),
  });
  return {
    file: path.join(directory, 'items.parquet'),
    types: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
  };
}

test('scalars become columns of their types, and the rest strings of JSON, as DuckDB reads them', async () => {
  const { file, types } = await parquetOf([
    {
      id: { S: 'a' },
      count: { N: '9007199254740993' },
      price: { N: '12.5' },
      exact: { N: '0.12345678901234567890123456789' },
      mixed: { N: '1' },
      flag: { BOOL: true },
      bytes: { B: 'AAH/' },
      map: { M: { 'a "b"': { N: '1.50' }, list: { L: [{ NULL: true }, { B: 'AA==' }] } } },
      set: { NS: ['1', '2.5'] },
      never: { NULL: true },
      sometimes: { NULL: true },
      'dotted.name': { S: 'x' },
    },
    { id: { S: 'b\n"é😀' }, count: { N: '-1' }, price: { N: '100' }, mixed: { S: '1' }, sometimes: { BOOL: false } },
    { id: { S: 'c' }, exact: { N: '1' } },
  ]);

  expect(types).toEqual({
    id: 'STRING',
    count: 'INT64',
    price: 'DOUBLE',
    exact: 'STRING',
    mixed: 'STRING',
    flag: 'BOOLEAN',
    bytes: 'BYTE_ARRAY',
    map: 'STRING',
    set: 'STRING',
    never: 'STRING',
    sometimes: 'BOOLEAN',
    'dotted.name': 'STRING',
  });
  const [a, b, c] = await queryParquet(file, 'SELECT *, hex(bytes) AS hex FROM items ORDER BY id');
  expect(a).toMatchObject({
    id: 'a',
    count: 9_007_199_254_740_993n,
    price: 12.5,
    exact: '0.12345678901234567890123456789',
    mixed: '1',
    flag: true,
    hex: '0001FF',
    map: '{"a \\"b\\"":1.5,"list":[null,"AA=="]}',
    set: '[1,2.5]',
    never: null,
    sometimes: null,
    'dotted.name': 'x',
  });
  expect(b).toMatchObject({ id: 'b\n"é😀', count: -1n, price: 100, mixed: '"1"', exact: null, sometimes: false });
  expect(c).toMatchObject({ id: 'c', count: null, exact: '1' });
});

test('numbers keep all of their digits, whatever they are together', async () => {
  const numberArbitrary = fc.oneof(
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }).map((number) => {
      const decimal = decimalOf(String(number));
      return decimal ? plainText(decimal) : '0';
    }),
    fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 37n }), fc.nat(38)).map(([digits, places]) => {
      const decimal = decimalOf(`${digits}e-${places}`);
      return decimal ? plainText(decimal) : '0';
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(numberArbitrary, { minLength: 1, maxLength: 4 }), async (numbers) => {
      const { file } = await parquetOf(numbers.map((N, n) => ({ id: { N: `${n}` }, number: { N } })));
      const rows = await queryParquet(file, 'SELECT id, number FROM items ORDER BY id');
      const read = rows.map(({ number }) => decimalOf(String(number)));
      expect(read).toEqual(numbers.map(decimalOf));
    }),
    { numRuns: 20 },
  );
});

test('row groups follow one another in one file', async () => {
  const items = Array.from({ length: 120 }, (_, n) => ({ id: { N: `${n}` }, text: { S: `${n}`.repeat(100_000) } }));
  const { file } = await parquetOf(items);
  const [totals] = await queryParquet(
    file,
    'SELECT count(*) AS items, sum(id) AS sum, sum(length(text)) AS length FROM items',
  );
  const length = items.reduce((sum, { text }) => sum + text.S.length, 0);
  expect(totals).toEqual({ items: 120n, sum: 7140n, length: BigInt(length) });
  const [groups] = await queryParquet(
    file,
    `SELECT count(DISTINCT row_group_id) AS n FROM parquet_metadata('${file}')`,
  );
  expect(groups?.n).toBeGreaterThan(1n);
});
