import { type ExportRecord, isWaiting, type OpenExport } from '../records/export-records.ts';
import type { Metrics } from './metrics.ts';

/** Tells how many exports are open, how long the oldest has waited, and how many are past their deadline. */
export function measureOpenExports(metrics: Metrics, open: readonly OpenExport[], now: Date): void {
  const queued = open.filter(isWaiting);
  const oldest = Math.min(now.getTime(), ...queued.map(({ createdAt }) => Date.parse(createdAt)));
  metrics.put({
    ExportsInFlight: open.length - queued.length,
    ExportsQueued: queued.length,
    ExportsOverdue: open.filter(({ deadlineAt }) => Date.parse(deadlineAt) < now.getTime()).length,
    OldestQueuedSeconds: secondsBetween(oldest, now.getTime()),
  });
}

/** Tells what became of an export with the move that ended it, and how long a completed one took since it was asked for. */
export function measureEnd(metrics: Metrics, record: ExportRecord): void {
  if (record.status === 'COMPLETED') {
    const ExportDurationSeconds = secondsBetween(Date.parse(record.createdAt), Date.parse(record.endTime));
    metrics.put({ ExportsCompleted: 1, ExportDurationSeconds });
  }
  if (record.status === 'FAILED') metrics.put({ ExportsFailed: 1 });
  if (record.status === 'CANCELED') metrics.put({ ExportsCanceled: 1 });
}

/** Of times in milliseconds; never below 0, as clocks differ. */
export const secondsBetween = (fromMs: number, toMs: number): number => Math.max(0, (toMs - fromMs) / 1000);
