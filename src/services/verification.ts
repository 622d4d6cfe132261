import { createHash } from 'node:crypto';

/** What DynamoDB says of the export that it completed. */
export interface ReportedExport {
  readonly exportArn: string;
  readonly tableId: string | null;
  readonly itemCount: number;
  readonly billedSizeBytes: number;
  readonly exportManifest: string;
}

/** A data file as S3 lists it. */
export interface StoredFile {
  /** Without quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
}

/** What lies in the bucket: the four manifest objects as they are, and what S3 says of the data files. */
export interface ExportOutput {
  readonly summary: string;
  readonly summaryMd5: string;
  readonly manifestFilesKey: string;
  readonly files: string;
  readonly filesMd5: string;
  /** By key: every object in the folder of data files; in a folder that exports share, those of the manifest. */
  readonly dataFiles: ReadonlyMap<string, StoredFile>;
  /** Whether other exports write into the same folder, as incremental ones do (facts §3.1). */
  readonly sharedFolder: boolean;
}

export interface VerificationFindings {
  readonly filesChecked: number;
  readonly bytesChecked: number;
  readonly problems: readonly string[];
}

/** Findings beyond this many say nothing new. */
export const PROBLEMS_MAX = 20;
/** A gzip file of nothing (facts §3.3). */
const FILE_BYTES_MIN = 20;

/** Compares an export's output with its manifests, and those with what DynamoDB reported. */
export function verifyOutput(reported: ReportedExport, output: ExportOutput): VerificationFindings {
  const problems: string[] = [];
  const expectEqual = (what: string, found: unknown, expected: unknown) => {
    if (found !== expected) problems.push(`${what} is ${String(found)}, expected ${String(expected)}`);
  };

  expectEqual('manifest-summary.md5', output.summaryMd5, md5(output.summary));
  expectEqual('manifest-files.md5', output.filesMd5, md5(output.files));
  const summary = parseObject(output.summary);
  expectEqual('exportArn of the summary', summary.exportArn, reported.exportArn);
  if (reported.tableId !== null) expectEqual('tableId of the summary', summary.tableId, reported.tableId);
  expectEqual('itemCount of the summary', summary.itemCount, reported.itemCount);
  expectEqual('billedSizeBytes of the summary', summary.billedSizeBytes, reported.billedSizeBytes);
  expectEqual('manifestFilesS3Key of the summary', summary.manifestFilesS3Key, output.manifestFilesKey);

  const files = parseManifestFiles(output.files);
  const itemCount = files.reduce((sum, file) => sum + file.itemCount, 0);
  expectEqual('the sum of all itemCounts', itemCount, reported.itemCount);
  let bytesChecked = 0;
  for (const file of files) {
    const stored = output.dataFiles.get(file.key);
    if (stored) bytesChecked += stored.sizeBytes;
    const problem = stored ? storedFileProblem(file, stored) : `${file.key} is missing`;
    if (problem !== null) problems.push(problem);
  }
  if (!output.sharedFolder) {
    const listed = new Set(files.map(({ key }) => key));
    for (const key of output.dataFiles.keys()) if (!listed.has(key)) problems.push(`${key} is in no manifest`);
  }
  return { filesChecked: files.length, bytesChecked, problems: problems.slice(0, PROBLEMS_MAX) };
}

/**
 * Manifests name no sizes. What can be said of a file's size follows from the rest: no gzip file is smaller than an
 * empty one, and no file with items is that small.
 */
function storedFileProblem({ key, etag, itemCount }: ManifestFile, stored: StoredFile): string | null {
  if (stored.etag !== etag) return `the ETag of ${key} is ${stored.etag}, expected ${etag}`;
  if (stored.sizeBytes < FILE_BYTES_MIN || (itemCount > 0 && stored.sizeBytes === FILE_BYTES_MIN)) {
    return `${key} has ${stored.sizeBytes} bytes, too few for ${itemCount} items`;
  }
  return null;
}

/** A line of manifest-files.json. */
export interface ManifestFile {
  readonly key: string;
  readonly etag: string;
  /** Of the compressed bytes, in base64. */
  readonly md5Checksum: string;
  readonly itemCount: number;
}

/** Reads manifest-files.json, one file a line (facts §3.5). A line that is no such file becomes one that no bucket has. */
export function parseManifestFiles(text: string): ManifestFile[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { dataFileS3Key, etag, md5Checksum, itemCount } = parseObject(line);
      return {
        key: String(dataFileS3Key),
        etag: String(etag),
        md5Checksum: String(md5Checksum),
        itemCount: Number(itemCount),
      };
    });
}

/** The key of manifest-files.json that a summary names, or null. */
export function manifestFilesKeyOf(summary: string): string | null {
  const { manifestFilesS3Key } = parseObject(summary);
  return typeof manifestFilesS3Key === 'string' ? manifestFilesS3Key : null;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const md5 = (text: string): string => createHash('md5').update(text).digest('base64');
