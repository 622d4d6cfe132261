import type { AwsCall } from '../aws/service.ts';
import { invalidArgument } from './errors.ts';
import type { UploadRecord } from './records.ts';
import type { ObjectRequest } from './request.ts';
import type { S3 } from './s3.ts';

const PART_NUMBER_MAX = 10_000;

/** @throws S3Error `NoSuchUpload` */
export const uploadOf = ({ call, bucket, key }: ObjectRequest, s3: S3): Promise<UploadRecord> =>
  s3.uploads.get(bucket.name, key, call.query.get('uploadId') ?? '');

/** @throws S3Error `InvalidArgument` */
export function partNumberOf(call: AwsCall): number {
  const text = call.query.get('partNumber') ?? '';
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= PART_NUMBER_MAX) return number;
  throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', text);
}
