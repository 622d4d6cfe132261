import { CHECKSUM_ALGORITHMS } from './checksums.ts';
import { encryptionHeaders } from './encryption.ts';
import type { Checksum, ObjectRecord } from './records.ts';

export const quoted = (etag: string) => `"${etag}"`;

/** S3 keeps times to the second. */
export const isoTime = (millis: number) => new Date(Math.floor(millis / 1000) * 1000).toISOString();

/** What clients tell one state of an object from another by. */
export const validators = (object: ObjectRecord): Record<'etag' | 'last-modified', string> => ({
  etag: quoted(object.etag),
  'last-modified': new Date(object.lastModifiedMillis).toUTCString(),
});

/** What GetObject and HeadObject say of an object, whichever bytes of it are asked for. */
export const objectHeaders = (object: ObjectRecord): Record<string, string | number> => ({
  'accept-ranges': 'bytes',
  ...validators(object),
  'content-type': 'binary/octet-stream',
  ...object.headers,
  ...Object.fromEntries(Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  ...encryptionHeaders(object.encryption),
  ...(object.storageClass !== 'STANDARD' && { 'x-amz-storage-class': object.storageClass }),
  ...(object.tags.length > 0 && { 'x-amz-tagging-count': object.tags.length }),
});

export const checksumHeaders = (checksum: Checksum | undefined): Record<string, string> =>
  checksum
    ? { [CHECKSUM_ALGORITHMS[checksum.algorithm].header]: checksum.value, 'x-amz-checksum-type': checksum.type }
    : {};

/** The elements of a checksum in XML, such as `ChecksumCRC32`. */
export const checksumElements = (checksum: Checksum | undefined): Record<string, string> =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};
