import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type ExportedTable, exportTable } from './support/exported-table.ts';
import { needs, program, runReader } from './support/run-reader.ts';
import { expectItems } from './support/same-items.ts';

/** In this order. OpenSearch's Data Prepper reads one line into a class of exactly these and refuses any other. */
const SUMMARY_FIELDS = [
  'version',
  'exportArn',
  'startTime',
  'endTime',
  'tableArn',
  'tableId',
  'exportTime',
  's3Bucket',
  's3Prefix',
  's3SseAlgorithm',
  's3SseKmsKeyId',
  'manifestFilesS3Key',
  'billedSizeBytes',
  'itemCount',
  'outputFormat',
];

let exported: ExportedTable;

beforeAll(async () => {
  exported = await exportTable();
});

afterAll(() => exported.close());

describe('the data files of an export have what the table had, read by', () => {
  for (const [name, way] of [
    ["Python's gzip.decompress", 'gzip'],
    ["one call of Python's zlib.decompressobj", 'zlib'],
    ["Python's zlib.decompressobj, a little at a time", 'stream'],
  ] as const) {
    it(name, (context) => {
      needs(context, 'python3');
      expectItems(runReader('python3', [program('read_export.py'), way, ...exported.files]), exported.items);
    });
  }

  it("Java's GZIPInputStream on a stream of which nothing is available", (context) => {
    // `java` compiles the source, which takes the compiler of a JDK.
    needs(context, 'javac');
    expectItems(runReader('java', [program('SlowGunzip.java'), ...exported.files]), exported.items);
  });

  it('GNU gzip', (context) => {
    needs(context, 'gzip');
    runReader('gzip', ['--test', ...exported.files]);
    expectItems(runReader('gzip', ['-dc', ...exported.files]), exported.items);
  });

  it('DuckDB as JSON', async ({ skip }) => {
    const rows = await queryDuckDb(skip, 'SELECT Item::VARCHAR FROM export', "{Item: 'JSON'}");
    expectItems(
      rows.map(([item]) => `{"Item":${item}}`),
      exported.items,
    );
  });

  it('DuckDB as columns', async ({ skip }) => {
    const rows = await queryDuckDb(
      skip,
      'SELECT Item.pk.S, Item.sk.N, Item.text.S, Item.number.N, Item.nested.M.list.L[1].S FROM export',
      `{Item: 'STRUCT(pk STRUCT(S VARCHAR), sk STRUCT(N VARCHAR), text STRUCT(S VARCHAR), number STRUCT(N VARCHAR),
        nested STRUCT(M STRUCT(list STRUCT(L STRUCT(S VARCHAR)[]))))'}`,
    );
    const written = [...exported.items.values()].map(({ pk, sk, text, number, nested }) => [
      pk?.S,
      sk?.N,
      text?.S,
      number?.N ?? null,
      nested?.M?.list?.L?.[0]?.S ?? null,
    ]);
    expect(sortedRows(rows)).toEqual(sortedRows(written));
  });
});

it('the summary is one line of exactly the known fields, with no newline after it', () => {
  expect(exported.summary).not.toMatch(/\s$|\n/);
  const summary = JSON.parse(exported.summary);
  expect(Object.keys(summary)).toEqual(SUMMARY_FIELDS);
  expect(JSON.stringify(summary)).toBe(exported.summary);
  expect(summary).toMatchObject({
    version: '2020-06-30',
    itemCount: exported.items.size,
    s3Prefix: null,
    s3SseKmsKeyId: null,
  });
});

/** Rows of a query over all data files, each line being a row of these columns. */
async function queryDuckDb(skip: TestContext['skip'], query: string, columns: string) {
  const duckDb = await import('@duckdb/node-api').catch(() => skip('DuckDB has no build for this machine'));
  const instance = await duckDb.DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const lines = `read_json($files, format = 'newline_delimited', compression = 'gzip', columns = ${columns})`;
    const result = await connection.runAndReadAll(
      `WITH export AS (FROM ${lines}) ${query}`,
      {
        files: duckDb.listValue(exported.files),
      },
      { files: duckDb.LIST(duckDb.VARCHAR) },
    );
    return result.getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const sortedRows = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row)).sort();
