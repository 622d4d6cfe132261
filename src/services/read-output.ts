import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Progress } from '../records/export-records.ts';
import { httpStatusOf } from './aws-errors.ts';
import { inParallel } from './in-parallel.ts';
import type { OutputLayout } from './output-layout.ts';
import {
  type ExportOutput,
  type ManifestFile,
  manifestFilesKeyOf,
  parseManifestFiles,
  type StoredFile,
} from './verification.ts';

/** A bucket as it was named in the request; every call says whose it must be. */
export interface ExpectedBucket {
  readonly bucket: string;
  readonly bucketOwner: string | null;
}

/** Files of one export that Outport is prepared to list: 100 pages. A 100 TB export has some 100,000 partitions at most. */
const FILES_MAX = 100_000;
/** Of one manifest: room for FILES_MAX lines. */
const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;

const PARALLEL_LOOKUPS = 16;

/** The output is larger than Outport reads. */
export class OutputTooLarge extends Error {
  override readonly name = 'OutputTooLarge';
}

/** A manifest or its checksum is not there. */
export class OutputMissing extends Error {
  override readonly name = 'OutputMissing';
}

/** Counts the data files that are in the bucket so far. */
export async function readProgress(
  s3: S3Client,
  bucket: ExpectedBucket,
  layout: OutputLayout,
): Promise<Pick<Progress, 'filesWritten' | 'bytesWritten'>> {
  let filesWritten = 0;
  let bytesWritten = 0;
  for await (const { sizeBytes } of listObjects(s3, bucket, layout.dataFolder)) {
    filesWritten += 1;
    bytesWritten += sizeBytes;
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
  const manifestFilesKey = manifestFilesKeyOf(summary) ?? manifestFilesBeside(exportManifest);
  const [summaryMd5, files, filesMd5] = await Promise.all([
    readText(s3, bucket, md5KeyOf(exportManifest)),
    readText(s3, bucket, manifestFilesKey),
    readText(s3, bucket, md5KeyOf(manifestFilesKey)),
  ]);
  const { sharedFolder } = layout;
  const dataFiles = sharedFolder
    ? await lookUpFiles(s3, bucket, parseManifestFiles(files))
    : await listFiles(s3, bucket, layout.dataFolder);
  return { summary, summaryMd5, manifestFilesKey, files, filesMd5, dataFiles, sharedFolder };
}

/**
 * The data files of a completed export, as its manifest lists them.
 * @throws OutputMissing, OutputTooLarge
 */
export async function readManifestFiles(
  s3: S3Client,
  bucket: ExpectedBucket,
  exportManifest: string,
): Promise<ManifestFile[]> {
  return parseManifestFiles(await readText(s3, bucket, manifestFilesBeside(exportManifest)));
}

/** Where DynamoDB puts the list of files (facts §3.1); a summary may name another place. */
const manifestFilesBeside = (exportManifest: string): string => exportManifest.replace(/summary\.json$/, 'files.json');

async function listFiles(s3: S3Client, bucket: ExpectedBucket, folder: string): Promise<Map<string, StoredFile>> {
  const found = new Map<string, StoredFile>();
  for await (const { key, ...file } of listObjects(s3, bucket, folder)) found.set(key, file);
  return found;
}

/** One by one: a folder that exports share may hold any number of files of others. A file that is not there is left out. */
export async function lookUpFiles(
  s3: S3Client,
  { bucket, bucketOwner }: ExpectedBucket,
  files: readonly ManifestFile[],
): Promise<Map<string, StoredFile>> {
  if (files.length > FILES_MAX) throw new OutputTooLarge(`the manifest names more than ${FILES_MAX} files`);
  const found = new Map<string, StoredFile>();
  await inParallel(files, PARALLEL_LOOKUPS, async ({ key }) => {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ExpectedBucketOwner: bucketOwner ?? undefined });
    try {
      const { ETag = '', ContentLength = 0 } = await s3.send(command);
      found.set(key, { etag: withoutQuotes(ETag), sizeBytes: ContentLength });
    } catch (error) {
      if (httpStatusOf(error) !== 404) throw error;
    }
  });
  return found;
}

const withoutQuotes = (etag: string): string => etag.replaceAll('"', '');

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
      yield { key: Key, sizeBytes: Size, etag: withoutQuotes(ETag) };
    }
  }
}
