/**
 * How fast ImportTable loads a table: orders as an export has them, without and with an index, beside reading the same
 * objects with `gzip -d` alone.
 *
 *   npm run bench:imports -- [--items N] [--rounds N] [--json FILE]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  DeleteTableCommand,
  DescribeImportCommand,
  DynamoDBClient,
  ImportTableCommand,
  type TableCreationParameters,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openDataPlane } from '../../src/local/data-plane.ts';
import { Orders } from '../engine/orders.ts';
import { format, spread, type Table } from '../engine/report.ts';
import { WORKER_FILE } from '../engine/tables.ts';
import { interleaved, type Run, timed } from '../measure.ts';

const BUCKET = 'imports';
const OBJECTS = 4;
/** Each look is a call that is served and recorded beside the import. */
const POLL_MS = 100;
const MB = 1e6;

const BY_STATUS = {
  IndexName: 'ByStatus',
  KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' as const }],
  Projection: { ProjectionType: 'KEYS_ONLY' as const },
};

// The SDK warns of Node 20 at every start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const items = Number(values.items);
const rounds = Number(values.rounds);
if (!(Number.isInteger(items) && items >= OBJECTS)) throw new Error(`--items is ${OBJECTS} or more`);
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new Error('--rounds is 1 or more');

const folder = await mkdtemp(path.join(os.tmpdir(), 'outport-bench-imports-'));
const plane = await openDataPlane({ directory: folder, port: 0, workerFile: WORKER_FILE });
const aws = {
  endpoint: plane.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' },
  forcePathStyle: true,
};
const dynamodb = new DynamoDBClient(aws);
try {
  const { objects, logicalBytes } = await putOrders();
  const work = new Map<string, () => Promise<Run>>([
    ['gzip -d alone, one thread', () => timed(async () => objects.forEach((object) => void gunzipSync(object)))],
    ['ImportTable', () => timedImport({})],
    ['ImportTable, an index', () => timedImport({ GlobalSecondaryIndexes: [BY_STATUS] })],
  ]);
  const runsOf = await interleaved(rounds, work);
  const table: Table = {
    title: `Loading ${items.toLocaleString('en')} orders, ${Math.round(logicalBytes / MB)} MB of DynamoDB JSON in gzip`,
    notes: [
      `Median of ${rounds} rounds (min–max) on ${os.availableParallelism()} cores. Orders lie at random over ${OBJECTS} objects.`,
      'A core-second is one of CPU time of the whole process, its threads, the store and the calls that watch the import included.',
    ],
    rows: [...work.keys()].map((name) => ({
      '': name,
      'wall s': spread(runsOf(name).map((run) => run.wallSeconds)),
      'items/s': spread(runsOf(name).map((run) => items / run.wallSeconds)),
      'items a core-second': spread(runsOf(name).map((run) => items / run.cpuSeconds)),
    })),
  };
  console.log(format(table));
  if (values.json) await writeFile(values.json, `${JSON.stringify({ items, rounds, table }, null, 2)}\n`);
} finally {
  dynamodb.destroy();
  await plane.close();
  await rm(folder, { recursive: true });
}

async function putOrders(): Promise<{ objects: readonly Buffer[]; logicalBytes: number }> {
  const s3 = new S3Client(aws);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const orders = new Orders({ count: items, small: false });
  const sequence = orders.uniform();
  const objects: Buffer[] = [];
  let logicalBytes = 0;
  for (let object = 0; object < OBJECTS; object++) {
    const numbers = sequence.subarray((object * items) / OBJECTS, ((object + 1) * items) / OBJECTS);
    const lines = Buffer.concat(
      Array.from(numbers, (order) => Buffer.from(`{"Item":${orders.images(order, 1)[0]}}\n`)),
    );
    logicalBytes += lines.length;
    const Body = gzipSync(lines, { level: 1 });
    objects.push(Body);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `orders/${object}.json.gz`, Body }));
  }
  s3.destroy();
  return { objects, logicalBytes };
}

async function timedImport(indexes: Partial<TableCreationParameters>): Promise<Run> {
  const TableName = 'orders';
  const run = await timed(async () => {
    const { ImportTableDescription: begun } = await dynamodb.send(
      new ImportTableCommand({
        S3BucketSource: { S3Bucket: BUCKET, S3KeyPrefix: 'orders/' },
        InputFormat: 'DYNAMODB_JSON',
        InputCompressionType: 'GZIP',
        TableCreationParameters: {
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: ['shop', 'order', ...(indexes.GlobalSecondaryIndexes ? ['status'] : [])].map(
            (AttributeName) => ({ AttributeName, AttributeType: 'S' }),
          ),
          KeySchema: [
            { AttributeName: 'shop', KeyType: 'HASH' },
            { AttributeName: 'order', KeyType: 'RANGE' },
          ],
          ...indexes,
        },
      }),
    );
    for (;;) {
      const { ImportTableDescription: now } = await dynamodb.send(
        new DescribeImportCommand({ ImportArn: begun?.ImportArn }),
      );
      if (now?.ImportStatus === 'COMPLETED') return;
      if (now?.ImportStatus !== 'IN_PROGRESS') throw new Error(`${now?.FailureCode}: ${now?.FailureMessage}`);
      await sleep(POLL_MS);
    }
  });
  await dynamodb.send(new DeleteTableCommand({ TableName }));
  return run;
}
