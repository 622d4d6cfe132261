import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { classifyAwsError } from './aws-errors.ts';
import type { ExpectedBucket } from './read-output.ts';
import type { ManifestFile } from './verification.ts';

/** What reading a data file to its end came to. */
export type FileReading =
  | { readonly outcome: 'READ'; readonly bytes: number; readonly items: number; readonly problem: string | null }
  /** The time was up, or the connection broke: it may be read again. */
  | { readonly outcome: 'INTERRUPTED' }
  | { readonly outcome: 'UNAVAILABLE'; readonly message: string };

const NEWLINE = 10;

/** Reads a data file as it streams in, compares its checksum with the manifest and counts its lines: one for each item. */
export async function readDataFile(
  s3: S3Client,
  { bucket, bucketOwner }: ExpectedBucket,
  file: ManifestFile,
  signal: AbortSignal,
): Promise<FileReading> {
  const md5 = createHash('md5');
  let bytes = 0;
  let items = 0;
  const read = (problem: string | null): FileReading => ({ outcome: 'READ', bytes, items, problem });
  try {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: file.key, ExpectedBucketOwner: bucketOwner ?? undefined }),
      { abortSignal: signal },
    );
    if (!(Body instanceof Readable)) throw new Error(`S3 answered without a stream for ${file.key}`);
    await pipeline(
      Body,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          md5.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      },
      createGunzip(),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) items += newlinesIn(chunk);
      },
      { signal },
    );
  } catch (error) {
    if (signal.aborted) return { outcome: 'INTERRUPTED' };
    if (error instanceof NoSuchKey) return read(`${file.key} is missing`);
    if (isGzipError(error)) return read(`${file.key} is no whole gzip file: ${error.message}`);
    const failure = classifyAwsError(error);
    if (failure.kind === 'RETRYABLE') return { outcome: 'INTERRUPTED' };
    return { outcome: 'UNAVAILABLE', message: `${file.key}: ${failure.error.message}` };
  }
  const checksum = md5.digest('base64');
  if (checksum !== file.md5Checksum) {
    return read(`the MD5 of ${file.key} is ${checksum}, expected ${file.md5Checksum}`);
  }
  return read(items === file.itemCount ? null : `${file.key} has ${items} lines, expected ${file.itemCount}`);
}

function newlinesIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** What Node says of bytes that are no gzip file. */
export const isGzipError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));
