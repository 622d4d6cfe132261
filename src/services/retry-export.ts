import type { ExportRecord } from '../records/export-records.ts';
import { recordAnswer } from './audit.ts';
import { beginExportAction, ID_FIELD } from './export-action.ts';
import { type ExportTableInput, parseExportRequest } from './export-request.ts';
import { type ExportTableResult, requestExport } from './export-table.ts';
import type { Outport } from './outport.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { type UserError, userError } from './user-errors.ts';

export interface RetryExportInput {
  /** The export that failed. */
  readonly id: string;
  readonly clientToken: string;
}

/**
 * Asks again for what a failed export was asked for: a new export, as DynamoDB gives an old token the old failure
 * (facts §1.7). It happens once for a client token, as every request does, and goes through every check again.
 */
export async function retryExport(
  outport: Outport,
  principal: Principal,
  origin: RequestOrigin,
  { id, clientToken }: RetryExportInput,
): Promise<ExportTableResult> {
  const begun = await beginExportAction(outport, { principal, origin }, 'RetryExport', id);
  if (!begun.allowed) return refused([begun.error]);
  const { record, attempt } = begun;
  const parsed = parseExportRequest(inputOf(record, clientToken));
  const errors = record.status === 'FAILED' ? (parsed.ok ? [] : parsed.errors) : [notFailed(record)];
  if (!parsed.ok || errors.length > 0) {
    await recordAnswer(outport, attempt, 'REFUSED', errors[0] ?? null);
    return refused(errors);
  }
  return requestExport(outport, principal, origin, { ...parsed.value, retryOf: id }, 'QUEUE');
}

const refused = (userErrors: readonly UserError[]): ExportTableResult => ({
  export: null,
  replayed: false,
  userErrors,
});

const notFailed = ({ id, status }: ExportRecord): UserError =>
  userError('EXPORT_NOT_FAILED', `Export ${id} is ${status}: only an export that FAILED can be retried.`, ID_FIELD);

/** What an export was asked for, or what one that was adopted would have been. */
function inputOf(record: ExportRecord, clientToken: string): ExportTableInput {
  const { tableArn, exportTime, exportFormat, exportType, incrementalExport, filter, destination } = record;
  return {
    clientToken,
    tableArn,
    exportTime: exportTime === null ? null : new Date(exportTime),
    exportFormat,
    exportType,
    incrementalExport: incrementalExport && {
      exportFromTime: new Date(incrementalExport.exportFromTime),
      exportToTime: incrementalExport.exportToTime === null ? null : new Date(incrementalExport.exportToTime),
      exportViewType: incrementalExport.exportViewType,
    },
    filter,
    destination,
  };
}
