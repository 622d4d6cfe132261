/**
 * The main job on real data, from an empty table to a proven export. See "See it work" in README.md.
 *
 *   node build/cli/demo.mjs [--data DIR]
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CloudTrailClient, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import { DeleteTableCommand, DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { progressBar } from '../src/cli/progress-bar.ts';
import { cities } from './cities.ts';
import { createTable, deleteAll, growAll, putAll } from './load.ts';
import { type Addresses, graphql, startOutport, subscribe } from './outport.ts';
import { prove } from './prove.ts';

const BUCKET = 'outport-demo';
const TABLE_PREFIX = 'cities-';
const CHANGED = 1_000;
const DELETED = 500;
/** About what the cities take as an export, for the progress bar: nobody knows the compressed size before the end. */
const EXPECTED_BYTES = 5_000_000;

interface Export {
  readonly id: string;
  readonly status: 'QUEUED' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELED';
  readonly itemCount: number | null;
  readonly exportManifest: string | null;
  readonly progress: { readonly filesWritten: number; readonly bytesWritten: number } | null;
  readonly failure: { readonly code: string; readonly message: string; readonly remedy: string } | null;
}

interface AuditEvent {
  readonly eventTime: string;
  readonly source: string;
  readonly eventName: string;
  readonly outcome: string;
  readonly decision: string | null;
  readonly policyIds: readonly string[];
  readonly principal: string | null;
  readonly principalName: string | null;
  readonly errorCode: string | null;
}

const EXPORT_TABLE = /* GraphQL */ `
  mutation ($input: ExportTableInput!) {
    exportTable(input: $input) {
      export { id status }
      userErrors { code field message remedy }
    }
  }
`;

const EXPORT_UPDATED = /* GraphQL */ `
  subscription ($id: ID!) {
    exportUpdated(id: $id) {
      id
      status
      itemCount
      exportManifest
      progress { filesWritten bytesWritten }
      failure { code message remedy }
    }
  }
`;

const AUDIT_EVENTS = /* GraphQL */ `
  query ($exportId: ID!) {
    auditEvents(first: 100, filter: { exportId: $exportId }) {
      nodes { eventTime source eventName outcome decision policyIds principal principalName errorCode }
    }
  }
`;

// The SDK warns of Node 20 at every start, which is not this demo's story.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { values } = parseArgs({ options: { data: { type: 'string', default: '.outport-demo' } } });
const dataDirectory = path.resolve(values.data);
const startedAt = performance.now();

say(`Starting Outport on ${dataDirectory}`);
const outport = await startOutport(dataDirectory);
try {
  await run(outport);
} finally {
  await outport.stop();
}

async function run(addresses: Addresses): Promise<void> {
  const aws = {
    endpoint: addresses.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' },
  };
  const dynamodb = new DynamoDBClient(aws);
  const s3 = new S3Client(aws);
  await removeEarlierTables(dynamodb);
  await createBucket(s3);

  const tableName = `${TABLE_PREFIX}${Date.now().toString(36)}`;
  const tableArn = await createTable(dynamodb, tableName);
  say(`Table ${tableName}, point-in-time recovery on`);

  const bar = progressBar('writing  ');
  const writingSince = performance.now();
  await putAll(dynamodb, tableName, cities, (written) => bar.update(written / cities.length, `${written} cities`));
  const writeSeconds = secondsSince(writingSince);
  bar.done(`${cities.length} cities in ${writeSeconds.toFixed(1)} s`);

  const exportTime = await nextWholeSecond();
  say(`T = ${exportTime}`);

  const victims = cities.slice(0, CHANGED + DELETED);
  await growAll(dynamodb, tableName, victims.slice(0, CHANGED));
  await deleteAll(dynamodb, tableName, victims.slice(CHANGED));
  say(`Changed ${CHANGED} items and deleted ${DELETED} after T`);

  const finished = await exportAsOf(addresses, tableArn, exportTime);
  if (finished.status !== 'COMPLETED' || finished.exportManifest === null) {
    throw new Error(`the export ended ${finished.status}: ${JSON.stringify(finished.failure)}`);
  }

  const proof = await prove(s3, BUCKET, finished.exportManifest, cities);
  say(`Verified: ${proof.objects} objects, ${proof.dataFiles} data files, ${proof.items} items, each as it was at T`);
  say(`Files: ${path.join(dataDirectory, 's3', BUCKET, path.dirname(finished.exportManifest))}`);
  await printAuditTrail(addresses, finished.id);
  await printCloudTrail(new CloudTrailClient(aws), tableArn);

  const seconds = secondsSince(startedAt).toFixed(1);
  console.log(`demo: ${proof.items} items exported as of ${exportTime}, verified, ${seconds} s`);
}

