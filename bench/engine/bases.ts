import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Backups, type BaseItem, openBackups } from '../../src/engine/index.ts';
import { interleaved, type Run, timed, wallSeconds } from '../measure.ts';
import type { Orders } from './orders.ts';
import { type Compressor, inflateHalves } from './programs.ts';
import { type Row, spread, type Table } from './report.ts';
import { changeTable, START_MICROS, startTable, WORKER_FILE } from './tables.ts';

const MB = 1e6;

/** Building bases, at the start of backups and by `maintain`, beside compressing the same lines at the same level. */
export async function measureBases(
  orders: Orders,
  compressor: Compressor,
  rounds: number,
  folder: string,
): Promise<Table> {
  const backups = await openBackups({ directory: path.join(folder, 'bases'), workerFile: WORKER_FILE });
  try {
    const { halves, logicalBytes } = await linesOf(backups, orders, folder);
    const order = orders.uniform();
    const maintain = async () => {
      // Every item changes: the log outgrows the base, so that a new one is due.
      await changeTable(backups, 'orders', orders, order, [orders.count]);
      const run = await timed(() => backups.maintain(START_MICROS + orders.count));
      await backups.stop('orders');
      return run;
    };
    const compress = `${compressor.name} -6`;
    const work = new Map<string, () => Promise<Run>>([
      [compress, () => compressor.run(halves, 6)],
      ['the items alone', () => timed(() => drain(orders.items()))],
      ['start', () => startTable(backups, 'orders', orders)],
      ['maintain', maintain],
    ]);
    const runsOf = await interleaved(rounds, work);
    const count = orders.count.toLocaleString('en');
    return {
      title: `Building a base of ${count} items, ${Math.round(logicalBytes / MB)} MB of DynamoDB JSON`,
      notes: [
        `Median of ${rounds} rounds (min–max). Against ${compressor.name} -6 of the same lines from the page cache.`,
        'start: with a snapshot of the items, the making of which ("the items alone") is part of it.',
        'maintain: after every item has changed since the last base. It is background work.',
      ],
      rows: [...work.keys()].map((name) => baseRow(name, logicalBytes, runsOf(name), runsOf(compress))),
    };
  } finally {
    await backups.close();
  }
}

/** The lines that the table's files have, for a compressor to read. */
async function linesOf(backups: Backups, orders: Orders, folder: string) {
  const tableId = 'lines';
  const directory = path.join(folder, 'base-lines');
  await mkdir(directory);
  await startTable(backups, tableId, orders);
  const { files } = await backups.export({
    exportType: 'FULL_EXPORT',
    tableId,
    timeMicros: START_MICROS,
    format: 'DYNAMODB_JSON',
    directory,
  });
  await backups.stop(tableId);
  const halves = await inflateHalves(
    files.map(({ name }) => path.join(directory, name)),
    directory,
  );
  return { halves, logicalBytes: files.reduce((sum, file) => sum + file.logicalBytes, 0) };
}

async function drain(items: AsyncIterable<readonly BaseItem[]>): Promise<void> {
  for await (const _ of items);
}

function baseRow(name: string, logicalBytes: number, runs: readonly Run[], compressed: readonly Run[]): Row {
  return {
    '': name,
    'wall s': spread(runs.map((run) => run.wallSeconds)),
    'CPU s': spread(runs.map((run) => run.cpuSeconds)),
    'MB/s': logicalBytes / MB / wallSeconds(runs),
    '× gzip -6': wallSeconds(runs) / wallSeconds(compressed),
  };
}
