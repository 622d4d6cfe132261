import type { FileHandle } from 'node:fs/promises';
import type { Caller } from '../aws/service.ts';

/** An S3 refusal, as S3 words it. Also what an export's FailureCode and FailureMessage are made of (facts §5.3). */
export class S3Error extends Error {
  constructor(
    /** S3's error code, such as `NoSuchBucket` or `AccessDenied`. */
    readonly code: string,
    readonly status: number,
    message: string,
    /** Further elements of the XML error body, such as `BucketName`. */
    readonly details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'S3Error';
  }
}

/** Where an export of the embedded DynamoDB puts its files: the same checks as a PutObject over the wire by `caller`. */
export interface ExportDestination {
  readonly caller: Caller;
  readonly bucket: string;
  /** Sent as the expected bucket owner; a bucket of another account also needs a bucket policy that lets `caller` in. */
  readonly bucketOwner?: string;
  readonly sseAlgorithm: 'AES256' | 'KMS';
  readonly sseKmsKeyId?: string;
}

/** The part of S3 that the embedded DynamoDB writes exports through. Every method throws `S3Error` when refused. */
export interface ExportObjects {
  /** Writes a small object (`_started`, manifests), replacing what was there. */
  put(destination: ExportDestination, key: string, body: string | Uint8Array, contentType: string): Promise<void>;
  /** Moves a finished local file into the bucket as a one-part multipart upload: ETag `hex(md5(md5))-1`. */
  putFile(
    destination: ExportDestination,
    key: string,
    file: { readonly path: string; readonly md5: Uint8Array; readonly sizeBytes: number },
  ): Promise<void>;
}

/** Where an import into the embedded DynamoDB reads from, with the rights of `caller`. */
export interface ImportSource {
  readonly caller: Caller;
  readonly bucket: string;
  /** Sent as the expected bucket owner; without it the bucket has to be the caller's account's. */
  readonly bucketOwner?: string;
}

interface ImportObject {
  readonly key: string;
  /** Changes when the object is replaced. */
  readonly etag: string;
}

/** The part of S3 that the embedded DynamoDB reads imports through. Every method throws `S3Error` when refused. */
export interface ImportObjects {
  /** Objects whose keys begin with the prefix, in the order of their keys. */
  list(source: ImportSource, prefix: string): AsyncIterable<ImportObject>;
  /**
   * An object's bytes as an open file, which a thread can be given and which is the taker's to close. They are those of
   * the ETag, whatever happens to the object meanwhile.
   */
  open(source: ImportSource, key: string): Promise<{ readonly etag: string; readonly handle: FileHandle }>;
}
