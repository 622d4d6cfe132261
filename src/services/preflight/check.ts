import type { ErrorCode } from '../../records/error-codes.ts';
import { type UserError, userError } from '../user-errors.ts';

/** What is looked at before an export is started, in this order. */
export const CHECK_CODES = [
  'INPUT',
  'PERMISSION',
  'CLIENT_TOKEN',
  'TABLE',
  'POINT_IN_TIME_RECOVERY',
  'EXPORT_TIME',
  'FILTER',
  'BUCKET',
  'BUCKET_OWNER',
  'BUCKET_ACCESS',
  'ENCRYPTION',
  'LIMITS',
] as const;

export type CheckCode = (typeof CHECK_CODES)[number];

export interface Check {
  readonly code: CheckCode;
  /** UNKNOWN: it could not be looked at, so it speaks neither for the export nor against it. */
  readonly status: 'PASSED' | 'FAILED' | 'UNKNOWN';
  /** Path of the input field it is about; null when no single one is. */
  readonly field: readonly string[] | null;
  /** What was found, with the values that were compared. */
  readonly message: string;
  readonly remedy: string | null;
  /** What a request with this result is refused with; null: it is not, for this. */
  readonly refusal: UserError | null;
}

/** The field that a check is about, unless it says another. */
const FIELDS: Readonly<Record<CheckCode, readonly string[] | null>> = {
  INPUT: null,
  PERMISSION: null,
  CLIENT_TOKEN: ['input', 'clientToken'],
  TABLE: ['input', 'tableArn'],
  POINT_IN_TIME_RECOVERY: ['input', 'tableArn'],
  EXPORT_TIME: ['input', 'exportTime'],
  FILTER: ['input', 'filter'],
  BUCKET: ['input', 'destination', 'bucket'],
  BUCKET_OWNER: ['input', 'destination', 'bucketOwner'],
  BUCKET_ACCESS: ['input', 'destination', 'bucket'],
  ENCRYPTION: ['input', 'destination', 'encryption'],
  LIMITS: null,
};

export const passed = (code: CheckCode, message: string, field = FIELDS[code]): Check => ({
  code,
  status: 'PASSED',
  field,
  message,
  remedy: null,
  refusal: null,
});

export const unknown = (code: CheckCode, message: string): Check => ({ ...passed(code, message), status: 'UNKNOWN' });

/** A reason why the export would fail. */
export const failed = (code: CheckCode, errorCode: ErrorCode, message: string): Check =>
  failedWith(code, userError(errorCode, message, FIELDS[code]));

export function failedWith(code: CheckCode, refusal: UserError): Check {
  const { field, message, remedy } = refusal;
  return { code, status: 'FAILED', field, message, remedy, refusal };
}

/** AWS could not answer just now. A request is refused for this too: asked again, it may know. */
export const unanswered = (code: CheckCode, message: string): Check => ({
  ...failedWith(code, userError('AWS_UNAVAILABLE', message)),
  status: 'UNKNOWN',
});

/** What a request with these results is refused with: empty when it may go on. */
export function refusalsOf(checks: readonly Check[]): UserError[] {
  const refusals = checks.flatMap(({ refusal }) => refusal ?? []);
  // What keeps AWS from answering one question keeps it from answering all.
  const first = refusals.findIndex(({ code }) => code === 'AWS_UNAVAILABLE');
  return refusals.filter(({ code }, index) => code !== 'AWS_UNAVAILABLE' || index === first);
}
