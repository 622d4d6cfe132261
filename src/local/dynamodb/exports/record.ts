import type { Caller } from '../../aws/service.ts';
import type { ExportDestination } from '../../s3/object-store.ts';
import type { JobFailure } from '../failure.ts';
import type { Job } from '../job-store.ts';
import type { ItemFilter } from './filter.ts';
import type { IncrementalWindow } from './incremental-window.ts';
import type { ExportTotals } from './manifests.ts';
import type { ExportTableRequest } from './request.ts';

/** A data file that the engine has finished, known before the first of them is uploaded. */
export interface RecordedFile {
  readonly name: string;
  readonly itemCount: number;
  readonly sizeBytes: number;
  /** Bytes of the lines before compression. */
  readonly logicalBytes: number;
  readonly md5Base64: string;
}

/** The table as it was: what the engine restores, and the time that is shown for it. */
interface FullContent {
  readonly exportType: 'FULL_EXPORT';
  readonly exportTimeMs: number;
  readonly restoreMicros: number;
  /** The size of the table at the start. */
  readonly billedSizeBytes: number;
}

/** What changed in a window: as it is shown, and as the engine takes it. */
interface IncrementalContent extends IncrementalWindow {
  readonly exportType: 'INCREMENTAL_EXPORT';
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly keyNames: readonly string[];
}

export type ExportContent = FullContent | IncrementalContent;

type Outcome =
  | { readonly status: 'IN_PROGRESS' }
  | ({ readonly status: 'COMPLETED' } & ExportTotals)
  | ({ readonly status: 'FAILED'; readonly endMs: number } & JobFailure);

/** An export as it is stored. Its identity and request never change. */
export interface ExportRecord extends Job {
  readonly exportArn: string;
  readonly tableArn: string;
  readonly tableId: string;
  readonly request: ExportTableRequest;
  readonly startMs: number;
  /** The backup that was the table's. */
  readonly backupId: string;
  readonly content: ExportContent;
  readonly filter?: ItemFilter;
  readonly caller: Caller;
  /**
   * Set when the engine is done. A run that was interrupted while uploading goes on with these files and names: new ones
   * would leave those that were already uploaded in the bucket, where readers of `data/` would count their items twice.
   */
  readonly files?: readonly RecordedFile[];
  readonly outcome: Outcome;
}

/** `ExportDescription`: what is present follows the state and what was sent (facts §1.3). */
export function describeExport(record: ExportRecord): object {
  const { request, outcome, content } = record;
  return {
    ExportArn: record.exportArn,
    ExportStatus: outcome.status,
    StartTime: record.startMs / 1000,
    ...(outcome.status !== 'IN_PROGRESS' && { EndTime: outcome.endMs / 1000 }),
    ...(outcome.status === 'COMPLETED' && { ExportManifest: summaryKey(record) }),
    TableArn: record.tableArn,
    TableId: record.tableId,
    ...(content.exportType === 'FULL_EXPORT' && { ExportTime: content.exportTimeMs / 1000 }),
    ClientToken: record.clientToken,
    DestinationType: 'S3',
    S3Bucket: request.S3Bucket,
    ...pick(request, ['S3BucketOwner', 'S3Prefix', 'S3SseKmsKeyId']),
    S3SseAlgorithm: request.S3SseAlgorithm ?? 'AES256',
    ExportFormat: formatOf(request),
    // The type is never filled in: only the summaries of ListExports always have it.
    ...pick(request, ['ExportType', 'FilterSpecification']),
    ...(content.exportType === 'INCREMENTAL_EXPORT' && {
      IncrementalExportSpecification: {
        ExportFromTime: content.fromSeconds,
        ExportToTime: content.toSeconds,
        ExportViewType: content.view,
      },
    }),
    ...(outcome.status === 'COMPLETED' && {
      BilledSizeBytes: outcome.billedSizeBytes,
      ItemCount: outcome.itemCount,
    }),
    ...(outcome.status === 'FAILED' && {
      FailureCode: outcome.failureCode,
      FailureMessage: outcome.failureMessage,
    }),
  };
}

export const summarizeExport = ({ exportArn, outcome, request }: ExportRecord): object => ({
  ExportArn: exportArn,
  ExportStatus: outcome.status,
  ExportType: request.ExportType ?? 'FULL_EXPORT',
});

function pick(request: ExportTableRequest, members: ReadonlyArray<keyof ExportTableRequest>): object {
  return Object.fromEntries(members.filter((member) => member in request).map((member) => [member, request[member]]));
}

export const destinationOf = ({ request, caller }: ExportRecord): ExportDestination => ({
  caller,
  bucket: request.S3Bucket,
  ...(request.S3BucketOwner !== undefined && { bucketOwner: request.S3BucketOwner }),
  sseAlgorithm: request.S3SseAlgorithm ?? 'AES256',
  ...(request.S3SseKmsKeyId !== undefined && { sseKmsKeyId: request.S3SseKmsKeyId }),
});

export const formatOf = ({ ExportFormat = 'DYNAMODB_JSON' }: ExportTableRequest) => ExportFormat;

/** Object keys of an export (facts §3.1). A prefix is joined by one slash, whether it ends in one or not. */
function rootOf({ request: { S3Prefix: prefix = '' } }: ExportRecord): string {
  return `${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}AWSDynamoDB`;
}

export const keyOfExport = (record: ExportRecord, name: string): string => `${rootOf(record)}/${record.jobId}/${name}`;

/** All incremental exports of a prefix share one folder of data. */
export const dataKey = (record: ExportRecord, fileName: string): string =>
  record.content.exportType === 'FULL_EXPORT'
    ? keyOfExport(record, `data/${fileName}`)
    : `${rootOf(record)}/data/${fileName}`;

export const summaryKey = (record: ExportRecord): string => keyOfExport(record, 'manifest-summary.json');
