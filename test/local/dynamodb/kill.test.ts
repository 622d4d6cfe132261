import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  BatchWriteItemCommand,
  DescribeContinuousBackupsCommand,
  DescribeImportCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ImportTableCommand,
  PutItemCommand,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { rolldown } from 'rolldown';
import { beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { ended, listKeys, readExport, startExport } from './support/exported.ts';
import { createTable, dynamoDbClient, enableRecovery, s3Client } from './support/local-dynamodb.ts';
import { until } from './support/until.ts';

/** Within the project, so that the packages it leaves outside are found. */
const PROGRAM = path.resolve('build/test/data-plane-process.mjs');
const WORKER_FILE = path.resolve('build/cli/export-worker.mjs');

const folder = temporaryDirectory();

beforeAll(async () => {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('./support/data-plane-process.ts', import.meta.url)),
    platform: 'node',
    external: [/^[^./]/],
  });
  await bundle.write({ file: PROGRAM, format: 'esm' });
});

async function startProcess(directory: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawn(process.execPath, [PROGRAM, directory, WORKER_FILE], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const endpoint of createInterface({ input: child.stdout })) return { child, endpoint };
  throw new Error('The process ended before it served.');
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const ITEMS = 40;
const itemOf = (n: number, value: number) => ({
  pk: { S: `item${n}` },
  sk: { N: '1' },
  group: { S: `group${value % 3}` },
  value: { N: String(value) },
});

/** Writes ever higher values until the process is killed; returns the highest acknowledged value of each item. */
async function writeUntilKilled(
  client: DynamoDBClient,
  acknowledgements: number,
  child: ChildProcess,
): Promise<number[]> {
  const acknowledged = new Array<number>(ITEMS).fill(0);
  let count = 0;
  const killed = once(child, 'exit');
  const writers = Array.from({ length: ITEMS }, async (_, n) => {
    for (let value = 1; ; value += 1) {
      const put = client.send(new PutItemCommand({ TableName: 'Lasting', Item: itemOf(n, value) }));
      if (
        !(await put.then(
          () => true,
          () => false,
        ))
      )
        return;
      acknowledged[n] = value;
      count += 1;
      if (count === acknowledgements) child.kill('SIGKILL');
    }
  });
  await Promise.all([killed, ...writers]);
  return acknowledged;
}

type Found = Map<string | undefined, object>;

async function scan(client: DynamoDBClient): Promise<Found> {
  const found: Found = new Map();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: 'Lasting' })) {
    for (const item of Items) found.set(item.pk?.S, item);
  }
  return found;
}

async function readIndex(client: DynamoDBClient): Promise<Found> {
  const indexed: Found = new Map();
  for (const group of ['group0', 'group1', 'group2']) {
    const query = {
      TableName: 'Lasting',
      IndexName: 'ByGroup',
      KeyConditionExpression: '#group = :group',
      ExpressionAttributeNames: { '#group': 'group' },
      ExpressionAttributeValues: { ':group': { S: group } },
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) {
      for (const item of Items) indexed.set(item.pk?.S, item);
    }
  }
  return indexed;
}

test('a process killed while it writes loses nothing it acknowledged, in the table, its index or its backups', async () => {
  const directory = path.join(folder.path, 'writes');
  let running = await startProcess(directory);
  let client = dynamoDbClient(running.endpoint);
  const { arn: TableArn } = await createTable(client, 'Lasting', {
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
      { AttributeName: 'group', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'ByGroup',
        KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  await enableRecovery(client, 'Lasting');
  await s3Client(running.endpoint).send(new CreateBucketCommand({ Bucket: 'exports' }));

  for (const acknowledgements of [1, 90, 400, 7]) {
    const acknowledged = await writeUntilKilled(client, acknowledgements, running.child);
    client.destroy();
    running = await startProcess(directory);
    client = dynamoDbClient(running.endpoint);

    const found = await scan(client);
    for (const [n, value] of acknowledged.entries()) {
      // The write that was under way when the process died may have been committed as well.
      if (value > 0) expect([itemOf(n, value), itemOf(n, value + 1)]).toContainEqual(found.get(`item${n}`));
    }
    expect(await readIndex(client)).toEqual(found);
    const { ExportArn } = await startExport(client, { TableArn, S3Bucket: 'exports' });
    const { ExportManifest = '' } = await ended(client, ExportArn);
    const { items } = await readExport(s3Client(running.endpoint), 'exports', ExportManifest);
    expect(new Map(items.map((item) => [item.pk?.S, item]))).toEqual(found);
  }
  client.destroy();
  await kill(running.child);
});

test('recovery whose enabling is killed is off or on at the next start, and can be enabled then', async () => {
  const directory = path.join(folder.path, 'enabling');
  const first = await startProcess(directory);
  const client = dynamoDbClient(first.endpoint);
  await createTable(client, 'Lasting');
  for (let start = 0; start < 2000; start += 25) {
    const writes = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: itemOf(start + n, 1) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { Lasting: writes } }));
  }
  const enabling = enableRecovery(client, 'Lasting').catch(() => undefined);
  // Answered while recovery is being enabled: the call above has arrived by then.
  await client.send(new DescribeContinuousBackupsCommand({ TableName: 'Lasting' }));
  await kill(first.child);
  await enabling;
  client.destroy();

  const second = await startProcess(directory);
  const after = dynamoDbClient(second.endpoint);
  const s3 = s3Client(second.endpoint);
  await enableRecovery(after, 'Lasting');
  await s3.send(new CreateBucketCommand({ Bucket: 'exports' }));
  const TableArn = 'arn:aws:dynamodb:eu-north-1:111122223333:table/Lasting';
  const { ExportArn } = await startExport(after, { TableArn, S3Bucket: 'exports' });
  expect(await ended(after, ExportArn)).toMatchObject({ ExportStatus: 'COMPLETED', ItemCount: 2000 });
  after.destroy();
  s3.destroy();
  await kill(second.child);
});

