import type { ClassicLevel } from 'classic-level';
import type { ChecksumAlgorithm } from './checksums.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  readonly kmsKeyId?: string;
}

export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

export interface BucketRecord {
  readonly name: string;
  readonly ownerAccountId: string;
  readonly region: string;
  readonly createdAtMillis: number;
  /** The bucket policy as it was put. */
  readonly policy?: string;
  readonly tags?: readonly Tag[];
  /** Absent: SSE-S3, which every bucket has. */
  readonly encryption?: Encryption;
  /** Absent when its owner deleted it: nothing is blocked. */
  readonly publicAccessBlock?: PublicAccessBlock;
}

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of a composite checksum followed by `-` and the number of parts. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** What a client says of an object beside its bytes. */
export interface ObjectDescription {
  /** The stored standard headers (`content-type`, `cache-control`, …) by their lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata by the name that follows `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly storageClass: string;
  readonly encryption: Encryption;
}

export interface PartSummary {
  readonly number: number;
  readonly sizeBytes: number;
  /** Base64, by the algorithm of the object's checksum. */
  readonly checksum?: string;
}

export interface ObjectRecord extends ObjectDescription {
  readonly bucket: string;
  readonly key: string;
  /** Path of the bytes, relative to the service's folder. */
  readonly file: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly lastModifiedMillis: number;
  readonly checksum?: Checksum;
  /** Present for objects of a multipart upload. */
  readonly parts?: readonly PartSummary[];
}

export interface UploadRecord extends ObjectDescription {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedAtMillis: number;
  readonly initiatorArn: string;
  readonly checksum?: Pick<Checksum, 'algorithm' | 'type'>;
}

export interface PartRecord {
  readonly number: number;
  /** Path of the bytes, relative to the service's folder. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModifiedMillis: number;
  readonly checksum?: Checksum;
}

export type Database = ClassicLevel<string, string>;
export type Records = ReturnType<typeof openRecords>;

/**
 * The index: the truth of what exists, while the files only hold bytes. LevelDB orders keys by their UTF-8 bytes, which
 * is the order S3 lists them in.
 */
export function openRecords(database: Database) {
  const json = { valueEncoding: 'json' } as const;
  return {
    database,
    buckets: database.sublevel<string, BucketRecord>(['s3', 'buckets'], json),
    /** By `objectKey`. */
    objects: database.sublevel<string, ObjectRecord>(['s3', 'objects'], json),
    /** By `uploadKey`. */
    uploads: database.sublevel<string, UploadRecord>(['s3', 'uploads'], json),
    /** By `partKey`. */
    parts: database.sublevel<string, PartRecord>(['s3', 'parts'], json),
    /** Files that no object refers to: about to be, or no longer. A start removes whatever is left here. */
    unreferenced: database.sublevel<string, string>(['s3', 'unreferenced'], {}),
  };
}

/** A NUL cannot occur in a bucket's name, so that no bucket's keys run into another's. */
export const objectKey = (bucket: string, key: string) => `${bucket}\0${key}`;

export const uploadKey = (bucket: string, key: string, uploadId: string) => `${bucket}\0${key}\0${uploadId}`;

/** Part numbers have at most five digits. */
export const partKey = (uploadId: string, partNumber: number) => `${uploadId}\0${String(partNumber).padStart(5, '0')}`;

/** The range of all keys that begin with a name and NUL. */
export const keysOf = (name: string) => ({ gte: `${name}\0`, lt: `${name}\x01` });
