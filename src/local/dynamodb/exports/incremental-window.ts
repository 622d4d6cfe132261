import { invalidExportTime, invalidRequest } from '../errors.ts';
import type { ExportTableRequest } from './request.ts';

type ViewType = 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface IncrementalSpecification {
  /** Epoch seconds. */
  readonly ExportFromTime?: number;
  readonly ExportToTime?: number;
  readonly ExportViewType?: ViewType;
}

/** The window of an incremental export with everything filled in: half-open, in epoch seconds. */
export interface IncrementalWindow {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly view: ViewType;
}

const WINDOW_SECONDS_MIN = 15 * 60;
const WINDOW_SECONDS_MAX = 24 * 3600;

/** Checks that type, specification and times go together, in DynamoDB's words (facts §1.6). */
export function checkIncremental({
  ExportType,
  ExportTime,
  IncrementalExportSpecification: specification,
}: ExportTableRequest): void {
  if (specification && ExportType === undefined) {
    throw invalidRequest(
      'Export Type expected to be Incremental Export when incremental export specification is provided',
    );
  }
  if (specification && ExportType === 'FULL_EXPORT') {
    throw invalidRequest('When Export Type is Full Export , Incremental Export Specification should not be provided');
  }
  if (ExportType !== 'INCREMENTAL_EXPORT') return;
  if (!specification) {
    throw invalidRequest('Incremental Export Specification expected when export type is set as Incremental Export');
  }
  if (specification.ExportFromTime === undefined) {
    throw invalidRequest('ExportFromTime must be provided in IncrementalExportSpecification');
  }
  // What DynamoDB says to it is not known. To ignore it would export another time than was asked for.
  if (ExportTime !== undefined) {
    throw invalidRequest('When Export Type is Incremental Export, Export Time should not be provided');
  }
}

/** The first check of an incremental export's window, which comes before the one for recovery. */
export function checkFromTime(
  { IncrementalExportSpecification: specification }: ExportTableRequest,
  createdMs: number,
): void {
  const from = specification?.ExportFromTime;
  if (from === undefined || from * 1000 >= createdMs) return;
  throw invalidExportTime(
    `Incremental export period from time cannot be less than the table creation time : ${inSeconds(from)}`,
  );
}

/**
 * The window of an incremental export, or undefined for a full one. Without an end it reaches to the last full second:
 * that is when such an export starts, and the next window can go on from there without a gap.
 * @throws DynamoDbError InvalidExportTimeException
 */
export function windowOf(
  { IncrementalExportSpecification: specification }: ExportTableRequest,
  nowMs: number,
): IncrementalWindow | undefined {
  if (specification?.ExportFromTime === undefined) return;
  const {
    ExportFromTime: fromSeconds,
    ExportToTime: toSeconds = Math.floor(nowMs / 1000),
    ExportViewType: view = 'NEW_AND_OLD_IMAGES',
  } = specification;
  if (toSeconds * 1000 > nowMs) {
    throw invalidExportTime(
      `Incremental export period to time cannot be greater than the current time : ${inSeconds(toSeconds)}`,
    );
  }
  if (toSeconds - fromSeconds < WINDOW_SECONDS_MIN) {
    throw invalidExportTime(
      'Difference between export period from time and export period to time is less than 15 minutes',
    );
  }
  if (toSeconds - fromSeconds > WINDOW_SECONDS_MAX) {
    throw invalidExportTime(
      'Difference between export period from time and export period to time is greater than 24 hours',
    );
  }
  return { fromSeconds, toSeconds, view };
}

/** Numbers beyond the calendar have no such form and are shown as they were sent. */
function inSeconds(epochSeconds: number): string {
  const time = new Date(epochSeconds * 1000);
  return Number.isNaN(time.getTime()) ? String(epochSeconds) : `${time.toISOString().slice(0, 19)}Z`;
}
