import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { interleaved, type Run, wallSeconds } from '../measure.ts';
import type { Exporter } from './exporter.ts';
import type { Orders } from './orders.ts';
import { type Compressor, copy, flushDisks, inflateHalves } from './programs.ts';
import { type Row, spread, type Table, target } from './report.ts';
import { prepareScan } from './scan.ts';
import type { State } from './tables.ts';

const MB = 1e6;
const PEAK_RSS_MB_MAX = 400;
const SCANNED_ITEMS_MAX = 20_000;

/** The comparisons, by their columns' names. */
type Comparison = 'cp' | 'gzip -1' | 'Scan';

export interface ExportCase {
  readonly name: string;
  readonly state: State;
  /** The most that it may take, as a share of what a comparison takes. */
  readonly atMost?: Partial<Record<Comparison, number>>;
}

export interface ExportsBench {
  readonly exporter: Exporter;
  readonly orders: Orders;
  /** The table as its base holds it: what the comparisons copy, compress and scan. */
  readonly unchanged: State;
  readonly cases: readonly ExportCase[];
  readonly compressor: Compressor;
  readonly rounds: number;
  readonly folder: string;
}

/** Exports of a table of which more and more changed since its base, beside what else makes such files. */
export async function measureExports(bench: ExportsBench): Promise<Table> {
  const { exporter, orders, cases, compressor, rounds, folder } = bench;
  const base = await exporter.run(bench.unchanged, path.join(folder, 'base'));
  const halves = await inflateHalves(base.files, folder);
  const copies = path.join(folder, 'copies');
  await mkdir(copies);
  const scan = await prepareScan(orders, Math.min(orders.count, SCANNED_ITEMS_MAX), folder);
  await flushDisks();

  const comparisons = new Map<string, () => Promise<Run>>([
    ['cp', () => copy(base.files, copies)],
    [`${compressor.name} -1`, () => compressor.run(halves, 1)],
    ['Scan, 1 process', () => scan.run(1)],
    ['Scan, 2 processes', () => scan.run(2)],
  ]);
  const exports = cases.map(
    ({ name, state }) => [name, () => exporter.run(state, path.join(folder, 'export'))] as const,
  );
  const runsOf = await interleaved(rounds, new Map([...comparisons, ...exports]));
  await scan.close();

  const seconds: Record<Comparison, number> = {
    cp: wallSeconds(runsOf('cp')),
    'gzip -1': wallSeconds(runsOf(`${compressor.name} -1`)),
    Scan: wallSeconds(runsOf('Scan, 1 process')),
  };
  const comparisonRows = [...comparisons.keys()].map((name) => row(name, base.logicalBytes, runsOf(name)));
  const exportRows = cases.map(({ name, atMost }) => caseRow(name, base.logicalBytes, runsOf(name), seconds, atMost));
  return {
    title: `Exports of ${orders.count.toLocaleString('en')} items, ${Math.round(base.logicalBytes / MB)} MB of DynamoDB JSON`,
    notes: [
      `Median of ${rounds} rounds (min–max); everything ran in turns. 5 % of the changes are deletes, the rest updates.`,
      'The files of an export are durable when it ends; those of cp and of the compressor are not flushed.',
      `× gzip is against ${compressor.name} -1 of the same lines from the page cache, × Scan against one process.`,
      `Scan: ${scan.itemCount} items through the AWS SDK from canned pages into gzip -1, scaled to all: the client's own ceiling.`,
      'Peak RSS is of a process that only exports, threads included, the most of all rounds.',
    ],
    rows: [...comparisonRows, ...exportRows],
  };
}

function row(name: string, logicalBytes: number, runs: readonly Run[]): Row {
  return {
    '': name,
    'wall s': spread(runs.map((run) => run.wallSeconds)),
    'CPU s': spread(runs.map((run) => run.cpuSeconds)),
    'MB/s': logicalBytes / MB / wallSeconds(runs),
  };
}

function caseRow(
  name: string,
  logicalBytes: number,
  runs: readonly Run[],
  seconds: Record<Comparison, number>,
  atMost: ExportCase['atMost'] = {},
): Row {
  const peakRssMb = Math.max(...runs.map((run) => run.peakRssBytes ?? 0)) / MB;
  const timeTargets = (['cp', 'gzip -1', 'Scan'] as const).flatMap((comparison) => {
    const most = atMost[comparison];
    return most === undefined ? [] : [target(`× ${comparison}`, wallSeconds(runs) / seconds[comparison], most)];
  });
  return {
    ...row(name, logicalBytes, runs),
    'peak RSS MB': peakRssMb,
    '× cp': wallSeconds(runs) / seconds.cp,
    '× gzip -1': wallSeconds(runs) / seconds['gzip -1'],
    '× Scan': wallSeconds(runs) / seconds.Scan,
    targets: [...timeTargets, target('peak RSS MB', peakRssMb, PEAK_RSS_MB_MAX)],
  };
}
