import { createHash } from 'node:crypto';
import { dataKey, type ExportRecord, keyOfExport, type RecordedFile } from './record.ts';

/** Standard base64 of an MD5 digest: 24 characters, no line break (facts §3.4). */
export const md5Base64 = (bytes: string | Uint8Array): string => createHash('md5').update(bytes).digest('base64');

/** The ETag of a multipart upload with one part, as data files are uploaded. */
function etagOfFile({ md5Base64 }: RecordedFile): string {
  return `${createHash('md5').update(Buffer.from(md5Base64, 'base64')).digest('hex')}-1`;
}

/** One line a data file, the last one ended too. The order of the members is the format (facts §3.5). */
export function manifestFiles(record: ExportRecord, files: readonly RecordedFile[]): string {
  return files
    .map((file) => {
      const line = {
        itemCount: file.itemCount,
        md5Checksum: file.md5Base64,
        etag: etagOfFile(file),
        dataFileS3Key: dataKey(record, file.name),
      };
      return `${JSON.stringify(line)}\n`;
    })
    .join('');
}

/**
 * One line without an end, of exactly these fifteen members in this order: readers such as Data Prepper fail on an
 * unknown member and read no second line (facts §3.6).
 */
export function manifestSummary(record: ExportRecord, endMs: number, itemCount: number): string {
  const { request } = record;
  return JSON.stringify({
    version: '2020-06-30',
    exportArn: record.exportArn,
    startTime: iso(record.startMs),
    endTime: iso(endMs),
    tableArn: record.tableArn,
    tableId: record.tableId,
    exportTime: iso(record.exportTimeMs),
    s3Bucket: request.S3Bucket,
    s3Prefix: request.S3Prefix ?? null,
    s3SseAlgorithm: request.S3SseAlgorithm ?? 'AES256',
    s3SseKmsKeyId: request.S3SseKmsKeyId ?? null,
    manifestFilesS3Key: keyOfExport(record, 'manifest-files.json'),
    billedSizeBytes: record.billedSizeBytes,
    itemCount,
    outputFormat: request.ExportFormat ?? 'DYNAMODB_JSON',
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();
