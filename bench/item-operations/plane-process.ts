import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Change, openBackups } from '../../src/engine/index.ts';
import { openDataPlane } from '../../src/local/data-plane.ts';
import { Orders } from '../engine/orders.ts';
import { changesOf, changeTable, START_MICROS, type State, startTable, WORKER_FILE } from '../engine/tables.ts';

/** To the process: to prepare everything, to begin a load, or to end it. */
export type ToPlane =
  | { readonly kind: 'prepare' }
  | { readonly kind: 'begin'; readonly load: string }
  | { readonly kind: 'end' };

/** The AWS endpoint, and how many jobs the load that ended has finished. */
export interface FromPlane {
  readonly endpoint: string;
  readonly jobs: number;
}

const HOUR_MS = 3_600_000;
/** More than what makes a base due. */
const COMPACTED_SHARE = 0.15;
const CHANGES_PER_APPEND = 1000;

const [directory = '', items = ''] = process.argv.slice(2);
const orders = new Orders({ count: Number(items), small: false });
const sequence = orders.uniform();

const plane = await openDataPlane({ directory: path.join(directory, 'plane'), port: 0, workerFile: WORKER_FILE });
let nowMs = Date.now();
// Backups of their own beside the service's, whose maintenance cannot be asked for. By their clock an hour passes from
// one look to the next, so that compaction need not rest between two bases.
const backups = await openBackups({
  directory: path.join(directory, 'backups'),
  workerFile: WORKER_FILE,
  now: () => (nowMs += HOUR_MS),
});
let states: readonly State[] = [];
/** Made once: making them would keep this process from answering. */
let compacted: readonly Change[] = [];
let compactedChanges = 0;
let load: { readonly stop: AbortController; readonly ended: Promise<number> } | undefined;

process.on('message', async (message: ToPlane) => {
  process.send?.({ endpoint: plane.endpoint, jobs: await act(message) } satisfies FromPlane);
});
process.on('disconnect', async () => {
  await plane.close();
  await backups.close();
});

async function act(message: ToPlane): Promise<number> {
  switch (message.kind) {
    case 'prepare': {
      await startTable(backups, 'exported', orders);
      states = await changeTable(backups, 'exported', orders, sequence, [0.01, 0.1].map(countOf));
      await startTable(backups, 'compacted', orders);
      compacted = changesOf(orders, sequence.subarray(0, countOf(COMPACTED_SHARE)), 0);
      return 0;
    }
    case 'begin': {
      const stop = new AbortController();
      load = { stop, ended: repeat(jobOf(message.load), stop.signal) };
      return 0;
    }
    case 'end': {
      load?.stop.abort();
      return (await load?.ended) ?? 0;
    }
    default:
      return message satisfies never;
  }
}

const countOf = (share: number): number => Math.round(share * orders.count);

function jobOf(name: string): (() => Promise<void>) | undefined {
  switch (name) {
    case 'nothing':
    case 'nothing again':
      return undefined;
    case 'exports, 1 % changed':
      return () => exportAt(states[0]);
    case 'exports, 10 % changed':
      return () => exportAt(states[1]);
    case 'compaction':
      return compact;
    default:
      throw new Error(`There is no load '${name}'`);
  }
}

/** One job after the other until the signal comes; the last one is finished. */
async function repeat(job: (() => Promise<void>) | undefined, signal: AbortSignal): Promise<number> {
  let jobs = 0;
  while (job && !signal.aborted) {
    await job();
    jobs += 1;
  }
  return jobs;
}

async function exportAt(state: State | undefined): Promise<void> {
  if (state === undefined) throw new Error('The tables are not prepared');
  const folder = path.join(directory, 'export');
  await mkdir(folder);
  const { tableId, timeMicros } = state;
  await backups.export({ exportType: 'FULL_EXPORT', tableId, timeMicros, format: 'DYNAMODB_JSON', directory: folder });
  await rm(folder, { recursive: true });
}

async function compact(): Promise<void> {
  for (let from = 0; from < compacted.length; from += CHANGES_PER_APPEND) {
    const changes = compacted.slice(from, from + CHANGES_PER_APPEND).map((change) => {
      compactedChanges += 1;
      return { ...change, sequence: compactedChanges, timeMicros: START_MICROS + compactedChanges };
    });
    await backups.append('compacted', changes);
  }
  await backups.maintain(START_MICROS + compactedChanges);
}
