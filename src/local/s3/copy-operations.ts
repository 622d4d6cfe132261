import type { FileHandle } from 'node:fs/promises';
import type { AwsCall } from '../aws/service.ts';
import { addressOfCopySource } from './address.ts';
import { authorize, checkExpectedOwner, conditionContext } from './authorization.ts';
import type { ByteRange } from './byte-range.ts';
import { type ChecksumAlgorithm, isChecksumAlgorithm } from './checksums.ts';
import { checkCopySourceConditions, writePrecondition } from './conditional-requests.ts';
import { encryptionHeaders } from './encryption.ts';
import { invalidArgument, invalidRequest, notImplemented } from './errors.ts';
import { writeIncoming } from './incoming-bytes.ts';
import { partNumberOf, uploadOf } from './multipart-request.ts';
import { readDescription, refuseUnsupportedHeaders } from './object-description.ts';
import { checksumElements, isoTime, quoted } from './object-headers.ts';
import { authorizeExtras } from './object-operations.ts';
import { S3Error } from './object-store.ts';
import { type Operation, writesObject } from './operation.ts';
import { missing } from './read-operations.ts';
import type { BucketRecord, ObjectDescription, ObjectRecord } from './records.ts';
import { type S3Reply, xmlReply } from './reply.ts';
import { type ObjectRequest, parameter } from './request.ts';
import type { S3 } from './s3.ts';

/** The most that one request copies: 5 GiB. */
const COPY_BYTES_MAX = 5 * 1024 ** 3;

export const COPY_OPERATIONS: readonly Operation[] = [
  {
    ...writesObject,
    name: 'CopyObject',
    method: 'PUT',
    header: 'x-amz-copy-source',
    actions: ['s3:PutObject'],
    perform: copyObject,
  },
];

async function copyObject(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const { call, bucket, key } = request;
  refuseUnsupportedHeaders(call);
  authorizeExtras(request);
  const precondition = writePrecondition(call, key);
  const { source, handle } = await openSource(call, s3);
  try {
    checkSize(source.sizeBytes);
    const description = describeCopy(call, bucket, source);
    if (source.bucket === bucket.name && source.key === key) refuseCopyToItself(call, description, source);
    const algorithm = wantedAlgorithm(call) ?? source.checksum?.algorithm ?? 'CRC64NVME';
    const content = read(handle, { first: 0, last: source.sizeBytes - 1 });
    const { path, sizeBytes, digests } = await writeIncoming(content, s3.files, [algorithm]);
    const value = digests.checksums.get(algorithm)?.toString('base64') ?? '';
    const etag = digests.md5.toString('hex');
    const copy = await s3.objects.put(
      {
        ...description,
        bucket: bucket.name,
        key,
        sizeBytes,
        etag,
        checksum: { algorithm, value, type: 'FULL_OBJECT' },
      },
      path,
      precondition,
    );
    return xmlReply(
      'CopyObjectResult',
      { ETag: quoted(etag), LastModified: isoTime(copy.lastModifiedMillis), ...checksumElements(copy.checksum) },
      encryptionHeaders(copy.encryption),
    );
  } finally {
    await handle.close();
  }
}

/** Makes a range of an object, or all of it, a part of an upload. */
export async function uploadPartCopy(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const { call } = request;
  refuseUnsupportedHeaders(call);
  const number = partNumberOf(call);
  const upload = await uploadOf(request, s3);
  const { source, handle } = await openSource(call, s3);
  try {
    const range = parseCopyRange(call.headers['x-amz-copy-source-range'], source.sizeBytes);
    checkSize(range.last - range.first + 1);
    const algorithm = upload.checksum?.algorithm ?? 'CRC64NVME';
    const { path, sizeBytes, digests } = await writeIncoming(read(handle, range), s3.files, [algorithm]);
    const value = digests.checksums.get(algorithm)?.toString('base64') ?? '';
    const etag = digests.md5.toString('hex');
    const lastModifiedMillis = s3.now();
    const checksum = { algorithm, value, type: 'FULL_OBJECT' } as const;
    await s3.uploads.putPart(upload, path, { number, sizeBytes, etag, lastModifiedMillis, checksum });
    const { ChecksumType: _, ...checksums } = checksumElements(upload.checksum && checksum);
    return xmlReply(
      'CopyPartResult',
      { ETag: quoted(etag), LastModified: isoTime(lastModifiedMillis), ...checksums },
      encryptionHeaders(upload.encryption),
    );
  } finally {
    await handle.close();
  }
}

