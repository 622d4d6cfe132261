import { type Backups, openBackups } from '../../src/engine/index.ts';
import type { CurvePoint } from './curve.ts';
import { COMPARED_WITH_ION, type ExportCase } from './exports.ts';
import type { Orders } from './orders.ts';
import { changeTable, type State, startTable, WORKER_FILE } from './tables.ts';

const CURVE_ITEMS = [100_000, 300_000, 1_000_000, 3_000_000];
const CURVE_CHANGES = 1000;
const CLUSTERED_SHARE = 0.01;

/** Shares of the items changed, evenly over the table, and what the export may take at most. */
const UNIFORM: ReadonlyArray<{ readonly share: number; readonly atMost?: ExportCase['atMost'] }> = [
  { share: 0.001, atMost: { 'gzip -1': 1 / 8 } },
  { share: 0.01, atMost: { 'gzip -1': 1 / 3, Scan: 1 / 100 } },
  { share: 0.1, atMost: { 'gzip -1': 1 } },
  { share: 0.5 },
];

interface PreparedTables {
  readonly unchanged: State;
  readonly cases: readonly ExportCase[];
  readonly curve: readonly CurvePoint[];
}

/**
 * Builds all tables that are exported. A table changes in one go; its states in between are exported by their times, as
 * long as nothing calls `maintain`.
 */
export async function prepareTables(
  directory: string,
  ordersOf: (count: number) => Orders,
  items: number,
): Promise<PreparedTables> {
  const backups = await openBackups({ directory, workerFile: WORKER_FILE });
  try {
    const orders = ordersOf(items);
    const smaller = await prepareSmaller(backups, ordersOf, items);
    const uniform = await prepareUniform(backups, orders);
    const clustered = await prepareClustered(backups, orders);
    return { ...uniform, cases: [...uniform.cases, clustered], curve: [...smaller, uniform.point] };
  } finally {
    await backups.close();
  }
}

/** Builds only the tables of the curve. */
export async function prepareCurve(
  directory: string,
  ordersOf: (count: number) => Orders,
  items: number,
): Promise<CurvePoint[]> {
  const backups = await openBackups({ directory, workerFile: WORKER_FILE });
  try {
    return [...(await prepareSmaller(backups, ordersOf, items)), await prepareCurvePoint(backups, ordersOf(items))];
  } finally {
    await backups.close();
  }
}

async function prepareSmaller(
  backups: Backups,
  ordersOf: (count: number) => Orders,
  items: number,
): Promise<CurvePoint[]> {
  const points: CurvePoint[] = [];
  for (const count of CURVE_ITEMS.filter((count) => count < items)) {
    points.push(await prepareCurvePoint(backups, ordersOf(count)));
  }
  return points;
}

async function prepareUniform(backups: Backups, orders: Orders) {
  const tableId = 'uniform';
  const counts = UNIFORM.map(({ share }) => Math.round(share * orders.count));
  await startTable(backups, tableId, orders);
  const sorted = [...new Set([0, CURVE_CHANGES, ...counts])].sort((a, b) => a - b);
  const states = await changeTable(backups, tableId, orders, orders.uniform(), sorted);
  const stateAfter = (changedCount: number): State => {
    const state = states.find((candidate) => candidate.changedCount === changedCount);
    if (state === undefined) throw new Error(`There is no state after ${changedCount} changes`);
    return state;
  };
  const unchanged = stateAfter(0);
  const changed = UNIFORM.map(({ share, atMost }, n) => ({
    name: `${share * 100} % uniform`,
    state: stateAfter(counts[n] ?? 0),
    atMost,
  }));
  return {
    unchanged,
    cases: [
      { name: 'nothing changed', state: unchanged, atMost: { cp: 3 } },
      ...changed,
      ...variantsOf(unchanged, changed),
    ],
    point: { unchanged, changed: stateAfter(CURVE_CHANGES) },
  };
}

/** The same state in Ion, which the first run makes a twin of the base for, and what changed until then. */
function variantsOf({ timeMicros }: State, cases: readonly ExportCase[]): ExportCase[] {
  const compared = cases.find(({ name }) => name === COMPARED_WITH_ION);
  if (compared === undefined) throw new Error(`There is no case "${COMPARED_WITH_ION}"`);
  const { name, state } = compared;
  return [
    { name: `${name}, Ion`, state, variant: { format: 'ION' }, atMost: { JSON: 2 } },
    { name: `${name}, incremental`, state, variant: { fromMicros: timeMicros + 1 } },
  ];
}

async function prepareClustered(backups: Backups, orders: Orders): Promise<ExportCase> {
  const tableId = 'clustered';
  const count = Math.round(CLUSTERED_SHARE * orders.count);
  await startTable(backups, tableId, orders);
  const [state] = await changeTable(backups, tableId, orders, orders.clustered(), [count]);
  if (state === undefined) throw new Error('The clustered table has no state');
  return { name: `${CLUSTERED_SHARE * 100} % clustered`, state, atMost: { 'gzip -1': 1 / 10 } };
}

async function prepareCurvePoint(backups: Backups, orders: Orders): Promise<CurvePoint> {
  const tableId = `uniform-${orders.count}`;
  await startTable(backups, tableId, orders);
  const [unchanged, changed] = await changeTable(backups, tableId, orders, orders.uniform(), [0, CURVE_CHANGES]);
  if (unchanged === undefined || changed === undefined) throw new Error(`${tableId} has no states`);
  return { unchanged, changed };
}
