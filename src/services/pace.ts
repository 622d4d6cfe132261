import { isWaiting, type OpenExport } from '../records/export-records.ts';

/** A small export ends within seconds on one machine and within minutes in AWS; a large one takes hours. */
const INTERVAL_MS_MIN = 200;
const INTERVAL_MS_MAX = 15_000;
const INTERVAL_PER_AGE = 0.1;

/**
 * A queued export that has just changed is in the hands of whoever changed it, usually the request that created it.
 * Starting it twice at once would be harmless, and only cost calls.
 */
const HANDS_OFF_MS = 5_000;

/** How long to leave an export alone after it was looked at: a tenth of its age, from 200 ms to 15 s. */
export function intervalMs(ageMs: number): number {
  return Math.min(Math.max(ageMs * INTERVAL_PER_AGE, INTERVAL_MS_MIN), INTERVAL_MS_MAX);
}

/** How long until an export should be looked at (again); null: not looked at in this run. */
export function msUntilDue(record: OpenExport, lookedAt: Date | null, now: Date): number {
  const handsOff = record.status === 'QUEUED' ? new Date(record.updatedAt).getTime() + HANDS_OFF_MS - now.getTime() : 0;
  const since = record.status === 'IN_PROGRESS' ? record.startTime : record.createdAt;
  const interval = intervalMs(now.getTime() - new Date(since).getTime());
  // Whose turn it is in the queue is not to wait longer because it has waited long.
  const paced = lookedAt === null || isWaiting(record) ? 0 : lookedAt.getTime() + interval - now.getTime();
  return Math.max(0, handsOff, paced);
}

export const isDue = (record: OpenExport, lookedAt: Date | null, now: Date): boolean =>
  msUntilDue(record, lookedAt, now) === 0;
