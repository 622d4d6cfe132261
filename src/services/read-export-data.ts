import { type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { CompletedExport, ExportRecord } from '../records/export-records.ts';
import type { AccountClients } from './accounts.ts';
import { AwsRefusal, askAws } from './ask-aws.ts';
import { recordAnswer, recordExportAction } from './audit.ts';
import { httpStatusOf } from './aws-errors.ts';
import type { Outport } from './outport.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { isGzipError } from './read-data-file.ts';
import { OutputMissing, OutputTooLarge, readManifestFiles } from './read-output.ts';
import { tableOf } from './table-arn.ts';
import { type UserError, userError } from './user-errors.ts';
import type { ManifestFile } from './verification.ts';

/** Who reads, and from where. */
export interface Reader {
  readonly principal: Principal;
  readonly origin: RequestOrigin;
}

/** An export whose data somebody may read, with clients that can read nothing else, in their name. */
export interface ReadableExport extends Pick<AccountClients, 's3' | 'dynamodb'> {
  readonly record: CompletedExport;
}

/**
 * Decides whether somebody may read what an export has written. That they ask is in the audit before anything is read, and
 * so is that they were refused.
 * @param what is to be read, for the audit
 * @returns null when there is nothing to read, or they may not
 */
export async function beginReading(
  outport: Outport,
  reader: Reader,
  record: ExportRecord,
  what: Readonly<Record<string, unknown>>,
): Promise<ReadableExport | null> {
  if (record.status !== 'COMPLETED') return null;
  const { principal: person } = reader;
  const decision = outport.permit(person, { action: 'ReadExportData', record });
  const attempt = await recordExportAction(outport, {
    ...reader,
    eventName: 'ReadExportData',
    exportId: record.id,
    input: JSON.stringify(what),
    record,
    decision,
  });
  if (!decision.allowed) {
    const message = `ReadExportData is not permitted on export ${record.id} of ${record.tableArn}.`;
    await recordAnswer(outport, attempt, 'REFUSED', [userError('PERMISSION_DENIED', message)]);
    return null;
  }
  const { s3, dynamodb } = outport.accounts(tableOf(record), { to: 'READ_DATA', person, record });
  return { record, s3, dynamodb };
}

/**
 * Reads something of an export from S3.
 * @throws AwsRefusal, also for files that are not what they should be
 */
export function readFrom<T>(
  { s3, record }: ReadableExport,
  read: (s3: S3Client, files: readonly ManifestFile[]) => Promise<T>,
): Promise<T> {
  return askAws(async () => {
    try {
      return await read(s3, await readManifestFiles(s3, record.destination, record.exportManifest));
    } catch (error) {
      const refusal = refusalOf(error, record.destination.bucket);
      throw refusal ? new AwsRefusal(refusal) : error;
    }
  });
}

/** What is wrong with the files or the bucket, as far as the error is about either; null: it is not. */
function refusalOf(error: unknown, bucket: string): UserError | null {
  if (!(error instanceof Error)) return null;
  const cannot = `The files in ${bucket} cannot be read: ${error.message}`;
  const status = error instanceof S3ServiceException ? httpStatusOf(error) : null;
  if (status === 403) return userError('S3_ACCESS_DENIED', cannot);
  if (error.name === 'NoSuchBucket') return userError('S3_NO_SUCH_BUCKET', cannot);
  const isAboutFiles = error instanceof OutputMissing || error instanceof OutputTooLarge || isGzipError(error);
  return status === 404 || isAboutFiles ? userError('EXPORT_DATA_UNREADABLE', cannot) : null;
}
