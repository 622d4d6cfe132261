import type { ExportRecord } from '../records/export-records.ts';
import { recordAnswer } from './audit.ts';
import { beginExportAction, ID_FIELD } from './export-action.ts';
import { type ExportTableResult, requestExport } from './export-table.ts';
import type { Outport } from './outport.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { requestAgain } from './request-again.ts';
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
  const parsed = requestAgain(record, clientToken);
  const errors = record.status === 'FAILED' ? (parsed.ok ? [] : parsed.errors) : [notFailed(record)];
  if (!parsed.ok || errors.length > 0) {
    await recordAnswer(outport, attempt, 'REFUSED', errors);
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
