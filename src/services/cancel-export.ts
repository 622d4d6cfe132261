import { type ExportRecord, isWaiting } from '../records/export-records.ts';
import { applyMove } from './apply-move.ts';
import { recordAnswer } from './audit.ts';
import { beginExportAction, ID_FIELD } from './export-action.ts';
import type { Outport } from './outport.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { type UserError, userError } from './user-errors.ts';

export interface CancelExportResult {
  /** The export as it is now; null when there is none that the person may see. */
  readonly export: ExportRecord | null;
  readonly userErrors: readonly UserError[];
}

/**
 * Takes an export out of the queue. It may be asked for again, and while the export is being started: the move is a
 * compare-and-set, so either it is canceled and never started, or it is started and this says so.
 */
export async function cancelExport(
  outport: Outport,
  principal: Principal,
  origin: RequestOrigin,
  id: string,
): Promise<CancelExportResult> {
  const begun = await beginExportAction(outport, { principal, origin }, 'CancelExport', id);
  if (!begun.allowed) return { export: begun.record, userErrors: [begun.error] };
  const { record: found, attempt } = begun;

  let record: ExportRecord = found;
  while (isWaiting(record)) record = await applyMove(outport, record, { type: 'CANCEL' });
  if (record.status !== 'CANCELED') {
    const error = notCancelable(record);
    await recordAnswer(outport, attempt, 'REFUSED', [error]);
    return { export: record, userErrors: [error] };
  }
  if (found.status === 'CANCELED') await recordAnswer(outport, attempt, 'REPLAYED');
  return { export: record, userErrors: [] };
}

function notCancelable({ id, status }: ExportRecord): UserError {
  const reasons = {
    QUEUED: 'it is being started, and may be running by now',
    IN_PROGRESS: 'DynamoDB has no way to cancel an export that runs',
    COMPLETED: 'it has ended',
    FAILED: 'it has ended',
    CANCELED: 'it is canceled',
  };
  return userError('EXPORT_NOT_CANCELABLE', `Export ${id} is ${status}: ${reasons[status]}.`, ID_FIELD);
}
