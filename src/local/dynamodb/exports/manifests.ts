import { createHash } from 'node:crypto';
import { dataKey, type ExportRecord, formatOf, keyOfExport, type RecordedFile } from './record.ts';

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

/** What the summary tells of a finished export beside its record. */
export interface ExportTotals {
  readonly endMs: number;
  readonly itemCount: number;
  readonly billedSizeBytes: number;
}

/**
 * One line without an end, of exactly these members in this order: fifteen of a full export, eighteen of an incremental
 * one. Readers such as Data Prepper fail on an unknown member and read no second line (facts §3.6).
 */
export function manifestSummary(record: ExportRecord, { endMs, itemCount, billedSizeBytes }: ExportTotals): string {
  const { request, content } = record;
  const isFull = content.exportType === 'FULL_EXPORT';
  return JSON.stringify({
    version: isFull ? '2020-06-30' : '2023-08-01',
    exportArn: record.exportArn,
    startTime: iso(record.startMs),
    endTime: iso(endMs),
    tableArn: record.tableArn,
    tableId: record.tableId,
    ...(isFull
      ? { exportTime: iso(content.exportTimeMs) }
      : { exportFromTime: iso(content.fromSeconds * 1000), exportToTime: iso(content.toSeconds * 1000) }),
    s3Bucket: request.S3Bucket,
    s3Prefix: request.S3Prefix ?? null,
    s3SseAlgorithm: request.S3SseAlgorithm ?? 'AES256',
    s3SseKmsKeyId: request.S3SseKmsKeyId ?? null,
    manifestFilesS3Key: keyOfExport(record, 'manifest-files.json'),
    billedSizeBytes,
    itemCount,
    outputFormat: formatOf(request),
    ...(!isFull && { outputView: content.view, exportType: content.exportType }),
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();
