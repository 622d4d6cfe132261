import { type ExportRecord, readExport } from '../records/export-records.ts';
import { type RecordedAttempt, recordAnswer, recordExportAction } from './audit.ts';
import type { Outport } from './outport.ts';
import type { ExportAction } from './permit.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { type UserError, userError } from './user-errors.ts';

/** An attempt to do something with an export that exists. */
export type BegunAction =
  | { readonly allowed: true; readonly record: ExportRecord; readonly attempt: RecordedAttempt }
  /** `record` null: there is none that the person may see. */
  | { readonly allowed: false; readonly record: ExportRecord | null; readonly error: UserError };

export const ID_FIELD = ['input', 'id'];

/**
 * Finds the export that somebody wants to do something with, and decides whether they may. The attempt is recorded
 * either way, before anything is done about it.
 * @param input what is asked for beside the export, as JSON
 */
export async function beginExportAction(
  outport: Outport,
  caller: { readonly principal: Principal; readonly origin: RequestOrigin },
  eventName: Exclude<ExportAction, 'ViewExport' | 'ReadExportData'>,
  exportId: string,
  input: string | null = null,
): Promise<BegunAction> {
  const { principal } = caller;
  const record = await readExport(outport.table, exportId);
  const view = record && outport.permit(principal, { action: 'ViewExport', record });
  const action = record && outport.permit(principal, { action: eventName, record });
  const decision = view?.allowed ? action : view;
  const attempt = await recordExportAction(outport, { ...caller, eventName, exportId, input, record, decision });
  if (record && view?.allowed && action?.allowed) return { allowed: true, record, attempt };

  const shown = view?.allowed ? record : null;
  const error = shown
    ? userError(
        'PERMISSION_DENIED',
        `${eventName} is not permitted on export ${exportId} of ${shown.tableArn}.`,
        ID_FIELD,
      )
    : userError('NO_SUCH_EXPORT', `There is no export "${exportId}".`, ID_FIELD);
  await recordAnswer(outport, attempt, 'REFUSED', [error]);
  return { allowed: false, record: shown, error };
}