/** Opens the object that `x-amz-copy-source` names, if the caller may read it and it is as the caller expects. */
async function openSource(call: AwsCall, s3: S3): Promise<{ source: ObjectRecord; handle: FileHandle }> {
  const header = call.headers['x-amz-copy-source'] ?? '';
  const [path = '', query] = header.split('?');
  if (query !== undefined && query !== 'versionId=null') throw notImplemented('Copying a version');
  const address = addressOfCopySource(path);
  if (!address) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      header,
    );
  }
  const bucket = await s3.buckets.get(address.bucket);
  checkExpectedOwner(bucket, parameter(call, 'x-amz-source-expected-bucket-owner'));
  const { key } = address;
  authorize({ caller: call.caller, action: 's3:GetObject', bucket, key, context: conditionContext(call) });
  const opened = await s3.objects.open(bucket.name, key);
  if (!opened) throw missing({ call, bucket, key });
  try {
    checkCopySourceConditions(call, opened.object);
  } catch (error) {
    await opened.handle.close();
    throw error;
  }
  return { source: opened.object, handle: opened.handle };
}

/** What the copy has beside its bytes: the source's or the request's, as the two directives say. */
function describeCopy(call: AwsCall, bucket: BucketRecord, source: ObjectRecord): ObjectDescription {
  const fromRequest = readDescription(call, bucket);
  const replacesMetadata = readDirective(call, 'x-amz-metadata-directive');
  const replacesTags = readDirective(call, 'x-amz-tagging-directive');
  return {
    ...fromRequest,
    headers: replacesMetadata ? fromRequest.headers : source.headers,
    metadata: replacesMetadata ? fromRequest.metadata : source.metadata,
    tags: replacesTags ? fromRequest.tags : source.tags,
  };
}

function readDirective(call: AwsCall, name: string): boolean {
  const directive = parameter(call, name) ?? 'COPY';
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  throw invalidArgument(`Unknown ${name.slice('x-amz-'.length).replace('-', ' ')}.`, name, directive);
}

function refuseCopyToItself(call: AwsCall, copy: ObjectDescription, source: ObjectRecord): void {
  const isChange =
    readDirective(call, 'x-amz-metadata-directive') ||
    copy.storageClass !== source.storageClass ||
    parameter(call, 'x-amz-server-side-encryption') !== undefined ||
    wantedAlgorithm(call) !== undefined;
  if (isChange) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

function wantedAlgorithm(call: AwsCall): ChecksumAlgorithm | undefined {
  const name = parameter(call, 'x-amz-checksum-algorithm')?.toUpperCase();
  if (name === undefined || isChecksumAlgorithm(name)) return name;
  throw notImplemented(`The checksum algorithm ${name}`);
}

function parseCopyRange(header: string | undefined, sizeBytes: number): ByteRange {
  if (header === undefined) return { first: 0, last: sizeBytes - 1 };
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const range = { first: Number(match?.[1]), last: Number(match?.[2]) };
  if (!match || range.first > range.last) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  }
  if (range.last >= sizeBytes) {
    throw new S3Error('InvalidRange', 416, 'The requested range is not satisfiable', {
      RangeRequested: header,
      ActualObjectSize: String(sizeBytes),
    });
  }
  return range;
}

function checkSize(sizeBytes: number): void {
  if (sizeBytes <= COPY_BYTES_MAX) return;
  throw invalidRequest(
    `The specified copy source is larger than the maximum allowable size for a copy source: ${COPY_BYTES_MAX}`,
  );
}

async function* read(handle: FileHandle, { first, last }: ByteRange): AsyncGenerator<Buffer, void> {
  if (last >= first) yield* handle.createReadStream({ start: first, end: last, autoClose: false });
}
