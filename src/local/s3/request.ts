import type { AwsCall } from '../aws/service.ts';
import { invalidArgument } from './errors.ts';
import type { BucketRecord } from './records.ts';

/** A call to the service itself, or to create a bucket. */
export interface ServiceRequest {
  readonly call: AwsCall;
}

export interface NewBucketRequest extends ServiceRequest {
  readonly bucketName: string;
}

/** A call to a bucket that exists and whose owner and policy let the caller do this. */
export interface BucketRequest extends ServiceRequest {
  readonly bucket: BucketRecord;
}

export interface ObjectRequest extends BucketRequest {
  readonly key: string;
}

/** A request's header or, in presigned URLs, where signers move `x-amz-` headers to, its query parameter. */
export function parameter(call: AwsCall, name: string): string | undefined {
  const header = call.headers[name];
  if (header !== undefined || !name.startsWith('x-amz-') || !call.query.has('X-Amz-Signature')) return header;
  for (const [key, value] of call.query) if (key.toLowerCase() === name) return value;
  return undefined;
}

/**
 * A count or position that a client may give.
 * @throws S3Error `InvalidArgument` for what is no whole number, or is a negative one
 */
export function wholeNumber(text: string | null | undefined, name: string, otherwise: number): number {
  if (text === null || text === undefined || text === '') return otherwise;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, text);
}
