import { randomBytes } from 'node:crypto';
import { S3Error } from '../s3/object-store.ts';

/** The FailureCode that stands for an S3 error (facts §5.3); others are named after the error. */
const FAILURE_CODES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'S3NoSuchBucket',
  AccessDenied: 'S3AccessDenied',
  'KMS.NotFoundException': 'KmsNotFoundException',
};

/** How an export or import ends that did not succeed. */
export interface JobFailure {
  readonly failureCode: string;
  readonly failureMessage: string;
}

/**
 * The end of an export or import whose bucket, owner or key was not right, or whose run met an error of this service.
 * @param what could not be done, such as `The export could not be written`
 */
export function failureOf(error: unknown, what: string): JobFailure {
  if (error instanceof S3Error) {
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    const extendedId = randomBytes(56).toString('base64');
    return {
      failureCode: FAILURE_CODES[error.code] ?? `S3${error.code}`,
      failureMessage: `${error.message} (Service: Amazon S3; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${requestId}; S3 Extended Request ID: ${extendedId}; Proxy: null)`,
    };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { failureCode: 'InternalServerError', failureMessage: `${what}: ${reason}` };
}
