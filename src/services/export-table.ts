import {
  createExport,
  type ExportRecord,
  isOpen,
  isWaiting,
  type Requester,
  readExport,
} from '../records/export-records.ts';
import { recordAnswer, recordAttempt, recordInvalidInput } from './audit.ts';
import { authorizeExport } from './authorize-export.ts';
import { exportIdOf } from './export-id.ts';
import { type ExportRequest, type ExportTableInput, inputHash, parseExportRequest } from './export-request.ts';
import { limitExceeded } from './limit-exceeded.ts';
import { newExport } from './new-export.ts';
import type { Outport } from './outport.ts';
import { refusalsOf } from './preflight/check.ts';
import { examine } from './preflight.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { joinQueue, leaveQueue, whyItWaits } from './queue.ts';
import { giveBackSlot, takeSlot } from './slots.ts';
import { startExport } from './start-export.ts';
import { type UserError, userError } from './user-errors.ts';

export interface ExportTableResult {
  readonly export: ExportRecord | null;
  /** True when the export was there already, from the same person, client token and input. */
  readonly replayed: boolean;
  readonly userErrors: readonly UserError[];
}

/** Asks for an export, once, with what a caller sent. */
export async function exportTable(
  outport: Outport,
  principal: Principal,
  origin: RequestOrigin,
  input: ExportTableInput,
): Promise<ExportTableResult> {
  const parsed = parseExportRequest(input);
  if (parsed.ok) return requestExport(outport, principal, origin, parsed.value, input.whenFull ?? 'QUEUE');
  await recordInvalidInput(outport, { principal, origin }, input, parsed.errors);
  return refused(parsed.errors);
}

/**
 * Asks for an export, once. The steps are those of "One export, from end to end"; each leaves nothing behind that the
 * next could miss: before the record exists a crash loses only the answer, after it reconcile goes on from the record.
 */
export async function requestExport(
  outport: Outport,
  principal: Requester,
  origin: RequestOrigin,
  request: ExportRequest,
  whenFull: 'QUEUE' | 'REFUSE',
): Promise<ExportTableResult> {
  const exportId = exportIdOf(principal.issuer, principal.subject, request.clientToken);

  const { decision, error } = authorizeExport(outport, principal, request);
  const attempt = await recordAttempt(outport, { principal, origin, request, exportId, decision });
  if (error) return refuse([error]);

  const earlier = await readExport(outport.table, exportId);
  if (earlier) return replay(earlier);

  const { checks, estimates } = await examine(outport, principal, request);
  const refusals = refusalsOf(checks);
  if (refusals.length > 0 || estimates === null) return refuse(refusals);

  const record = newExport(outport, principal, request, exportId, estimates);
  const waitsFor = await whyItWaits(outport, record);
  if (whenFull === 'REFUSE') {
    // The slot first: what is refused leaves nothing behind, and its client token may be sent again.
    const exceeded = waitsFor ?? (await takeSlot(outport, record));
    if (exceeded) return refuse([limitExceeded(exceeded)]);
  }
  // Its place before its record, as a crash between the two leaves a place that reconcile clears.
  const full = waitsFor && (await joinQueue(outport, record, outport.maxQueued));
  if (full) return refuse([limitExceeded(full)]);
  if (!(await createExport(outport.table, record))) {
    const winner = await readExport(outport.table, exportId);
    if (!winner) throw new Error(`export ${exportId} has no record any more`);
    if (!isOpen(winner)) await giveBackSlot(outport, winner);
    if (waitsFor && winner.createdAt !== record.createdAt) await leaveQueue(outport, record);
    return replay(winner);
  }
  const started = waitsFor === null ? await startExport(outport, record) : record;
  // Others were faster: it waits like them, and it is there already, so whatever the queue holds.
  if (waitsFor === null && isWaiting(started)) await joinQueue(outport, started, Number.MAX_SAFE_INTEGER);
  if (started.status === 'QUEUED') await recordAnswer(outport, attempt, 'QUEUED');
  return answerOf(started, false);

  async function refuse(errors: readonly UserError[]): Promise<ExportTableResult> {
    await recordAnswer(outport, attempt, 'REFUSED', errors);
    return refused(errors);
  }

  async function replay(existing: ExportRecord): Promise<ExportTableResult> {
    if (existing.inputHash !== inputHash(request)) {
      const message = `The client token "${request.clientToken}" belongs to a request with another input.`;
      return refuse([userError('CLIENT_TOKEN_REUSED', message, ['input', 'clientToken'])]);
    }
    await recordAnswer(outport, attempt, 'REPLAYED');
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
