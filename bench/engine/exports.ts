import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { cpuSeconds, interleaved, type Run, wallSeconds } from '../measure.ts';
import type { Exporter, ExportVariant } from './exporter.ts';
import type { Orders } from './orders.ts';
import { type Compressor, copy, flushDisks, inflateHalves } from './programs.ts';
import { type Row, spread, type Table, target } from './report.ts';
import { prepareScan } from './scan.ts';
import type { State } from './tables.ts';

const MB = 1e6;
const SCANNED_ITEMS_MAX = 20_000;

const COMPARISONS = ['cp', 'gzip -1', 'Scan', 'JSON'] as const;
type Comparison = (typeof COMPARISONS)[number];

/** The case that one in Ion is held against. */
export const COMPARED_WITH_ION = '1 % uniform';

export interface ExportCase {
  readonly name: string;
  readonly state: State;
  readonly variant?: ExportVariant;
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
    ({ name, state, variant }) => [name, () => exporter.run(state, path.join(folder, 'export'), variant)] as const,
  );
  const runsOf = await interleaved(rounds, new Map([...comparisons, ...exports])).finally(() => scan.close());

  const compared: Record<Comparison, readonly Run[]> = {
    cp: runsOf('cp'),
    'gzip -1': runsOf(`${compressor.name} -1`),
    Scan: runsOf('Scan, 1 process'),
    JSON: runsOf(COMPARED_WITH_ION),
  };
  const comparisonRows = [...comparisons.keys()].map((name) => row(name, base.logicalBytes, runsOf(name)));
  const exportRows = cases.map(({ name, atMost }): Row => {
    const runs = runsOf(name);
    return { ...row(name, base.logicalBytes, runs), ...ratios(runs, compared, atMost) };
  });
  return {
    title: `Exports of ${orders.count.toLocaleString('en')} items, ${Math.round(base.logicalBytes / MB)} MB of DynamoDB JSON`,
    notes: [
      `Median of ${rounds} rounds (min–max); everything ran in turns. 5 % of the changes are deletes, the rest updates.`,
      'The files of an export are durable when it ends; those of cp and of the compressor are not flushed.',
      `× gzip -1 is against ${compressor.name} -1 of the same lines from the page cache, × Scan against one process.`,
      `Scan: ${scan.itemCount.toLocaleString('en')} items from canned pages through the AWS SDK into gzip -1, scaled to all of them. So the`,
      'server costs nothing, and it is what the client itself takes.',
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

function ratios(
  runs: readonly Run[],
  compared: Record<Comparison, readonly Run[]>,
  atMost: ExportCase['atMost'] = {},
): Row {
  const times = (comparison: Comparison) => wallSeconds(runs) / wallSeconds(compared[comparison]);
  return {
    '× cp': times('cp'),
    '× gzip -1': times('gzip -1'),
    'CPU × gzip -1': cpuSeconds(runs) / cpuSeconds(compared['gzip -1']),
    '× Scan': times('Scan'),
    ...(atMost.JSON !== undefined && { '× JSON': times('JSON') }),
    targets: COMPARISONS.flatMap((comparison) => {
      const most = atMost[comparison];
      return most === undefined ? [] : [target(`× ${comparison}`, times(comparison), most)];
    }),
  };
}
