import type { Backups, Change } from '../../src/engine/index.ts';
import { type Run, timed } from '../measure.ts';
import type { Orders } from './orders.ts';

/** The engine's worker, in the folder that the benchmark is bundled into. */
export const WORKER_FILE = new URL('export-worker.mjs', import.meta.url);

const PERIOD_DAYS = 35;
const CHANGES_PER_APPEND = 1024;
/** Backups begin an hour before the benchmark, and each change comes a microsecond after the one before. */
export const START_MICROS = (Date.now() - 3_600_000) * 1000;

/** A table as it was at a time. */
export interface State {
  readonly tableId: string;
  readonly timeMicros: number;
  readonly itemCount: number;
  /** Items that were changed or deleted since the table's base. */
  readonly changedCount: number;
}

/** Turns backups on with all the orders as the table's items. */
export function startTable(backups: Backups, tableId: string, orders: Orders): Promise<Run> {
  return timed(() =>
    backups.start(tableId, { timeMicros: START_MICROS, sequence: 0, periodDays: PERIOD_DAYS }, orders.items()),
  );
}

/** Changes the table's orders in the sequence given, and returns its state after each count of changes. */
export async function changeTable(
  backups: Backups,
  tableId: string,
  orders: Orders,
  sequence: Uint32Array,
  counts: readonly number[],
): Promise<State[]> {
  const states: State[] = [];
  let changedCount = 0;
  let itemCount = orders.count;
  for (const until of counts) {
    while (changedCount < until) {
      const changed = sequence.subarray(changedCount, Math.min(changedCount + CHANGES_PER_APPEND, until));
      await backups.append(tableId, changesOf(orders, changed, changedCount));
      changedCount += changed.length;
      itemCount -= changed.reduce((deleted, order) => deleted + Number(orders.isDeletedBy(order)), 0);
    }
    states.push({ tableId, timeMicros: START_MICROS + changedCount, itemCount, changedCount });
  }
  return states;
}

/** A change of each of the orders; `before` changes came before them. */
export function changesOf(orders: Orders, changed: Iterable<number>, before: number): Change[] {
  return Array.from(changed, (order, n) => {
    const sequence = before + n + 1;
    return orders.change(order, { sequence, timeMicros: START_MICROS + sequence });
  });
}