test.each([0, 1, 3, 5])(
  'an export whose process is killed when %i of its objects exist is completed by the next',
  async (objects) => {
    const directory = path.join(folder.path, `export-${objects}`);
    const first = await startProcess(directory);
    const client = dynamoDbClient(first.endpoint);
    const s3 = s3Client(first.endpoint);
    const { arn } = await createTable(client, 'Exported');
    await enableRecovery(client, 'Exported');
    for (let start = 0; start < 500; start += 25) {
      const writes = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: itemOf(start + n, 1) } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { Exported: writes } }));
    }
    await s3.send(new CreateBucketCommand({ Bucket: 'exports' }));
    const { ExportArn } = await startExport(client, { TableArn: arn, S3Bucket: 'exports' });
    while ((await listKeys(s3, 'exports')).length < objects);
    await kill(first.child);
    client.destroy();
    s3.destroy();

    const second = await startProcess(directory);
    const after = dynamoDbClient(second.endpoint);
    const bucket = s3Client(second.endpoint);
    const { ExportStatus, ExportManifest = '', ItemCount } = await ended(after, ExportArn);
    expect({ ExportStatus, ItemCount }).toEqual({ ExportStatus: 'COMPLETED', ItemCount: 500 });
    const { files, items } = await readExport(bucket, 'exports', ExportManifest);
    expect(new Set(items.map(({ pk }) => pk?.S)).size).toBe(500);
    // No data file but those of the manifest: readers of the folder would count its items twice.
    const keys = await listKeys(bucket, 'exports');
    expect(keys.filter((key) => key.includes('/data/')).sort()).toEqual(files.map((file) => file.dataFileS3Key).sort());
    expect(keys).toHaveLength(files.length + 5);
    after.destroy();
    bucket.destroy();
    await kill(second.child);
  },
);

test.each(['ProcessedItemCount', 'ImportedItemCount'] as const)(
  'an import that was killed once it had a %s ends with every item once',
  async (progress) => {
    const directory = path.join(folder.path, progress);
    const first = await startProcess(directory);
    const s3 = s3Client(first.endpoint);
    const client = dynamoDbClient(first.endpoint);
    await s3.send(new CreateBucketCommand({ Bucket: 'imports' }));
    const count = 60_000;
    const lines = Array.from({ length: count }, (_, n) => `${JSON.stringify({ Item: itemOf(n, n) })}\n`);
    await s3.send(new PutObjectCommand({ Bucket: 'imports', Key: 'items.json', Body: lines.join('') }));
    const { ImportTableDescription: begun } = await client.send(
      new ImportTableCommand({
        S3BucketSource: { S3Bucket: 'imports' },
        InputFormat: 'DYNAMODB_JSON',
        TableCreationParameters: {
          TableName: 'Imported',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'group', AttributeType: 'S' },
          ],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          GlobalSecondaryIndexes: [
            {
              IndexName: 'ByGroup',
              KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          ],
        },
      }),
    );
    const ImportArn = begun?.ImportArn;
    await until(async () => {
      const { ImportTableDescription } = await client.send(new DescribeImportCommand({ ImportArn }));
      return (ImportTableDescription?.[progress] ?? 0) > 0;
    });
    await kill(first.child);
    client.destroy();
    s3.destroy();

    const second = await startProcess(directory);
    const again = dynamoDbClient(second.endpoint);
    const ended = await until(async () => {
      const { ImportTableDescription } = await again.send(new DescribeImportCommand({ ImportArn }));
      return ImportTableDescription?.ImportStatus !== 'IN_PROGRESS' && ImportTableDescription;
    });
    expect(ended).toMatchObject({ ImportStatus: 'COMPLETED', ImportedItemCount: count, ErrorCount: 0 });
    const { Table } = await again.send(new DescribeTableCommand({ TableName: 'Imported' }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      ItemCount: count,
      GlobalSecondaryIndexes: [{ IndexStatus: 'ACTIVE', ItemCount: count }],
    });
    again.destroy();
    await kill(second.child);
  },
);
