import { GetObjectCommand, NoSuchKey, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { Progress } from '../records/export-records.ts';
import type { OutputLayout } from './output-layout.ts';
import { type ExportOutput, manifestFilesKeyOf } from './verification.ts';

/** A bucket as it was named in the request; every call says whose it must be. */
export interface ExpectedBucket {
  readonly bucket: string;
  readonly bucketOwner: string | null;
}

/** Files of one export that Outport is prepared to list: 100 pages. A 100 TB export has some 100,000 partitions at most. */
const FILES_MAX = 100_000;
/** Of one manifest: room for FILES_MAX lines. */
const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;

/** The output is larger than Outport reads. */
export class OutputTooLarge extends Error {
  override readonly name = 'OutputTooLarge';
}

/** A manifest or its checksum is not there. */
export class OutputMissing extends Error {
  override readonly name = 'OutputMissing';
}

/** Counts the data files that are in the bucket so far. */
export async function readProgress(s3: S3Client, bucket: ExpectedBucket, layout: OutputLayout): Promise<Progress> {
  let filesWritten = 0;
  let bytesWritten = 0;
  for await (const { size } of listObjects(s3, bucket, layout.dataFolder)) {
    filesWritten += 1;
    bytesWritten += size;
  }
  return { filesWritten, bytesWritten };
}

/**
 * Reads what the verification of a completed export looks at.
 * @throws OutputMissing, OutputTooLarge
 */
export async function readOutput(
  s3: S3Client,
  bucket: ExpectedBucket,
  exportManifest: string,
  layout: OutputLayout,
): Promise<ExportOutput> {
  const summary = await readText(s3, bucket, exportManifest);
  const manifestFilesKey = manifestFilesKeyOf(summary) ?? exportManifest.replace(/summary\.json$/, 'files.json');
  const [summaryMd5, files, filesMd5] = await Promise.all([
    readText(s3, bucket, md5KeyOf(exportManifest)),
    readText(s3, bucket, manifestFilesKey),
    readText(s3, bucket, md5KeyOf(manifestFilesKey)),
  ]);
  const dataFiles = new Map<string, string>();
  for await (const { key, etag } of listObjects(s3, bucket, layout.dataFolder)) dataFiles.set(key, etag);
  const { sharedFolder } = layout;
  return { summary, summaryMd5, manifestFilesKey, files, filesMd5, dataFiles, sharedFolder };
}

const md5KeyOf = (manifestKey: string): string => manifestKey.replace(/\.json$/, '.md5');

async function readText(s3: S3Client, { bucket, bucketOwner }: ExpectedBucket, key: string): Promise<string> {
  try {
    const { Body, ContentLength = 0 } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, ExpectedBucketOwner: bucketOwner ?? undefined }),
    );
    if (ContentLength > MANIFEST_BYTES_MAX) throw new OutputTooLarge(`${key} has ${ContentLength} bytes`);
    return (await Body?.transformToString('utf8')) ?? '';
  } catch (error) {
    if (error instanceof NoSuchKey) throw new OutputMissing(`${key} is missing`, { cause: error });
    throw error;
  }
}

async function* listObjects(s3: S3Client, { bucket, bucketOwner }: ExpectedBucket, folder: string) {
  const pages = paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket, Prefix: folder, ExpectedBucketOwner: bucketOwner ?? undefined },
  );
  let listed = 0;
  for await (const { Contents = [] } of pages) {
    listed += Contents.length;
    if (listed > FILES_MAX) throw new OutputTooLarge(`${folder} holds more than ${FILES_MAX} objects`);
    for (const { Key = '', Size = 0, ETag = '' } of Contents) {
      yield { key: Key, size: Size, etag: ETag.replaceAll('"', '') };
    }
  }
}
