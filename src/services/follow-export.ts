import { DescribeExportCommand, type ExportDescription } from '@aws-sdk/client-dynamodb';
import type { ExportRecord, InProgressExport, Progress } from '../records/export-records.ts';
import type { AccountClients } from './accounts.ts';
import { applyMove } from './apply-move.ts';
import { classifyAwsError, explainExportFailure } from './aws-errors.ts';
import { checkOutput } from './check-output.ts';
import type { Outport } from './outport.ts';
import { type OutputLayout, outputLayoutOf } from './output-layout.ts';
import { OutputTooLarge, readProgress } from './read-output.ts';
import { parseTableArn } from './table-arn.ts';
import { type UserError, userError } from './user-errors.ts';
import type { ReportedExport } from './verification.ts';

/**
 * Takes a running export as far as DynamoDB has taken it: counts what has been written, and when it has ended verifies
 * the output and ends the record.
 * @returns the record afterwards, unchanged when nothing has changed or AWS could not be asked
 */
export async function followExport(outport: Outport, record: InProgressExport): Promise<ExportRecord> {
  const table = parseTableArn(record.tableArn);
  if (!table) throw new Error(`export ${record.id} has no table: ${record.tableArn}`);
  const clients = outport.accounts(table, null);
  const layout = outputLayoutOf(record, record.exportArn);
  const described = await describeExport(clients, record.exportArn);
  switch (described.status) {
    case 'COMPLETED':
      return complete(outport, record, clients, layout, described.description);
    case 'FAILED': {
      const { FailureCode, FailureMessage, EndTime } = described.description;
      return fail(outport, record, explainExportFailure(FailureCode, FailureMessage), EndTime);
    }
    case 'UNKNOWN_EXPORT':
      return fail(outport, record, described.error, outport.now());
    case 'IN_PROGRESS':
    case 'UNAVAILABLE': {
      if (record.deadlineAt <= outport.now().toISOString()) {
        const error = userError('EXPORT_DEADLINE_EXCEEDED', `DynamoDB had not finished it until ${record.deadlineAt}.`);
        return fail(outport, record, error, outport.now());
      }
      const progress = described.status === 'IN_PROGRESS' ? await countProgress(clients, record, layout) : null;
      if (progress === null || sameProgress(progress, record.progress)) return record;
      return applyMove(outport, record, { type: 'PROGRESS', progress });
    }
    default:
      return described satisfies never;
  }
}

type Described =
  | { readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'; readonly description: ExportDescription }
  | { readonly status: 'UNKNOWN_EXPORT'; readonly error: UserError }
  | { readonly status: 'UNAVAILABLE' };

async function describeExport({ dynamodb }: AccountClients, exportArn: string): Promise<Described> {
  try {
    const { ExportDescription: description } = await dynamodb.send(new DescribeExportCommand({ ExportArn: exportArn }));
    const status = description?.ExportStatus;
    if (!description || !status) throw new Error(`DescribeExport of ${exportArn} gave no status`);
    return { status, description };
  } catch (error) {
    const failure = classifyAwsError(error);
    // Whatever else AWS refuses, such as the role, says nothing about the export, which runs on.
    const unknown = failure.kind === 'FINAL' && failure.error.code === 'EXPORT_NOT_FOUND';
    return unknown ? { status: 'UNKNOWN_EXPORT', error: failure.error } : { status: 'UNAVAILABLE' };
  }
}

async function complete(
  outport: Outport,
  record: InProgressExport,
  clients: AccountClients,
  layout: OutputLayout,
  description: ExportDescription,
): Promise<ExportRecord> {
  const reported = reportOf(description);
  const { verification, again } = await checkOutput(clients, record, layout, reported, outport.now());
  if (again && outport.now().toISOString() < record.deadlineAt) return record;
  const endTime = (description.EndTime ?? outport.now()).toISOString();
  if (verification.status === 'MISMATCH') {
    const { code, message, remedy } = userError('VERIFICATION_FAILED', verification.problems.join('; '));
    return applyMove(outport, record, { type: 'FAIL', endTime, failure: { code, message, remedy }, verification });
  }
  const { itemCount, billedSizeBytes, exportManifest } = reported;
  const written = (await countProgress(clients, record, layout)) ?? record.progress;
  const progress = written && { ...written, estimatedPercent: 100 };
  return applyMove(outport, record, {
    type: 'COMPLETE',
    endTime,
    itemCount,
    billedSizeBytes,
    exportManifest,
    progress,
    verification,
  });
}

function reportOf(description: ExportDescription): ReportedExport {
  const { ExportArn, TableId, ItemCount, BilledSizeBytes, ExportManifest } = description;
  if (!ExportArn || ItemCount === undefined || !ExportManifest) {
    throw new Error(`DynamoDB described ${ExportArn} as completed without its item count or manifest`);
  }
  return {
    exportArn: ExportArn,
    tableId: TableId ?? null,
    itemCount: ItemCount,
    billedSizeBytes: BilledSizeBytes ?? 0,
    exportManifest: ExportManifest,
  };
}

/** Null where it cannot be told: in a folder that exports share, or one that Outport may not list. */
async function countProgress(
  { s3 }: AccountClients,
  { destination, expectedOutputBytes }: InProgressExport,
  layout: OutputLayout,
): Promise<Progress | null> {
  if (layout.sharedFolder) return null;
  try {
    const written = await readProgress(s3, destination, layout);
    return { ...written, estimatedPercent: percentOf(written.bytesWritten, expectedOutputBytes) };
  } catch (error) {
    if (!(error instanceof OutputTooLarge)) classifyAwsError(error);
    return null;
  }
}

/** An export that is running is never said to be done, whatever the estimate was. */
const PERCENT_MAX_WHILE_RUNNING = 99;

const percentOf = (bytesWritten: number, expectedBytes: number | null): number | null =>
  expectedBytes ? Math.min(Math.floor((100 * bytesWritten) / expectedBytes), PERCENT_MAX_WHILE_RUNNING) : null;

const sameProgress = (a: Progress, b: Progress | null): boolean =>
  a.filesWritten === b?.filesWritten && a.bytesWritten === b.bytesWritten;

const fail = (
  outport: Outport,
  record: InProgressExport,
  { code, message, remedy }: UserError,
  endTime: Date | undefined,
): Promise<ExportRecord> =>
  applyMove(outport, record, {
    type: 'FAIL',
    endTime: (endTime ?? outport.now()).toISOString(),
    failure: { code, message, remedy },
  });
