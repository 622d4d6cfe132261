import { createExport, type ExportRecord, type QueuedExport, readExport } from '../records/export-records.ts';
import { recordAnswer, recordAttempt } from './audit.ts';
import { authorizeExport } from './authorize-export.ts';
import { exportIdOf } from './export-id.ts';
import { type ExportRequest, type ExportTableInput, inputHash, parseExportRequest } from './export-request.ts';
import { queueDeadline } from './moves.ts';
import type { Outport } from './outport.ts';
import { preflight } from './preflight.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { startExport } from './start-export.ts';
import { type UserError, userError } from './user-errors.ts';

export interface ExportTableResult {
  readonly export: ExportRecord | null;
  /** True when the export was there already, from the same person, client token and input. */
  readonly replayed: boolean;
  readonly userErrors: readonly UserError[];
}

/**
 * Asks for an export, once. The steps are those of "One export, from end to end"; each leaves nothing behind that the
 * next could miss: before the record exists a crash loses only the answer, after it reconcile goes on from the record.
 */
export async function exportTable(
  outport: Outport,
  principal: Principal,
  origin: RequestOrigin,
  input: ExportTableInput,
): Promise<ExportTableResult> {
  const parsed = parseExportRequest(input);
  if (!parsed.ok) return refused(parsed.errors);
  const request = parsed.value;
  const exportId = exportIdOf(principal.issuer, principal.subject, request.clientToken);

  const { decision, error } = authorizeExport(outport, principal, request);
  const attempt = await recordAttempt(outport, { principal, origin, request, exportId, decision });
  if (error) return refuse([error]);

  const earlier = await readExport(outport.table, exportId);
  if (earlier) return replay(earlier);

  const { table, destination } = request;
  const clients = outport.accounts(table, { person: principal, table, destination });
  const checked = await preflight(clients, request, outport.now());
  if (!checked.ok) return refuse(checked.errors);

  const record = newExport(request, exportId, principal, checked.tableSizeBytes, outport.now());
  if (!(await createExport(outport.table, record))) {
    const winner = await readExport(outport.table, exportId);
    if (!winner) throw new Error(`export ${exportId} has no record any more`);
    return replay(winner);
  }
  const started = await startExport(outport, record);
  if (started.status === 'QUEUED') await recordAnswer(outport, attempt, 'QUEUED', null);
  return answerOf(started, false);

  async function refuse(errors: readonly UserError[]): Promise<ExportTableResult> {
    await recordAnswer(outport, attempt, 'REFUSED', errors[0] ?? null);
    return refused(errors);
  }

  async function replay(existing: ExportRecord): Promise<ExportTableResult> {
    if (existing.inputHash !== inputHash(request)) {
      const message = 'The client token belongs to a request with another input.';
      return refuse([userError('CLIENT_TOKEN_REUSED', message, ['input', 'clientToken'])]);
    }
    await recordAnswer(outport, attempt, 'REPLAYED', null);
    return answerOf(existing, true);
  }
}

const refused = (userErrors: readonly UserError[]): ExportTableResult => ({
  export: null,
  replayed: false,
  userErrors,
});

/** An export that DynamoDB never took is its caller's error, in the first answer and in every replay of it. */
function answerOf(record: ExportRecord, replayed: boolean): ExportTableResult {
  const neverStarted = record.status === 'FAILED' && record.exportArn === undefined;
  const userErrors = neverStarted ? [{ ...record.failure, field: null }] : [];
  return { export: record, replayed, userErrors };
}

function newExport(
  request: ExportRequest,
  id: string,
  { issuer, subject, name, teams }: Principal,
  tableSizeBytes: number,
  now: Date,
): QueuedExport {
  return {
    id,
    version: 1,
    status: 'QUEUED',
    source: 'OUTPORT',
    requestedBy: { issuer, subject, name, teams },
    clientToken: request.clientToken,
    inputHash: inputHash(request),
    tableArn: request.table.arn,
    exportTime: request.exportTime,
    exportFormat: request.exportFormat,
    exportType: request.exportType,
    incrementalExport: request.incrementalExport,
    filter: request.filter,
    destination: request.destination,
    tableSizeBytes,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    admittedAt: null,
    deadlineAt: queueDeadline(now),
  };
}
