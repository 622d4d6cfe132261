/**
 * How long it takes until the last of many subscribers has heard of one change of an export: each with a WebSocket of its
 * own, Outport and all of them on this machine.
 *
 *   npm run bench:fan-out -- [--subscribers N] [--rounds N] [--json FILE]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startOutport } from '../../demo/outport.ts';
import { inParallel } from '../../src/services/in-parallel.ts';
import { format, spread, type Table } from '../engine/report.ts';
import { cancel, prepareTable, queueExport } from './exports.ts';
import { Subscriber } from './subscriber.ts';

// The SDK warns of Node 20 at every start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const subscriberCount = Number(values.subscribers);
const rounds = Number(values.rounds);
if (!(Number.isInteger(subscriberCount) && subscriberCount >= 1)) throw new Error('--subscribers is 1 or more');
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new Error('--rounds is 1 or more');

/** What one round came to, in milliseconds. */
interface Round {
  /** From the first subscription to the last snapshot. */
  readonly beginMs: number;
  /** From the request that changes the export to when a subscriber has heard, in the order of hearing. */
  readonly heardMs: readonly number[];
}

/** Connections that are opened, or subscribe, at the same time. */
const AT_ONCE = 50;

const folder = await mkdtemp(path.join(os.tmpdir(), 'outport-bench-fan-out-'));
const outport = await startOutport(folder, {
  params: { quotas: JSON.stringify([{ team: 'waiting', maxExports: 0 }]) },
});
const subscribers: Subscriber[] = [];
try {
  await prepareTable(outport.awsEndpoint);
  const numbers = Array.from({ length: subscriberCount }, (_, number) => number);
  await inParallel(numbers, AT_ONCE, async (number) => {
    subscribers.push(await Subscriber.connect(outport, number));
  });
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await run(round));
  const table = report(measured);
  console.log(format(table));
  if (values.json) await writeFile(values.json, `${JSON.stringify({ table }, null, 2)}\n`);
} finally {
  for (const subscriber of subscribers) subscriber.close();
  await outport.stop();
  await rm(folder, { recursive: true });
}

async function run(round: number): Promise<Round> {
  const id = await queueExport(outport, `round-${round}`);
  const began = performance.now();
  const ends: Array<Promise<number>> = [];
  await inParallel(subscribers, AT_ONCE, async (subscriber) => {
    const { begun, ended } = subscriber.follow(id);
    ends.push(ended);
    await begun;
  });
  const beginMs = performance.now() - began;
  const changed = performance.now();
  await cancel(outport, id);
  const heard = await Promise.all(ends);
  return { beginMs, heardMs: heard.map((at) => at - changed).sort((a, b) => a - b) };
}

function report(measured: readonly Round[]): Table {
  const quantile = (share: number) =>
    spread(measured.map(({ heardMs }) => heardMs[Math.max(0, Math.ceil(heardMs.length * share) - 1)] ?? Number.NaN));
  return {
    title: `One change of an export, told to ${subscriberCount} subscribers`,
    notes: [
      'ms from the request that cancels the export until a subscriber has heard of it; median of the rounds',
      `begin ms: until all have subscribed, ${AT_ONCE} at a time, and have the export as it is`,
      'server and subscribers share this machine',
    ],
    rows: [
      {
        '': `${subscriberCount} subscribers`,
        'begin ms': spread(measured.map(({ beginMs }) => beginMs)),
        'first ms': quantile(0),
        'half ms': quantile(0.5),
        'last ms': quantile(1),
      },
    ],
  };
}
