import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  DeleteItemCommand,
  type ExportTableToPointInTimeCommandInput,
  ImportTableCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { ended, startExport } from '../local/dynamodb/support/exported.ts';
import {
  ACCOUNT,
  COMPOSITE_KEY,
  createTable,
  enableRecovery,
  REGION,
  startWithBucket,
} from '../local/dynamodb/support/local-dynamodb.ts';
import { until } from '../local/dynamodb/support/until.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { queryParquet, readItems } from './support/read-materialised.ts';

const MINUTE_MS = 60_000;

let nowMs = Date.parse('2026-11-01T10:00:00.250Z');
const { plane, client, s3, close } = await startWithBucket('lake', { now: () => nowMs });
afterAll(close);
const folder = temporaryDirectory();
const TableName = 'orders';

/** The built command, as people run it. */
const outport = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['build/cli/outport.mjs', 'materialise', ...args], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: plane.endpoint,
      AWS_ACCESS_KEY_ID: ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: REGION,
    },
  });

const put = (pk: string, sk: number, more: object = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { N: `${sk}` }, ...more } }));

async function scan(table = TableName): Promise<string[]> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  return Items.map(textOf).sort();
}

/** The attributes of an item have no order; bytes are base64 in files. */
const textOf = (item: object) =>
  JSON.stringify(Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))), (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );

async function exported(input: Omit<ExportTableToPointInTimeCommandInput, 'S3Bucket'>): Promise<string> {
  nowMs += 20 * MINUTE_MS;
  const { ExportArn } = await startExport(client, { ...input, S3Bucket: 'lake', S3Prefix: 'exports' });
  const { ExportManifest = '', ExportStatus } = await ended(client, ExportArn);
  expect(ExportStatus).toBe('COMPLETED');
  return `s3://lake/${path.posix.dirname(ExportManifest)}`;
}

/** An attribute of each type, as nobody can read it wrongly without being noticed. */
const EVERY_TYPE = {
  exact: { N: '1234567890123456789012345678901234567.8' },
  huge: { N: '1E125' },
  bytes: { B: new Uint8Array([0, 255, 10]) },
  flag: { BOOL: false },
  nothing: { NULL: true as const },
  mixed: { S: '7' },
  strings: { SS: ['ä"\n'] },
  numbers: { NS: ['-0.10'] },
  blobs: { BS: [new Uint8Array([1])] },
  nested: { M: { list: { L: [{ NULL: true as const }, { N: '1E1' }, { M: { b: { B: new Uint8Array([2]) } } }] } } },
};

test('exports that lie in S3, in both formats and views, become the table that DynamoDB has at each end', async () => {
  const { arn: TableArn } = await createTable(client, TableName);
  await enableRecovery(client, TableName);
  const wholeMinute = () => {
    nowMs = Math.ceil((nowMs + 1) / MINUTE_MS) * MINUTE_MS;
    return new Date(nowMs);
  };
  for (let n = 0; n < 30; n++) await put('a', n, { total: { N: `${n}.25` }, name: { S: `Łódź ${n}` } });
  const first = wholeMinute();
  const states = [await scan()];
  nowMs += 20 * MINUTE_MS;
  for (let n = 0; n < 10; n++) await put('a', 3 * n, { total: { N: `${n}00` }, set: { SS: ['x'] } });
  for (const sk of [1, 2])
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'a' }, sk: { N: `${sk}` } } }));
  await put('types', 1, EVERY_TYPE);
  await put('types', 2, { mixed: { N: '7' } });
  const second = wholeMinute();
  states.push(await scan());
  nowMs += 20 * MINUTE_MS;
  for (let n = 0; n < 5; n++) await put('b', n, { map: { M: { nested: { BOOL: true } } }, total: { N: '1E2' } });
  await put('a', 1, { total: { N: '7' } });
  const third = wholeMinute();
  states.push(await scan());

  const incremental = (
    ExportFromTime: Date,
    ExportToTime: Date,
    ExportViewType: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES',
  ) => ({
    ExportType: 'INCREMENTAL_EXPORT' as const,
    IncrementalExportSpecification: { ExportFromTime, ExportToTime, ExportViewType },
  });
  nowMs += 20 * MINUTE_MS;
  const folders = [
    await exported({ TableArn, ExportTime: first }),
    await exported({ TableArn, ExportFormat: 'ION', ...incremental(first, second, 'NEW_IMAGE') }),
    await exported({ TableArn, ...incremental(second, third, 'NEW_AND_OLD_IMAGES') }),
  ];

  for (const [n, at] of [first, second, third].entries()) {
    const out = path.join(folder.path, `json-${n}`);
    await outport(...folders, '--as', 'dynamodb-json', '--out', out, '--at', at.toISOString());
    expect(
      readItems(out)
        .map((text) => textOf(JSON.parse(text)))
        .sort(),
    ).toEqual(states[n]);
  }

  const out = path.join(folder.path, 'parquet');
  const { stdout } = await outport(...folders, '--as', 'parquet', '--out', out, '--output', 'json');
  expect(JSON.parse(stdout)).toMatchObject({ form: 'parquet', itemCount: 36, at: third.toISOString() });
  const [row] = await queryParquet(
    path.join(out, 'items.parquet'),
    "SELECT sum(total) AS total FROM items WHERE pk = 'b'",
  );
  expect(row).toEqual({ total: 500 });
  const [every] = await queryParquet(
    path.join(out, 'items.parquet'),
    "SELECT * REPLACE (hex(bytes) AS bytes) FROM items WHERE pk = 'types' AND sk = 1",
  );
  expect(every).toMatchObject({
    exact: '1234567890123456789012345678901234567.8',
    huge: 1e125,
    bytes: '00FF0A',
    flag: false,
    nothing: null,
    mixed: '"7"',
    strings: '["ä\\"\\n"]',
    numbers: '[-0.1]',
    blobs: '["AQ=="]',
    nested: '{"list":[null,10,{"b":"Ag=="}]}',
    total: null,
  });

  const json = path.join(folder.path, 'json-2');
  const { files } = JSON.parse(await readFile(path.join(json, 'materialised.json'), 'utf8'));
  for (const file of files) {
    await s3.send(
      new PutObjectCommand({ Bucket: 'lake', Key: `made/${file}`, Body: await readFile(path.join(json, file)) }),
    );
  }
  await client.send(
    new ImportTableCommand({
      S3BucketSource: { S3Bucket: 'lake', S3KeyPrefix: 'made/data/' },
      InputFormat: 'DYNAMODB_JSON',
      InputCompressionType: 'GZIP',
      TableCreationParameters: { TableName: 'again', BillingMode: 'PAY_PER_REQUEST', ...COMPOSITE_KEY },
    }),
  );
  const imported = await until(() =>
    scan('again').then(
      (items) => items.length === 36 && items,
      () => undefined,
    ),
  );
  expect(imported).toEqual(states[2]);

  const below = await outport('s3://lake/exports', '--as', 'dynamodb-json', '--out', path.join(folder.path, 'below'));
  expect(below.stdout).toContain('36 items as of');
  expect(below.stdout).toContain('of 3 exports');

  const gap = outport(`${folders[0]}`, `${folders[2]}`, '--as', 'parquet', '--out', path.join(folder.path, 'gap'));
  await expect(gap).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('There is a gap between the state at'),
  });
});
