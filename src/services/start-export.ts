import { type ExportDescription, ExportTableToPointInTimeCommand } from '@aws-sdk/client-dynamodb';
import { type ExportRecord, isOpen, isWaiting, type QueuedExport } from '../records/export-records.ts';
import { applyMove } from './apply-move.ts';
import { recordAdmission } from './audit-moves.ts';
import { type AwsFailure, classifyAwsError } from './aws-errors.ts';
import { decideAgain } from './decide-again.ts';
import { fromSdkIncrementalExport, toSdkFilter, toSdkIncrementalExport } from './dynamodb-specifications.ts';
import { upstreamTokenOf } from './export-id.ts';
import type { Outport } from './outport.ts';
import type { Decision } from './permit.ts';
import { leaveQueue } from './queue.ts';
import { giveBackSlot, takeSlot } from './slots.ts';
import { type TableArn, tableOf } from './table-arn.ts';
import { type UserError, userError } from './user-errors.ts';

/**
 * Takes up a queued export whose turn it is. One that has waited is decided on anew: docs/decisions/0015. One that has been
 * admitted is not, as it may be running by now.
 * @returns the record afterwards: still QUEUED when there is no slot or AWS asks to come back later
 */
export async function startQueued(outport: Outport, record: QueuedExport): Promise<ExportRecord> {
  if (record.deadlineAt <= outport.now().toISOString()) return fail(outport, record, deadlineError(record));
  if (!isWaiting(record)) return startExport(outport, record);
  const decided = await decideAgain(outport, record);
  switch (decided.outcome) {
    case 'UNANSWERED':
      return record;
    case 'REFUSED':
      return fail(outport, record, decided.error, decided.decision);
    case 'ALLOWED':
      return startExport(outport, record, decided.decision);
    default:
      return decided satisfies never;
  }
}

/**
 * Takes an export that has been decided on as far as it gets: a slot, then DynamoDB. Whoever calls this, the request that
 * created the export or any reconcile after it, however often and at once, DynamoDB starts it once: the slot is the
 * export's own, and the client token is derived from the export's id.
 *
 * `admittedAt` is written before DynamoDB is first called. An export without it is certainly not running.
 * @param decidedAgain what the policies said now that its turn has come; null: the request itself was just decided on
 * @returns the record afterwards: still QUEUED when there is no slot or AWS asks to come back later
 */
export async function startExport(
  outport: Outport,
  record: QueuedExport,
  decidedAgain: Decision | null = null,
): Promise<ExportRecord> {
  if ((await takeSlot(outport, record)) !== null) return record;
  if (decidedAgain) await recordAdmission(outport, record, decidedAgain);
  const admitted = isWaiting(record) ? await applyMove(outport, record, { type: 'ADMIT' }) : record;
  if (decidedAgain && isWaiting(record)) await leaveQueue(outport, record);
  // Somebody else was faster, and may have ended the export before the slot was taken for it.
  if (admitted.status !== 'QUEUED') {
    if (!isOpen(admitted)) await giveBackSlot(outport, admitted);
    return admitted;
  }

  const answer = await callDynamoDb(outport, admitted, tableOf(record));
  switch (answer.kind) {
    case 'RETRYABLE':
      return admitted;
    case 'FINAL':
      return fail(outport, admitted, answer.error);
    case 'STARTED':
      return applyMove(outport, admitted, { type: 'START', ...answer });
    default:
      return answer satisfies never;
  }
}

type Answer = AwsFailure | ({ readonly kind: 'STARTED' } & ReturnType<typeof startOf>);

async function callDynamoDb({ accounts }: Outport, record: QueuedExport, table: TableArn): Promise<Answer> {
  const { id, exportTime, exportFormat, exportType, incrementalExport, filter, destination } = record;
  const { bucket, bucketOwner, prefix, encryption } = destination;
  const onBehalfOf = record.requestedBy && { to: 'EXPORT' as const, person: record.requestedBy, table, destination };
  try {
    const { ExportDescription: started } = await accounts(table, onBehalfOf).dynamodb.send(
      new ExportTableToPointInTimeCommand({
        TableArn: table.arn,
        ClientToken: upstreamTokenOf(id),
        ExportTime: exportTime === null ? undefined : new Date(exportTime),
        ExportFormat: exportFormat,
        // Named only where it must be: consumers that know the summary of old refuse one that names the type of a full export.
        ExportType: exportType === 'FULL_EXPORT' ? undefined : exportType,
        IncrementalExportSpecification: incrementalExport ? toSdkIncrementalExport(incrementalExport) : undefined,
        FilterSpecification: filter ? toSdkFilter(filter) : undefined,
        S3Bucket: bucket,
        // Always named: a bucket that was deleted and created again by somebody else is then refused.
        S3BucketOwner: bucketOwner ?? table.account,
        S3Prefix: prefix ?? undefined,
        S3SseAlgorithm: encryption.algorithm,
        S3SseKmsKeyId: encryption.kmsKeyId ?? undefined,
      }),
    );
    return { kind: 'STARTED', ...startOf(started) };
  } catch (error) {
    return classifyAwsError(error);
  }
}

/** What DynamoDB calls an export of its own, since when it runs, and up to when it exports where that was left to it. */
export function startOf(description: ExportDescription | undefined) {
  const { ExportArn, StartTime, IncrementalExportSpecification } = description ?? {};
  if (!ExportArn || !StartTime) throw new Error('DynamoDB described an export without its ARN or start time');
  return {
    exportArn: ExportArn,
    startTime: StartTime.toISOString(),
    incrementalExport: fromSdkIncrementalExport(IncrementalExportSpecification),
  };
}

function deadlineError({ admittedAt, deadlineAt }: QueuedExport): UserError {
  return admittedAt === null
    ? userError('QUEUE_DEADLINE_EXCEEDED', `Its turn had not come, or AWS not answered, until ${deadlineAt}.`)
    : userError('START_DEADLINE_EXCEEDED', `DynamoDB could not be reached until ${deadlineAt}.`);
}

function fail(
  outport: Outport,
  record: QueuedExport,
  { code, message, remedy }: UserError,
  decision: Decision | null = null,
): Promise<ExportRecord> {
  const endTime = outport.now().toISOString();
  return applyMove(outport, record, { type: 'FAIL', endTime, failure: { code, message, remedy } }, decision);
}
