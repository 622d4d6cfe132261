/**
 * A point-in-time export beside what people do without one: a parallel Scan through the AWS SDK into gzip files.
 * Both read the same table of the same running Outport, in turns; medians and their ratio are what counts, as
 * machines are noisy.
 *
 *   npm run bench -- [--items N] [--rounds N]
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import {
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { cities } from '../demo/cities.ts';
import { createTable, putAll } from '../demo/load.ts';
import { startOutport } from '../demo/outport.ts';
import { median, timed } from './measure.ts';

const BUCKET = 'bench';
const SCAN_SEGMENTS = 4;
const POLL_MS = 10;

// The SDK warns of Node 20 at every start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { values } = parseArgs({
  options: { items: { type: 'string', default: String(cities.length) }, rounds: { type: 'string', default: '5' } },
});
const items = cities.slice(0, Number(values.items));
const rounds = Number(values.rounds);

const directory = await mkdtemp(path.join(os.tmpdir(), 'outport-bench-'));
const outport = await startOutport(path.join(directory, 'data'));
try {
  const aws = {
    endpoint: outport.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' },
  };
  const dynamodb = new DynamoDBClient(aws);
  await new S3Client(aws).send(new CreateBucketCommand({ Bucket: BUCKET }));
  const tableArn = await createTable(dynamodb, 'cities');
  const load = await timed(() => putAll(dynamodb, 'cities', items, () => {}));
  console.log(`${items.length} items written in ${load.wallSeconds.toFixed(1)} s, ${rounds} rounds of each`);

  const exports: number[] = [];
  const scans: number[] = [];
  for (let round = 0; round < rounds; round++) {
    exports.push((await timed(() => exportTable(dynamodb, tableArn))).wallSeconds);
    scans.push((await timed(() => scanToFiles(dynamodb, 'cities', directory))).wallSeconds);
  }
  report('ExportTableToPointInTime', exports);
  report(`Scan, ${SCAN_SEGMENTS} segments, gzip`, scans);
  console.log(`export / scan: ${(median(exports) / median(scans)).toFixed(3)}`);
} finally {
  await outport.stop();
  await rm(directory, { recursive: true });
}

async function exportTable(dynamodb: DynamoDBClient, tableArn: string): Promise<void> {
  const { ExportDescription: started } = await dynamodb.send(
    new ExportTableToPointInTimeCommand({ TableArn: tableArn, S3Bucket: BUCKET }),
  );
  for (;;) {
    const { ExportDescription: now } = await dynamodb.send(
      new DescribeExportCommand({ ExportArn: started?.ExportArn }),
    );
    if (now?.ExportStatus === 'COMPLETED') return;
    if (now?.ExportStatus === 'FAILED') throw new Error(`${now.FailureCode}: ${now.FailureMessage}`);
    await sleep(POLL_MS);
  }
}

async function scanToFiles(dynamodb: DynamoDBClient, tableName: string, folder: string): Promise<void> {
  await Promise.all(
    Array.from({ length: SCAN_SEGMENTS }, (_, segment) =>
      pipeline(
        scanLines(dynamodb, tableName, segment),
        createGzip(),
        createWriteStream(path.join(folder, `scan-${segment}.json.gz`)),
      ),
    ),
  );
}

async function* scanLines(dynamodb: DynamoDBClient, tableName: string, segment: number): AsyncGenerator<string> {
  const pages = paginateScan(
    { client: dynamodb },
    { TableName: tableName, Segment: segment, TotalSegments: SCAN_SEGMENTS },
  );
  for await (const page of pages) {
    yield (page.Items ?? []).map((item) => `${JSON.stringify({ Item: item })}\n`).join('');
  }
}

function report(name: string, seconds: readonly number[]): void {
  const sorted = seconds.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN];
  console.log(
    `${name.padEnd(28)} min ${min.toFixed(2)} s  median ${median(seconds).toFixed(2)} s  max ${max.toFixed(2)} s`,
  );
}