/** Starts the export over HTTP, follows it over WebSocket and returns it as it ended. */
async function exportAsOf(addresses: Addresses, tableArn: string, exportTime: string): Promise<Export> {
  const { exportTable } = await graphql<{
    exportTable: { export: { id: string } | null; userErrors: readonly unknown[] };
  }>(addresses, EXPORT_TABLE, {
    input: { tableArn, exportTime, destination: { bucket: BUCKET, prefix: 'demo' }, clientToken: crypto.randomUUID() },
  });
  if (exportTable.export === null) throw new Error(`exportTable refused: ${JSON.stringify(exportTable.userErrors)}`);
  say(`Export ${exportTable.export.id} of the table as it was at T`);

  const bar = progressBar('exporting');
  const exportingSince = performance.now();
  let last: Export | undefined;
  for await (const { exportUpdated } of subscribe<{ exportUpdated: Export }>(addresses, EXPORT_UPDATED, {
    id: exportTable.export.id,
  })) {
    last = exportUpdated;
    const { filesWritten = 0, bytesWritten = 0 } = last.progress ?? {};
    bar.update(bytesWritten / EXPECTED_BYTES, `${last.status}, ${filesWritten} files, ${bytesWritten} bytes`);
  }
  if (last === undefined) throw new Error('the subscription ended without an update');
  bar.done(`${last.status}, ${last.itemCount ?? 0} items in ${secondsSince(exportingSince).toFixed(1)} s`);
  return last;
}

async function printAuditTrail(addresses: Addresses, exportId: string): Promise<void> {
  const { auditEvents } = await graphql<{ auditEvents: { nodes: readonly AuditEvent[] } }>(addresses, AUDIT_EVENTS, {
    exportId,
  });
  say('Audit trail:');
  for (const event of auditEvents.nodes.toReversed()) {
    const decided = event.decision && `${event.decision} by ${event.policyIds.join(', ') || 'default'}`;
    const who = event.principalName ?? event.principal;
    const line = [event.eventTime, event.source, event.eventName, event.outcome, who, decided, event.errorCode];
    say(`  ${line.filter(Boolean).join('  ')}`);
  }
}

/** The same export as the account's owner sees it: who called DynamoDB, in whose name. */
async function printCloudTrail(cloudTrail: CloudTrailClient, tableArn: string): Promise<void> {
  say('What CloudTrail saw:');
  const lookup = { LookupAttributes: [{ AttributeKey: 'ResourceName' as const, AttributeValue: tableArn }] };
  for await (const page of paginateLookupEvents({ client: cloudTrail }, lookup)) {
    for (const { CloudTrailEvent: text } of page.Events ?? []) {
      const event = JSON.parse(text ?? '{}');
      if (event.eventName !== 'ExportTableToPointInTime') continue;
      say(`  ${event.eventTime}  ${event.eventSource}  ${event.eventName}  ${event.userIdentity.arn}`);
    }
  }
}

async function removeEarlierTables(dynamodb: DynamoDBClient): Promise<void> {
  for await (const page of paginateListTables({ client: dynamodb }, {})) {
    for (const name of page.TableNames ?? []) {
      if (name.startsWith(TABLE_PREFIX)) await dynamodb.send(new DeleteTableCommand({ TableName: name }));
    }
  }
}

async function createBucket(s3: S3Client): Promise<void> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: BUCKET }));
  } catch {
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  }
}

/** Exports are asked for by the second: the first whole second after everything written so far, once it has passed. */
async function nextWholeSecond(): Promise<string> {
  const second = Math.ceil(Date.now() / 1000) * 1000;
  while (Date.now() <= second) await sleep(second + 1 - Date.now());
  return new Date(second).toISOString().replace('.000Z', 'Z');
}

function say(text: string): void {
  console.log(text);
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
