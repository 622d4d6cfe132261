import { createHash } from 'node:crypto';
import type { ScheduleRecord } from '../../records/schedule-records.ts';
import {
  canonicalInput,
  type ExportRequest,
  type ExportTableInput,
  type Parsed,
  parseExportRequest,
} from '../export-request.ts';
import { type UserError, userError } from '../user-errors.ts';

/** What a caller sends, typed as GraphQL guarantees it and no further. */
export interface CreateScheduleInput
  extends Pick<ExportTableInput, 'clientToken' | 'tableArn' | 'exportFormat' | 'destination'> {
  readonly exportViewType: ScheduleRecord['exportViewType'];
  readonly windowMinutes: number;
  readonly fullEveryDays?: number | null;
}

/** A schedule whose every field is valid. */
export interface ScheduleRequest extends Pick<ScheduleRecord, 'exportViewType' | 'windowMinutes' | 'fullEveryDays'> {
  /** The full export that it begins with, as of now. */
  readonly full: ExportRequest;
}

/** DynamoDB's bounds of an incremental export (facts §1.6). */
const WINDOW_MINUTES = { min: 15, max: 24 * 60 };
const FULL_EVERY_DAYS = { min: 1, max: 365 };
/** Room for the folder of a link below it. */
const PREFIX_BYTES_MAX = 900;

/** Parses an input into a request that cannot be wrong by itself, or names everything that is wrong with it, at once. */
export function parseScheduleRequest(input: CreateScheduleInput): Parsed<ScheduleRequest> {
  const {
    clientToken,
    tableArn,
    exportFormat,
    destination,
    exportViewType,
    windowMinutes,
    fullEveryDays = null,
  } = input;
  const parsed = parseExportRequest({ clientToken, tableArn, exportFormat, destination });
  const errors: UserError[] = parsed.ok ? [] : [...parsed.errors];
  const check = (valid: boolean, message: string, ...field: string[]) => {
    if (!valid) errors.push(userError('INVALID_SCHEDULE', message, ['input', ...field]));
  };
  check(isWithin(windowMinutes, WINDOW_MINUTES), `A window cannot have ${windowMinutes} minutes.`, 'windowMinutes');
  check(
    fullEveryDays === null || isWithin(fullEveryDays, FULL_EVERY_DAYS),
    `A full export cannot be made every ${fullEveryDays} days.`,
    'fullEveryDays',
  );
  const prefixBytes = Buffer.byteLength(destination.prefix ?? '');
  check(
    prefixBytes <= PREFIX_BYTES_MAX,
    `The prefix has ${prefixBytes} bytes, which leaves no room for the folders of the links.`,
    ...['destination', 'prefix'],
  );
  if (!parsed.ok || errors.length > 0) return { ok: false, errors };
  return { ok: true, value: { full: parsed.value, exportViewType, windowMinutes, fullEveryDays } };
}

const isWithin = (value: number, { min, max }: { readonly min: number; readonly max: number }): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

/** The request as one line of JSON, without the token: what was asked, for audit and hash. */
export function canonicalSchedule({ full, exportViewType, windowMinutes, fullEveryDays }: ScheduleRequest): string {
  const { tableArn, exportFormat, destination } = JSON.parse(canonicalInput(full));
  return JSON.stringify({ tableArn, exportFormat, exportViewType, destination, windowMinutes, fullEveryDays });
}

export const scheduleHash = (request: ScheduleRequest): string =>
  createHash('sha256').update(canonicalSchedule(request)).digest('hex');
