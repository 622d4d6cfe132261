import type { Caller } from '../../aws/service.ts';
import type { ImportSource } from '../../s3/object-store.ts';
import type { JobFailure } from '../failure.ts';
import type { Job } from '../job-store.ts';
import type { ImportTableRequest } from './request.ts';

/** How far an import has come. */
export interface ImportProgress {
  /** Uncompressed. */
  readonly processedSizeBytes: number;
  readonly processedItemCount: number;
  readonly importedItemCount: number;
  readonly errorCount: number;
}

export const noProgress: ImportProgress = {
  processedSizeBytes: 0,
  processedItemCount: 0,
  importedItemCount: 0,
  errorCount: 0,
};

type Ended = { readonly endMs: number; readonly progress: ImportProgress };

type Outcome =
  | { readonly status: 'IN_PROGRESS' }
  | ({ readonly status: 'COMPLETED' } & Ended)
  | ({ readonly status: 'FAILED' } & Ended & JobFailure);

/** An import as it is stored. Its identity and request never change. */
export interface ImportRecord extends Job {
  readonly importArn: string;
  readonly tableArn: string;
  readonly tableId: string;
  readonly request: ImportTableRequest;
  readonly startMs: number;
  readonly caller: Caller;
  readonly outcome: Outcome;
}

/** `ImportTableDescription`. */
export function describeImport(record: ImportRecord, running: ImportProgress = noProgress): object {
  const { request, outcome } = record;
  const progress = outcome.status === 'IN_PROGRESS' ? running : outcome.progress;
  return {
    ...summarizeImport(record),
    TableId: record.tableId,
    ClientToken: record.clientToken,
    ...(request.InputFormatOptions && { InputFormatOptions: request.InputFormatOptions }),
    InputCompressionType: request.InputCompressionType ?? 'NONE',
    TableCreationParameters: request.TableCreationParameters,
    ErrorCount: progress.errorCount,
    ProcessedSizeBytes: progress.processedSizeBytes,
    ProcessedItemCount: progress.processedItemCount,
    ImportedItemCount: progress.importedItemCount,
    ...(outcome.status === 'FAILED' && {
      FailureCode: outcome.failureCode,
      FailureMessage: outcome.failureMessage,
    }),
  };
}

/** `ImportSummary`. */
export function summarizeImport(record: ImportRecord): object {
  const { request, outcome, accountId, region } = record;
  return {
    ImportArn: record.importArn,
    ImportStatus: outcome.status,
    TableArn: record.tableArn,
    S3BucketSource: request.S3BucketSource,
    CloudWatchLogGroupArn: `arn:aws:logs:${region}:${accountId}:log-group:/aws-dynamodb/imports:*`,
    InputFormat: request.InputFormat,
    StartTime: record.startMs / 1000,
    ...(outcome.status !== 'IN_PROGRESS' && { EndTime: outcome.endMs / 1000 }),
  };
}

export const sourceOf = ({ request: { S3BucketSource: source }, caller }: ImportRecord): ImportSource => ({
  caller,
  bucket: source.S3Bucket,
  ...(source.S3BucketOwner !== undefined && { bucketOwner: source.S3BucketOwner }),
});
