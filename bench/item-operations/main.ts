/**
 * What exports and compaction cost the operations on items: PutItem and GetItem over the wire, alone and while the same
 * process exports or builds bases without a pause.
 *
 *   npm run bench:items -- [--rounds N] [--seconds N] [--items N] [--json FILE]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startChild } from '../engine/child-process.ts';
import { format, type Row, spread, type Table } from '../engine/report.ts';
import { ItemClient, type Measured } from './item-client.ts';
import type { FromPlane, ToPlane } from './plane-process.ts';

/** What goes on besides, in the order of its turns. */
const LOADS = ['nothing', 'exports, 1 % changed', 'nothing again', 'exports, 10 % changed', 'compaction'] as const;
const OPERATIONS = ['PutItem', 'GetItem'] as const;

// The SDK warns of Node 20 at every start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '1.5' },
    items: { type: 'string', default: '300000' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new Error('--rounds is 1 or more');
if (!(seconds > 0)) throw new Error('--seconds is more than 0');

interface Turn extends Measured {
  readonly load: string;
  readonly operation: string;
  readonly jobs: number;
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'outport-bench-items-'));
const plane = startChild<ToPlane, FromPlane>('bench-plane-process.mjs', [folder, values.items]);
try {
  const { endpoint } = await plane.ask({ kind: 'prepare' });
  const client = await ItemClient.open(endpoint);
  await client.run('PutItem', seconds);
  const turns: Turn[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const operation of OPERATIONS) {
      for (const load of LOADS) {
        await plane.ask({ kind: 'begin', load });
        const measured = await client.run(operation, seconds);
        turns.push({ ...measured, load, operation, jobs: (await plane.ask({ kind: 'end' })).jobs });
      }
    }
  }
  client.close();
  const table = report(turns);
  console.log(format(table));
  if (values.json) await writeFile(values.json, `${JSON.stringify({ rounds, seconds, table }, null, 2)}\n`);
} finally {
  await plane.close();
  await rm(folder, { recursive: true });
}

function report(turns: readonly Turn[]): Table {
  const rows = OPERATIONS.flatMap((operation) =>
    LOADS.map((load): Row => {
      const of = turns.filter((turn) => turn.operation === operation && turn.load === load);
      const alone = turns.filter((turn) => turn.operation === operation && turn.load === LOADS[0]);
      const againstAlone = (figure: (turn: Turn) => number) =>
        spread(of.map((turn, round) => figure(turn) / figure(alone[round] ?? turn)));
      return {
        '': `${operation}, besides: ${load}`,
        'operations/s': spread(of.map(({ perSecond }) => perSecond)),
        '× alone': againstAlone(({ perSecond }) => perSecond),
        'p50 ms': spread(of.map(({ p50Ms }) => p50Ms)),
        'p99 ms': spread(of.map(({ p99Ms }) => p99Ms)),
        'p99 × alone': againstAlone(({ p99Ms }) => p99Ms),
        'jobs a turn': spread(of.map(({ jobs }) => jobs)),
      };
    }),
  );
  return {
    title: `Operations on items beside exports of a table of ${Number(values.items).toLocaleString('en')} orders`,
    notes: [
      `Median of ${rounds} turns of ${seconds} s each (min–max); × alone is taken within a round, so what disturbs a round counts less.`,
      'The client takes a share of the same cores, and item operations go first only where threads can be nice (Linux).',
      '"nothing again" is the same as "nothing": what lies within its spread is no difference that could be claimed.',
    ],
    rows,
  };
}
