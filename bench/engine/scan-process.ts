/**
 * Scans segments of a table through the AWS SDK into gzip files, as people do who read a table to export it, and
 * reports what it took. A process of its own, started by `scan.ts`, as the SDK is bound by the CPU of one thread.
 */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { type Run, timed } from '../measure.ts';
import type { ScanMessage } from './scan.ts';

// The SDK warns of Node 20 at every start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

process.on('message', async (message: ScanMessage) => process.send?.(await scan(message)));

async function scan({ endpoint, segments, totalSegments, folder }: ScanMessage): Promise<Run> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const run = await timed(() =>
    Promise.all(
      segments.map((segment) =>
        pipeline(
          scanLines(client, segment, totalSegments),
          createGzip({ level: 1 }),
          createWriteStream(`${folder}/scan-${segment}.json.gz`),
        ),
      ),
    ),
  );
  client.destroy();
  return run;
}

async function* scanLines(client: DynamoDBClient, segment: number, totalSegments: number): AsyncGenerator<string> {
  const pages = paginateScan({ client }, { TableName: 'orders', Segment: segment, TotalSegments: totalSegments });
  for await (const page of pages) {
    yield (page.Items ?? []).map((item) => `${JSON.stringify({ Item: item })}\n`).join('');
  }
}
