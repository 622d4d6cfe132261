import type { IncrementalExport } from '../records/export-records.ts';

/** What a caller asks for with an incremental export; GraphQL has filled in the view type. */
export interface IncrementalExportInput {
  readonly exportFromTime: Date;
  readonly exportToTime?: Date | null;
  readonly exportViewType: IncrementalExport['exportViewType'];
}

const MINUTE_MS = 60_000;
const WINDOW_MS_MIN = 15 * MINUTE_MS;
const WINDOW_MS_MAX = 24 * 60 * MINUTE_MS;

/** ISO 8601 to the second, as DynamoDB prints times in its messages. */
export const wholeSecond = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

export const isWholeSecond = (time: Date): boolean => time.getUTCMilliseconds() === 0;

export const incrementalExportOf = (input: IncrementalExportInput): IncrementalExport => ({
  exportFromTime: wholeSecond(input.exportFromTime),
  exportToTime: input.exportToTime ? wholeSecond(input.exportToTime) : null,
  exportViewType: input.exportViewType,
});

/** What is wrong with the length of a window: DynamoDB's words, and for too long a window ours (facts §1.6). */
export function windowLengthProblem(from: Date, to: Date): string | null {
  const lengthMs = to.getTime() - from.getTime();
  const difference = 'Difference between export period from time and export period to time is';
  if (lengthMs < WINDOW_MS_MIN) return `${difference} less than 15 minutes`;
  if (lengthMs > WINDOW_MS_MAX) return `${difference} greater than 24 hours`;
  return null;
}

/** What is known of a table when a window is held against it. */
export interface RecoverablePast {
  readonly tableCreatedAt: Date | null;
  readonly earliestRestorable: Date | null;
  readonly now: Date;
}

/** Why a table has no changes to export in a window, in the order in which DynamoDB looks (facts §1.6); null: it has. */
export function windowProblem(
  { exportFromTime, exportToTime }: IncrementalExport,
  { tableCreatedAt, earliestRestorable, now }: RecoverablePast,
): string | null {
  const from = new Date(exportFromTime);
  const to = exportToTime === null ? now : new Date(exportToTime);
  if (tableCreatedAt && from < tableCreatedAt) {
    return `Incremental export period from time cannot be less than the table creation time : ${exportFromTime}`;
  }
  if (earliestRestorable && from < earliestRestorable) {
    const earliest = earliestRestorable.toISOString();
    return `Incremental export period from time cannot be less than the earliest restorable time ${earliest} : ${exportFromTime}`;
  }
  if (to > now) {
    return `Incremental export period to time cannot be greater than the current time : ${wholeSecond(to)}`;
  }
  return windowLengthProblem(from, to);
}
