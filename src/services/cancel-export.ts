import { type ExportRecord, isWaiting, readExport } from '../records/export-records.ts';
import { applyMove } from './apply-move.ts';
import { recordAnswer, recordExportAction } from './audit.ts';
import type { Outport } from './outport.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { type UserError, userError } from './user-errors.ts';

export interface CancelExportResult {
  /** The export as it is now; null when there is none that the person may see. */
  readonly export: ExportRecord | null;
  readonly userErrors: readonly UserError[];
}

const ID_FIELD = ['input', 'id'];

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
  const found = await readExport(outport.table, id);
  const view = found && outport.permit(principal, { action: 'ViewExport', record: found });
  const cancel = found && outport.permit(principal, { action: 'CancelExport', record: found });
  const decision = view?.allowed ? cancel : view;
  const attempt = await recordExportAction(outport, {
    principal,
    origin,
    eventName: 'CancelExport',
    exportId: id,
    record: found,
    decision,
  });
  if (!found || !view?.allowed)
    return refuse(null, userError('NO_SUCH_EXPORT', `There is no export "${id}".`, ID_FIELD));
  if (!cancel?.allowed) {
    const message = `CancelExport is not permitted on export ${id} of ${found.tableArn}.`;
    return refuse(found, userError('PERMISSION_DENIED', message, ID_FIELD));
  }

  let record: ExportRecord = found;
  while (isWaiting(record)) record = await applyMove(outport, record, { type: 'CANCEL' });
  if (record.status !== 'CANCELED') return refuse(record, notCancelable(record));
  if (found.status === 'CANCELED') await recordAnswer(outport, attempt, 'REPLAYED', null);
  return { export: record, userErrors: [] };

  async function refuse(shown: ExportRecord | null, error: UserError): Promise<CancelExportResult> {
    await recordAnswer(outport, attempt, 'REFUSED', error);
    return { export: shown, userErrors: [error] };
  }
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
