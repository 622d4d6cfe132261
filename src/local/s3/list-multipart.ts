import { readListQuery } from './list-operations.ts';
import { commonPrefixOf } from './listing.ts';
import { uploadOf } from './multipart-request.ts';
import { checksumElements, isoTime, quoted } from './object-headers.ts';
import { ownerOf } from './owner.ts';
import { keysOf, type PartRecord, type UploadRecord } from './records.ts';
import { type S3Reply, xmlReply } from './reply.ts';
import { type BucketRequest, type ObjectRequest, wholeNumber } from './request.ts';
import type { S3 } from './s3.ts';
import type { XmlObject } from './xml.ts';

export async function listParts(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const { query } = request.call;
  const upload = await uploadOf(request, s3);
  const { entriesMax, encode } = readListQuery(query, 'max-parts');
  const marker = wholeNumber(query.get('part-number-marker'), 'part-number-marker', 0);
  const following = (await s3.uploads.parts(upload.uploadId)).filter(({ number }) => number > marker);
  const page = following.slice(0, entriesMax);
  return xmlReply('ListPartsResult', {
    Bucket: upload.bucket,
    Key: encode(upload.key),
    EncodingType: query.get('encoding-type') ?? undefined,
    UploadId: upload.uploadId,
    Initiator: { ID: upload.initiatorArn },
    Owner: ownerOf(request.bucket.ownerAccountId),
    StorageClass: upload.storageClass,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: entriesMax,
    IsTruncated: page.length < following.length,
    ...uploadChecksum(upload),
    Part: page.map(partElement),
  });
}

export async function listMultipartUploads({ call: { query }, bucket }: BucketRequest, s3: S3): Promise<S3Reply> {
  const { prefix, delimiter, entriesMax, encode } = readListQuery(query, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  const uploadIdMarker = query.get('upload-id-marker') ?? '';
  const uploads: UploadRecord[] = [];
  const commonPrefixes = new Set<string>();
  let last: UploadRecord | undefined;
  let isTruncated = false;
  // Unfinished uploads are few: they are filtered, not sought.
  for await (const upload of s3.records.uploads.values(keysOf(bucket.name))) {
    if (!upload.key.startsWith(prefix) || !isAfter(upload, keyMarker, uploadIdMarker)) continue;
    const commonPrefix = commonPrefixOf(upload.key, prefix, delimiter);
    const isNew = commonPrefix === undefined || !commonPrefixes.has(commonPrefix);
    if (isNew && uploads.length + commonPrefixes.size === entriesMax) {
      isTruncated = true;
      break;
    }
    if (commonPrefix === undefined) uploads.push(upload);
    else commonPrefixes.add(commonPrefix);
    last = upload;
  }
  return xmlReply('ListMultipartUploadsResult', {
    Bucket: bucket.name,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: uploadIdMarker,
    NextKeyMarker: isTruncated && last ? encode(last.key) : undefined,
    NextUploadIdMarker: isTruncated ? last?.uploadId : undefined,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: query.get('encoding-type') ?? undefined,
    MaxUploads: entriesMax,
    IsTruncated: isTruncated,
    Upload: uploads.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.uploadId,
      Initiator: { ID: upload.initiatorArn },
      Owner: ownerOf(bucket.ownerAccountId),
      StorageClass: upload.storageClass,
      Initiated: isoTime(upload.initiatedAtMillis),
      ...uploadChecksum(upload),
    })),
    CommonPrefixes: [...commonPrefixes].map((commonPrefix) => ({ Prefix: encode(commonPrefix) })),
  });
}

/** Without an upload id to go on from, all uploads of the marked key have been seen. */
function isAfter(upload: UploadRecord, keyMarker: string, uploadIdMarker: string): boolean {
  const order = Buffer.compare(Buffer.from(upload.key), Buffer.from(keyMarker));
  return order > 0 || (order === 0 && uploadIdMarker !== '' && upload.uploadId > uploadIdMarker);
}

const uploadChecksum = ({ checksum }: UploadRecord): XmlObject =>
  checksum ? { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type } : {};

function partElement({ number, sizeBytes, etag, lastModifiedMillis, checksum }: PartRecord): XmlObject {
  const { ChecksumType: _, ...checksums } = checksumElements(checksum);
  return {
    PartNumber: number,
    LastModified: isoTime(lastModifiedMillis),
    ETag: quoted(etag),
    Size: sizeBytes,
    ...checksums,
  };
}
