/**
 * Appends the commits of a seed to backups until it is killed, and prints the sequence of each that was acknowledged.
 * Meanwhile bases are built, the window moves, and exports are written.
 *
 *   node torture-writer.mjs <directory> <folder for exports> <seed>
 */
import { mkdirSync, rmSync, writeSync } from 'node:fs';
import { StoredBackups } from '../../src/engine/backups.ts';
import { WorkerThreads } from '../../src/engine/worker-threads.ts';
import { itemsOf } from '../engine/support/changes.ts';
import { commitsOf, limitsOf, PERIOD_DAYS, START, TABLE } from './scenario.ts';

const [directory = '', folder = '', seedText = ''] = process.argv.slice(2);
const seed = Number(seedText);
const limits = limitsOf(seed);
const workers = new WorkerThreads({ workerFile: new URL('./export-worker.mjs', import.meta.url), ...limits });
const backups = await StoredBackups.open({
  directory,
  now: () => Number.MAX_SAFE_INTEGER,
  limits,
  runJob: (...args) => workers.run(...args),
  endJobs: () => workers.close(),
});
if (backups.appendedThrough(TABLE) === undefined) {
  await backups.start(TABLE, { ...START, periodDays: PERIOD_DAYS }, itemsOf([]));
}

/** What goes on beside the appends: one of each at a time, as often as there is time for. */
const underWay = new Set<() => Promise<unknown>>();
let nowMicros = START.timeMicros;
for (const changes of commitsOf(seed)) {
  const last = changes.at(-1);
  if (last === undefined || last.sequence <= (backups.appendedThrough(TABLE) ?? 0)) continue;
  await backups.append(TABLE, changes);
  writeSync(1, `${last.sequence}\n`);
  nowMicros = last.timeMicros;
  for (const task of [maintain, exportNow]) {
    if (underWay.has(task)) continue;
    underWay.add(task);
    task().finally(() => underWay.delete(task));
  }
}

function maintain(): Promise<void> {
  return backups.maintain(nowMicros);
}

async function exportNow(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await backups.export({
    exportType: 'FULL_EXPORT',
    tableId: TABLE,
    timeMicros: nowMicros,
    format: 'DYNAMODB_JSON',
    directory: folder,
  });
}
