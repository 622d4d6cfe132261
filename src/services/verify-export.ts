import type { ExportRecord } from '../records/export-records.ts';
import { applyMove } from './apply-move.ts';
import { recordAnswer } from './audit.ts';
import { beginExportAction, ID_FIELD } from './export-action.ts';
import { moved } from './moves.ts';
import type { Outport } from './outport.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { type UserError, userError } from './user-errors.ts';

export interface VerifyExportInput {
  readonly id: string;
  /** Whether to read every file, rather than compare what S3 and the manifests say of them. */
  readonly deep: boolean;
}

export interface VerifyExportResult {
  /** The export as it is now; null when there is none that the person may see. */
  readonly export: ExportRecord | null;
  readonly userErrors: readonly UserError[];
}

/**
 * Asks for the files of a completed export to be checked again. Only the wish is recorded here; reconcile does the work,
 * however long it takes. A verification that is under way already is the answer, unless a deeper one is asked for.
 */
export async function verifyExport(
  outport: Outport,
  principal: Principal,
  origin: RequestOrigin,
  { id, deep }: VerifyExportInput,
): Promise<VerifyExportResult> {
  const begun = await beginExportAction(outport, { principal, origin }, 'VerifyExport', id, JSON.stringify({ deep }));
  if (!begun.allowed) return { export: begun.record, userErrors: [begun.error] };
  const { record, attempt } = begun;
  if (record.status !== 'COMPLETED') {
    const message = `Export ${id} is ${record.status}: only an export that is COMPLETED can be verified.`;
    const error = userError('EXPORT_NOT_COMPLETED', message, ID_FIELD);
    await recordAnswer(outport, attempt, 'REFUSED', [error]);
    return { export: record, userErrors: [error] };
  }
  const move = { type: 'VERIFY' as const, deep };
  if (moved(record, move, outport.now()) === null) {
    await recordAnswer(outport, attempt, 'REPLAYED');
    return { export: record, userErrors: [] };
  }
  return { export: await applyMove(outport, record, move), userErrors: [] };
}
