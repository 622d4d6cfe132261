/**
 * How many requests a second the API answers, and how long they take, beside a bare Apollo Server in the same place: the
 * same gateway, the same threads, another function.
 *
 *   npm run bench:api -- [--connections N] [--seconds N] [--rounds N] [--json FILE]
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { mintToken, type RunningOutport, startOutport } from '../../demo/outport.ts';
import { format, spread, type Table } from '../engine/report.ts';
import { prepareTable, queueExport } from '../fan-out/exports.ts';
import { bareService } from './bare-service.ts';
import { load, type Measured, type Operation, type Target } from './load.ts';

// The SDK warns of Node 20 at every start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const connections = wholeNumber('connections');
const seconds = wholeNumber('seconds');
const rounds = wholeNumber('rounds');

/** What a page of `exports` is taken from. */
const EXPORTS = 100;

const folder = await mkdtemp(path.join(os.tmpdir(), 'outport-bench-api-'));
const running: RunningOutport[] = [];
try {
  const outport = await start('outport');
  const bare = await start('bare', bareService());
  await prepareTable(outport.awsEndpoint);
  const ids: string[] = [];
  for (let n = 0; n < EXPORTS; n += 1) ids.push(await queueExport(outport, `export-${n}`));
  const token = await mintToken(outport, { subject: 'ana', name: 'Ana', teams: ['waiting', 'platform'] });
  const runs = await measure({ ...bare, token }, { ...outport, token }, ids[0] ?? '');
  const table = report(runs);
  console.log(format(table));
  if (values.json) await writeFile(values.json, `${JSON.stringify({ table }, null, 2)}\n`);
} finally {
  for (const each of running) await each.stop();
  await rm(folder, { recursive: true });
}

async function start(name: string, command?: string): Promise<RunningOutport> {
  const started = await startOutport(path.join(folder, name), {
    ...(command && { command }),
    params: {
      quotas: JSON.stringify([{ team: 'waiting', maxExports: 0 }]),
      maxQueued: '10000',
      requestsPerMinute: '1000000000',
    },
  });
  running.push(started);
  return started;
}

/** One after another, as requests for exports leave more and more that wait. */
async function measure(bare: Target, outport: Target, id: string): Promise<ReadonlyMap<string, Measured[]>> {
  const one: Operation = {
    query: 'query ($id: ID!) { export(id: $id) { id status version } }',
    variables: () => ({ id }),
  };
  const page: Operation = { query: '{ exports(first: 20) { nodes { id status version } pageInfo { endCursor } } }' };
  const request: Operation = {
    query: 'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } userErrors { code } } }',
    variables: () => ({
      input: {
        tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
        destination: { bucket: 'lake' },
        clientToken: randomUUID(),
      },
    }),
  };
  const operations: Array<[string, Target, Operation]> = [
    ['bare Apollo Server: export', bare, one],
    ['export', outport, one],
    ['bare Apollo Server: exports, 20', bare, page],
    ['exports, 20 of 100', outport, page],
    ['bare Apollo Server: exportTable', bare, request],
    ['exportTable, queued', outport, request],
  ];
  const runs = new Map<string, Measured[]>(operations.map(([name]) => [name, []]));
  for (const [, target, operation] of operations) await load(target, operation, { connections, seconds: 1 });
  for (const [name, target, operation] of operations) {
    for (let round = 0; round < rounds; round += 1) {
      runs.get(name)?.push(await load(target, operation, { connections, seconds }));
    }
  }
  return runs;
}

function report(runs: ReadonlyMap<string, readonly Measured[]>): Table {
  const quantile = (measured: readonly Measured[], share: number) =>
    spread(measured.map(({ latenciesMs }) => latenciesMs[Math.ceil(latenciesMs.length * share) - 1] ?? Number.NaN));
  return {
    title: `Requests over ${connections} connections, each ${rounds} times ${seconds} s`,
    notes: [
      'each connection waits for an answer before it sends the next request; client and server share this machine',
      'exportTable: each with a client token of its own, by a team whose exports all wait in the queue',
    ],
    rows: [...runs].map(([name, measured]) => ({
      '': name,
      'requests/s': spread(measured.map(({ requestsPerSecond }) => Math.round(requestsPerSecond))),
      'p50 ms': quantile(measured, 0.5),
      'p99 ms': quantile(measured, 0.99),
    })),
  };
}

function wholeNumber(name: 'connections' | 'seconds' | 'rounds'): number {
  const value = Number(values[name]);
  if (!(Number.isInteger(value) && value >= 1)) throw new Error(`--${name} is 1 or more`);
  return value;
}
