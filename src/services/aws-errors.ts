import type { ErrorCode } from '../records/error-codes.ts';
import { type UserError, userError } from './user-errors.ts';

/**
 * What an AWS call's failure means: FINAL, sending it again would fail again; RETRYABLE, it may not; and anything that
 * is no answer of AWS's and no network's is a bug, which the classifier throws on.
 */
export type AwsFailure =
  | { readonly kind: 'FINAL'; readonly error: UserError }
  | { readonly kind: 'RETRYABLE'; readonly message: string };

/** Errors of the calls Outport makes, by the name the SDK gives them. */
const FINAL: Readonly<Record<string, ErrorCode>> = {
  TableNotFoundException: 'TABLE_NOT_FOUND',
  ResourceNotFoundException: 'TABLE_NOT_FOUND',
  PointInTimeRecoveryUnavailableException: 'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
  InvalidExportTimeException: 'INVALID_EXPORT_TIME',
  ExportNotFoundException: 'EXPORT_NOT_FOUND',
  AccessDeniedException: 'ACCOUNT_ACCESS_DENIED',
  AccessDenied: 'ACCOUNT_ACCESS_DENIED',
  UnrecognizedClientException: 'ACCOUNT_ACCESS_DENIED',
  NoSuchBucket: 'S3_NO_SUCH_BUCKET',
};

/** Answers with a 4xx status that say "later", not "never". */
const RETRYABLE = new Set([
  'LimitExceededException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'Throttling',
  'ExpiredTokenException',
  'ExpiredToken',
  'RequestTimeTooSkewed',
]);

const NETWORK_ERRORS =
  /^(TimeoutError|RequestTimeout|AbortError|ECONN\w+|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|NetworkingError)$/;

export function classifyAwsError(error: unknown): AwsFailure {
  if (!(error instanceof Error)) throw error;
  const message = messageOf(error);
  if (mayGoBetterLater(error)) return { kind: 'RETRYABLE', message };
  if (httpStatusOf(error) === null) throw error;
  return { kind: 'FINAL', error: userError(FINAL[error.name] ?? 'EXPORT_REJECTED', message) };
}

/** What AWS said. Where an answer has no body, as those of S3 to HEAD, the SDK says UnknownError. */
function messageOf(error: Error): string {
  if (error.message !== 'UnknownError') return error.message;
  const [, service = 'AWS'] = /^(\w+)ServiceException$/.exec(error.constructor.name) ?? [];
  return `${service} answered ${httpStatusOf(error)} and gave no reason.`;
}

/** Whether a call of AWS has failed in a way that passes: AWS is overloaded, out of order or out of reach. */
export function mayGoBetterLater(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = httpStatusOf(error);
  if (status === null) return NETWORK_ERRORS.test(error.name) || NETWORK_ERRORS.test(networkCodeOf(error));
  return status >= 500 || status === 429 || RETRYABLE.has(error.name);
}

/** The codes DynamoDB gives to exports that failed while running (facts §5.3), as codes of ours. */
const FAILURE_CODES: Readonly<Record<string, ErrorCode>> = {
  S3NoSuchBucket: 'S3_NO_SUCH_BUCKET',
  S3AccessDenied: 'S3_ACCESS_DENIED',
  KmsNotFoundException: 'KMS_NOT_FOUND',
};

/** Explains the failure that DescribeExport reports. A code not known yet is kept in the message. */
export function explainExportFailure(failureCode: string | undefined, failureMessage: string | undefined): UserError {
  const code = FAILURE_CODES[failureCode ?? ''];
  const message = failureMessage ?? 'DynamoDB gave no reason.';
  return code
    ? userError(code, message)
    : userError('EXPORT_FAILED', `${failureCode ?? 'No failure code'}: ${message}`);
}

/** The status of the HTTP answer behind an SDK error, or null when there was none. */
export function httpStatusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('$metadata' in error)) return null;
  const metadata: unknown = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}

const networkCodeOf = (error: Error): string => ('code' in error ? String(error.code) : '');
