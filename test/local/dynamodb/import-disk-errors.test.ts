import { rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CreateTableCommandInput,
  DescribeImportCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ImportTableCommand,
  type ImportTableDescription,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, expect, test, vi } from 'vitest';
import { Store } from '../../../src/local/dynamodb/store.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { COMPOSITE_KEY, dynamoDbClient, startLocalDynamoDb, startWithBucket } from './support/local-dynamodb.ts';
import { until } from './support/until.ts';

const folder = temporaryDirectory();
const full = path.join(folder.path, 'full');
afterEach(() => vi.restoreAllMocks());

/** Larger than what sorting keeps in memory beside five indexes, and than a few writes to the store. */
const ITEMS = 60;
const items = Array.from({ length: ITEMS }, (_, n) =>
  JSON.stringify({ Item: { pk: { S: `p${n}` }, sk: { N: '1' }, text: { S: 'x'.repeat(350_000) } } }),
).join('\n');

/** The workers of the build; the one that sorts has a full disk as long as the file `full` is there. */
function workersOnFullDisk(): string {
  const built = (name: string) => JSON.stringify(pathToFileURL(path.resolve('build/cli', name)).href);
  for (const name of ['export-worker.mjs', 'import-worker.mjs'])
    writeFileSync(path.join(folder.path, name), `await import(${built(name)});`);
  writeFileSync(
    path.join(folder.path, 'import-sort-worker.mjs'),
    `import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { writeSync } = fs;
    fs.writeSync = (...args) => {
      if (!fs.existsSync(${JSON.stringify(full)})) return writeSync(...args);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    syncBuiltinESMExports();
    await import(${built('import-sort-worker.mjs')});`,
  );
  return path.join(folder.path, 'export-worker.mjs');
}

const INDEX_NAMES = ['one', 'two', 'three', 'four', 'five'];
const table = (TableName: string) =>
  ({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    ...COMPOSITE_KEY,
    GlobalSecondaryIndexes: INDEX_NAMES.map((IndexName) => ({
      IndexName,
      KeySchema: [{ AttributeName: 'sk', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    })),
  }) satisfies CreateTableCommandInput;

async function startImport(client: DynamoDBClient, TableName: string): Promise<string> {
  const { ImportTableDescription } = await client.send(
    new ImportTableCommand({
      S3BucketSource: { S3Bucket: 'imports' },
      InputFormat: 'DYNAMODB_JSON',
      TableCreationParameters: table(TableName),
    }),
  );
  return ImportTableDescription?.ImportArn ?? '';
}

const importEnded = (client: DynamoDBClient, ImportArn: string): Promise<ImportTableDescription> =>
  until(async () => {
    const { ImportTableDescription } = await client.send(new DescribeImportCommand({ ImportArn }));
    return ImportTableDescription?.ImportStatus !== 'IN_PROGRESS' && ImportTableDescription;
  });

async function started(directory: string) {
  const { client, s3, close } = await startWithBucket('imports', { directory, workerFile: workersOnFullDisk() });
  await s3.send(new PutObjectCommand({ Bucket: 'imports', Key: 'items', Body: items }));
  return { client, close };
}

const diskError = () => Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' });

/** Lets the store write one batch of an import, and none after it. */
function failAfterOneWrite() {
  const { load } = Store.prototype;
  return vi
    .spyOn(Store.prototype, 'load')
    .mockRejectedValue(diskError())
    .mockImplementationOnce(function (this: Store, rows) {
      return load.call(this, rows);
    });
}

/** That the table has nothing, says so, and works. */
async function expectEmpty(client: DynamoDBClient, TableName: string): Promise<void> {
  const scanned = await client.send(new ScanCommand({ TableName }));
  expect(scanned.Items).toEqual([]);
  for (const IndexName of INDEX_NAMES) {
    expect((await client.send(new ScanCommand({ TableName, IndexName }))).Count).toBe(0);
  }
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({ TableStatus: 'ACTIVE', ItemCount: 0, TableSizeBytes: 0 });

  const Item = { pk: { S: 'p1' }, sk: { N: '1' } };
  await client.send(new PutItemCommand({ TableName, Item }));
  expect((await client.send(new ScanCommand({ TableName, IndexName: 'one' }))).Items).toEqual([Item]);
}

test('a disk that is full while items are sorted ends the import with the reason, an empty table and nothing left', async () => {
  const directory = path.join(folder.path, 'sorting');
  const { client, close } = await started(directory);
  writeFileSync(full, '');
  const failed = await importEnded(client, await startImport(client, 'Failed'));
  rmSync(full);

  expect(failed).toMatchObject({
    ImportStatus: 'FAILED',
    FailureCode: 'InternalServerError',
    FailureMessage: 'The objects could not be imported: ENOSPC: no space left on device, write',
    ImportedItemCount: 0,
  });
  await expectEmpty(client, 'Failed');
  const jobId = failed.ImportArn?.split('/').at(-1) ?? '';
  expect(await readdir(path.join(directory, 'dynamodb/imports', jobId)).catch(() => [])).toEqual([]);

  const again = await importEnded(client, await startImport(client, 'Again'));
  expect(again).toMatchObject({ ImportStatus: 'COMPLETED', ImportedItemCount: ITEMS });
  await close();
});

test('a disk that fails while the table is written ends the import, and what was written before is taken back', async () => {
  const { client, close } = await started(path.join(folder.path, 'writing'));
  const load = failAfterOneWrite();
  const failed = await importEnded(client, await startImport(client, 'Failed'));

  expect(load.mock.calls.length).toBeGreaterThan(1);
  expect(failed).toMatchObject({
    ImportStatus: 'FAILED',
    FailureMessage: 'The objects could not be imported: EIO: i/o error, write',
    ProcessedItemCount: ITEMS,
    ImportedItemCount: 0,
  });
  await expectEmpty(client, 'Failed');
  await close();
});

test('an import whose table could not even be emptied has not ended, and is begun again by the next start', async () => {
  const directory = path.join(folder.path, 'emptying');
  const before = await started(directory);
  failAfterOneWrite();
  const clear = vi.spyOn(Store.prototype, 'clear').mockRejectedValueOnce(diskError());
  const log = vi.spyOn(console, 'error');
  const importArn = await startImport(before.client, 'Resumed');
  await until(async () => log.mock.calls.some(([what]) => what === `outport: import ${importArn} could not be ended`));
  expect(clear).toHaveBeenCalledOnce();
  vi.restoreAllMocks();
  const { Table } = await before.client.send(new DescribeTableCommand({ TableName: 'Resumed' }));
  expect(Table?.TableStatus).toBe('CREATING');
  await before.close();

  const plane = await startLocalDynamoDb({ directory });
  const client = dynamoDbClient(plane.endpoint);
  expect(await importEnded(client, importArn)).toMatchObject({ ImportStatus: 'COMPLETED', ImportedItemCount: ITEMS });
  expect((await client.send(new DescribeTableCommand({ TableName: 'Resumed' }))).Table?.ItemCount).toBe(ITEMS);
  client.destroy();
  await plane.close();
});
