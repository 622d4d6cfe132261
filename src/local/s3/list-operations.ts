import { invalidArgument } from './errors.ts';
import { type Listing, listObjects } from './listing.ts';
import { isoTime, quoted } from './object-headers.ts';
import { type Operation, readsBucket } from './operation.ts';
import { ownerOf } from './owner.ts';
import type { BucketRecord, ObjectRecord } from './records.ts';
import { type S3Reply, xmlReply } from './reply.ts';
import { type BucketRequest, wholeNumber } from './request.ts';
import type { S3 } from './s3.ts';
import type { XmlObject } from './xml.ts';

export const LIST_OPERATIONS: readonly Operation[] = [
  {
    ...readsBucket,
    name: 'ListObjectsV2',
    eventName: 'ListObjects',
    method: 'GET',
    query: ['list-type'],
    management: false,
    actions: ['s3:ListBucket'],
    perform: listObjectsV2,
  },
  {
    ...readsBucket,
    name: 'ListObjects',
    method: 'GET',
    management: false,
    actions: ['s3:ListBucket'],
    perform: listObjectsV1,
  },
];

const ENTRIES_MAX = 1000;

async function listObjectsV2({ call: { query }, bucket }: BucketRequest, s3: S3): Promise<S3Reply> {
  const listType = query.get('list-type') ?? '';
  if (listType !== '2') throw invalidArgument('Invalid List Type specified in Query', 'list-type', listType);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const { prefix, delimiter, entriesMax, encode } = readListQuery(query);
  const after = token === null ? (startAfter ?? '') : decodeToken(token);
  const listing = await listObjects(s3.records, { bucket: bucket.name, prefix, delimiter, after, entriesMax });
  const withOwner = query.get('fetch-owner')?.toLowerCase() === 'true';
  return xmlReply('ListBucketResult', {
    ...common(bucket, query, encode),
    ContinuationToken: token ?? undefined,
    NextContinuationToken: listing.next === undefined ? undefined : encodeToken(listing.next),
    StartAfter: startAfter === null ? undefined : encode(startAfter),
    KeyCount: listing.objects.length + listing.commonPrefixes.length,
    MaxKeys: entriesMax,
    IsTruncated: listing.next !== undefined,
    ...entries(listing, encode, withOwner ? bucket : undefined),
  });
}

async function listObjectsV1({ call: { query }, bucket }: BucketRequest, s3: S3): Promise<S3Reply> {
  const marker = query.get('marker') ?? '';
  const { prefix, delimiter, entriesMax, encode } = readListQuery(query);
  const listing = await listObjects(s3.records, { bucket: bucket.name, prefix, delimiter, after: marker, entriesMax });
  return xmlReply('ListBucketResult', {
    ...common(bucket, query, encode),
    Marker: encode(marker),
    // Without a delimiter the last key is the marker.
    NextMarker: listing.next === undefined || delimiter === '' ? undefined : encode(listing.next),
    MaxKeys: entriesMax,
    IsTruncated: listing.next !== undefined,
    ...entries(listing, encode, bucket),
  });
}

/** The parameters that all listings share. */
export function readListQuery(query: URLSearchParams, limit = 'max-keys') {
  const encodingType = query.get('encoding-type');
  if (encodingType !== null && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    entriesMax: Math.min(wholeNumber(query.get(limit), limit, ENTRIES_MAX), ENTRIES_MAX),
    // Clients that take `+` for a space and clients that do not must both read the same key.
    encode: (text: string) => (encodingType === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text),
  };
}

const common = (bucket: BucketRecord, query: URLSearchParams, encode: (text: string) => string): XmlObject => ({
  Name: bucket.name,
  Prefix: encode(query.get('prefix') ?? ''),
  Delimiter: query.get('delimiter') ? encode(query.get('delimiter') ?? '') : undefined,
  EncodingType: query.get('encoding-type') ?? undefined,
});

const entries = (listing: Listing, encode: (text: string) => string, owner: BucketRecord | undefined): XmlObject => ({
  Contents: listing.objects.map((object) => contents(object, encode, owner)),
  CommonPrefixes: listing.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
});

const contents = (
  object: ObjectRecord,
  encode: (text: string) => string,
  owner: BucketRecord | undefined,
): XmlObject => ({
  Key: encode(object.key),
  LastModified: isoTime(object.lastModifiedMillis),
  ETag: quoted(object.etag),
  ChecksumAlgorithm: object.checksum?.algorithm,
  ChecksumType: object.checksum?.type,
  Size: object.sizeBytes,
  Owner: owner && ownerOf(owner.ownerAccountId),
  StorageClass: object.storageClass,
});

/** Tokens are opaque to clients: a prefix tells ours from anything else. */
const encodeToken = (after: string) => Buffer.from(`1${after}`).toString('base64url');

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('1')) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return text.slice(1);
}
