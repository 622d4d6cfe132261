import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { interleaved, type Run, wallSeconds } from '../measure.ts';
import type { Exporter } from './exporter.ts';
import { copy, flushDisks } from './programs.ts';
import { type Row, spread, type Table, target } from './report.ts';
import type { State } from './tables.ts';

const MB = 1e6;
/** What the same changes may cost on the largest table, as a multiple of what they cost on the smallest. */
const CHANGES_COST_MAX = 2;

export interface CurvePoint {
  readonly unchanged: State;
  readonly changed: State;
}

/** Export time over table size, with the same number of changes for every table. */
export async function measureCurve(
  exporter: Exporter,
  points: readonly CurvePoint[],
  rounds: number,
  folder: string,
): Promise<Table> {
  const prepared: PreparedPoint[] = [];
  for (const [n, point] of points.entries()) {
    const base = await exporter.run(point.unchanged, path.join(folder, `base-${n}`));
    const copies = path.join(folder, `copies-${n}`);
    await mkdir(copies);
    prepared.push({ ...point, logicalBytes: base.logicalBytes, files: base.files, copies });
  }
  await flushDisks();

  const output = path.join(folder, 'export');
  const work = prepared.flatMap((point, n): [string, () => Promise<Run>][] => [
    [`${n} cp`, () => copy(point.files, point.copies)],
    [`${n} unchanged`, () => exporter.run(point.unchanged, output)],
    [`${n} changed`, () => exporter.run(point.changed, output)],
  ]);
  const runsOf = await interleaved(rounds, new Map(work));

  const costs = prepared.map((_, n) => wallSeconds(runsOf(`${n} changed`)) - wallSeconds(runsOf(`${n} unchanged`)));
  const rows = prepared.map((point, n): Row => {
    const [unchanged, changed] = [runsOf(`${n} unchanged`), runsOf(`${n} changed`)];
    const cost = costs[n] ?? Number.NaN;
    return {
      items: point.unchanged.itemCount,
      'JSON MB': point.logicalBytes / MB,
      'cp s': wallSeconds(runsOf(`${n} cp`)),
      'unchanged s': spread(unchanged.map((run) => run.wallSeconds)),
      'changed s': spread(changed.map((run) => run.wallSeconds)),
      'for the changes s': cost,
      '× the smallest': cost / (costs[0] ?? Number.NaN),
      targets: [target('× the smallest', cost / (costs[0] ?? Number.NaN), CHANGES_COST_MAX)],
    };
  });
  return {
    title: `Exports after ${points[0]?.changed.changedCount.toLocaleString('en')} uniform changes, over the size of the table`,
    notes: [`Median of ${rounds} rounds (min–max). What the changes cost is to grow with them and not with the table.`],
    rows,
  };
}

interface PreparedPoint extends CurvePoint {
  readonly logicalBytes: number;
  readonly files: readonly string[];
  readonly copies: string;
}
