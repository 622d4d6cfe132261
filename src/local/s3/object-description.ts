import type { AwsCall } from '../aws/service.ts';
import { readEncryption } from './encryption.ts';
import { notImplemented } from './errors.ts';
import { S3Error } from './object-store.ts';
import type { BucketRecord, ObjectDescription } from './records.ts';
import { parameter } from './request.ts';
import { parseTaggingHeader } from './tags.ts';

const METADATA_PREFIX = 'x-amz-meta-';
const METADATA_BYTES_MAX = 2 * 1024;

/** The standard headers that S3 stores with an object and returns with it. */
const STORED_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Classes whose objects can be read at once. The archives would need a restore first. */
const STORAGE_CLASSES = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
]);
const ARCHIVE_CLASSES = new Set(['GLACIER', 'DEEP_ARCHIVE', 'OUTPOSTS', 'SNOW', 'EXPRESS_ONEZONE', 'FSX_OPENZFS']);

/** Headers whose effect would be missed if they were ignored. */
const UNSUPPORTED_HEADERS = [
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-copy-source-server-side-encryption-customer-algorithm',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-website-redirect-location',
  'x-amz-write-offset-bytes',
];

/**
 * Reads what a PutObject, CreateMultipartUpload or CopyObject says of the new object beside its bytes.
 * @throws S3Error for what is invalid or not supported
 */
export function readDescription(call: AwsCall, bucket: BucketRecord): ObjectDescription {
  checkObjectAcl(call);
  return {
    headers: readStoredHeaders(call),
    metadata: readMetadata(call),
    tags: parseTaggingHeader(parameter(call, 'x-amz-tagging')),
    storageClass: readStorageClass(call),
    encryption: readEncryption(call, bucket),
  };
}

/** Refuses requests with headers that ask for something this S3 does not do. */
export function refuseUnsupportedHeaders(call: AwsCall): void {
  for (const name of UNSUPPORTED_HEADERS) {
    if (parameter(call, name) !== undefined) throw notImplemented(`The header ${name}`);
  }
}

/** Buckets here are as new buckets are in AWS, with ACLs off: the owner of the bucket owns every object in it. */
function checkObjectAcl(call: AwsCall): void {
  const acl = parameter(call, 'x-amz-acl');
  const grants = Object.keys(call.headers).some((name) => name.startsWith('x-amz-grant-'));
  if (grants || (acl !== undefined && acl !== 'bucket-owner-full-control')) throw aclNotSupported();
}

export const aclNotSupported = () =>
  new S3Error('AccessControlListNotSupported', 400, 'The bucket does not allow ACLs');

function readStoredHeaders(call: AwsCall): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of STORED_HEADERS) {
    const value = name === 'content-encoding' ? contentEncoding(call) : call.headers[name];
    if (value !== undefined && value !== '') headers[name] = value;
  }
  return headers;
}

/** `aws-chunked` is how the request came, not how the object is encoded. */
function contentEncoding(call: AwsCall): string | undefined {
  return call.headers['content-encoding']
    ?.split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== 'aws-chunked')
    .join(',');
}

function readMetadata(call: AwsCall): Record<string, string> {
  const metadata: Record<string, string> = {};
  let sizeBytes = 0;
  const names = call.query.has('X-Amz-Signature')
    ? [...Object.keys(call.headers), ...call.query.keys()]
    : Object.keys(call.headers);
  for (const name of new Set(names.map((name) => name.toLowerCase()))) {
    if (!name.startsWith(METADATA_PREFIX)) continue;
    const value = parameter(call, name);
    if (value === undefined) continue;
    const key = name.slice(METADATA_PREFIX.length);
    metadata[key] = value;
    sizeBytes += key.length + Buffer.byteLength(value, 'latin1');
  }
  if (sizeBytes > METADATA_BYTES_MAX) {
    throw new S3Error('MetadataTooLarge', 400, 'Your metadata headers exceed the maximum allowed metadata size', {
      Size: String(sizeBytes),
      MaxSizeAllowed: String(METADATA_BYTES_MAX),
    });
  }
  return metadata;
}

function readStorageClass(call: AwsCall): string {
  const storageClass = parameter(call, 'x-amz-storage-class') ?? 'STANDARD';
  if (ARCHIVE_CLASSES.has(storageClass)) throw notImplemented(`The storage class ${storageClass}`);
  if (!STORAGE_CLASSES.has(storageClass)) {
    throw new S3Error('InvalidStorageClass', 400, 'The storage class you specified is not valid', {
      StorageClassRequested: storageClass,
    });
  }
  return storageClass;
}
