/**
 * What a page of `exports` costs where there are few exports and where there are many: the queries that DynamoDB is
 * asked, the items that it reads, and the time. Ends with 1 when a page costs more queries where there are more exports, or
 * more items than one query reads in advance where a part of the filter has no index of its own.
 *
 *   npm run bench:exports -- [--few N] [--many N]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openDataPlane } from '../../src/local/data-plane.ts';
import { EVERY_EXPORT, type ExportFilter, type ExportsPage, listExports } from '../../src/services/list-exports.ts';
import { createPermit } from '../../src/services/permit.ts';
import { median, timed } from '../measure.ts';
import { createdAtOf, importHistory, personOf, tableArnOf, teamOf } from './history.ts';

/** Few enough for a page to be full of every filter's exports where there are few. */
const PAGE_ITEMS = 2;
const ROUNDS = 20;
/** Items of the query that follows one whose items did not fit: see `readHistory`. */
const READ_IN_ADVANCE = 100;
const VIEWER = { issuer: 'https://id.example', subject: 'viewer', name: null, teams: ['platform'] };

const FILTERS: ReadonlyArray<readonly [string, Partial<ExportFilter>]> = [
  ['everything', {}],
  ['a table', { tableArn: tableArnOf(3) }],
  ['a person', { requestedBy: personOf(7) }],
  ['a team', { team: teamOf(2) }],
  ['a status', { status: 'CANCELED' }],
  ['a rare status', { status: 'FAILED' }],
  ['a type', { exportType: 'FULL_EXPORT' }],
  ['a team and a type', { team: teamOf(2), exportType: 'FULL_EXPORT' }],
  ['a person and a status', { requestedBy: personOf(7), status: 'CANCELED' }],
  ['a time', { createdFrom: createdAtOf(80), createdBefore: createdAtOf(20) }],
];

/** What lists need of Outport. */
type Lists = Parameters<typeof listExports>[0];

interface PageCost {
  readonly queries: number;
  readonly items: number;
  readonly milliseconds: number;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: { few: { type: 'string', default: '100' }, many: { type: 'string', default: '100000' } },
});
const counts = [Number(values.few), Number(values.many)];

const directory = await mkdtemp(path.join(os.tmpdir(), 'outport-bench-'));
const workerFile = path.join(root, 'build/cli/export-worker.mjs');
const dataPlane = await openDataPlane({ directory, port: 0, workerFile });
try {
  // The SDK reads its settings from the process, as it does in Lambda.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: dataPlane.endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: '999999999999',
    AWS_SECRET_ACCESS_KEY: 'outport',
  });
  const aws = { dynamodb: new DynamoDBClient(), s3: new S3Client() };
  const documents = DynamoDBDocumentClient.from(aws.dynamodb);
  const permit = createPermit(path.join(root, 'policies'));
  const costs = new Map<string, PageCost[]>();
  for (const count of counts) {
    const name = `exports-${count}`;
    const { wallSeconds } = await timed(() => importHistory(aws, name, count));
    console.log(`${count} exports imported in ${wallSeconds.toFixed(1)} s`);
    const lists = { table: { client: documents, name }, permit };
    for (const [page, cost] of await costOfPages(lists)) costs.set(page, [...(costs.get(page) ?? []), cost]);
  }
  process.exitCode = report(costs) ? 0 : 1;
} finally {
  await dataPlane.close();
  await rm(directory, { recursive: true });
}

async function costOfPages(lists: Lists): Promise<Map<string, PageCost>> {
  const costs = new Map<string, PageCost>();
  for (const [name, restriction] of FILTERS) {
    for (const order of ['NEWEST_FIRST', 'OLDEST_FIRST'] as const) {
      const filter = { ...EVERY_EXPORT, ...restriction };
      const first: ExportsPage = { first: PAGE_ITEMS, after: null, order };
      const { endPosition } = await listExports(lists, VIEWER, filter, first);
      costs.set(`${name}, ${order}`, await costOf(lists, filter, first));
      costs.set(`${name}, ${order}, next`, await costOf(lists, filter, { ...first, after: endPosition }));
    }
  }
  return costs;
}

async function costOf(lists: Lists, filter: ExportFilter, page: ExportsPage): Promise<PageCost> {
  const counted = { queries: 0, items: 0 };
  const client = new DynamoDBClient();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      counted.queries += 1;
      // Nothing is filtered in DynamoDB: what it returns is what it has read.
      if ('Count' in result.output) counted.items += Number(result.output.Count);
      return result;
    },
    { step: 'initialize', name: 'count-reads' },
  );
  const table = { ...lists.table, client: DynamoDBDocumentClient.from(client) };
  const { items } = await listExports({ ...lists, table }, VIEWER, filter, page);
  client.destroy();
  if (items.length !== PAGE_ITEMS) throw new Error(`a page of ${items.length} exports, not ${PAGE_ITEMS}`);
  const runs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.push((await timed(() => listExports(lists, VIEWER, filter, page))).wallSeconds * 1_000);
  }
  return { ...counted, milliseconds: median(runs) };
}

/** Prints both costs of every page. @returns whether none depends on how many exports there are */
function report(costs: ReadonlyMap<string, readonly PageCost[]>): boolean {
  console.log(`page of ${PAGE_ITEMS}: queries, items read and median ms with ${counts.join(' and ')} exports`);
  let same = true;
  for (const [name, [few, many]] of costs) {
    if (!few || !many) continue;
    same &&= many.queries <= few.queries && many.items <= few.items + READ_IN_ADVANCE;
    const show = ({ queries, items, milliseconds }: PageCost) =>
      `${queries} ${String(items).padStart(4)} ${milliseconds.toFixed(1).padStart(6)} ms`;
    console.log(`  ${name.padEnd(45)} ${show(few)}   ${show(many)}`);
  }
  return same;
}
