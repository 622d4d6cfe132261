import type { AuditEvent } from '../records/audit-event.ts';
import { appendAuditEvent } from '../records/audit-records.ts';
import { rememberExportArn } from '../records/export-arns.ts';
import type { ExportRecord, QueuedExport } from '../records/export-records.ts';
import { decided, personOf } from './audit.ts';
import type { Outport } from './outport.ts';
import type { Decision } from './permit.ts';

/*
 * What becomes of an export by itself, outside any request. Events of one kind have one id an export, so that several
 * reconcilers record them once.
 */

/** Records that the turn of a queued export has come and that it was decided on again, before DynamoDB is asked for it. */
export async function recordAdmission(
  { table, now }: Outport,
  record: QueuedExport,
  decision: Decision,
): Promise<void> {
  await appendAuditEvent(table, {
    ...eventOf(record, decision),
    id: `${record.id}-ADMITTED`,
    eventTime: now().toISOString(),
    outcome: 'ADMITTED',
  });
}

/**
 * Records that an export reaches a state, before its record says so, once however many reconcilers try. One of them
 * may yet be overtaken by another's move; the reverse, a move that the audit knows nothing of, cannot be.
 */
export async function recordMove({ table }: Outport, next: ExportRecord, decision: Decision | null): Promise<void> {
  const exportArn = 'exportArn' in next ? (next.exportArn ?? null) : null;
  if (exportArn !== null) await rememberExportArn(table, exportArn, next.id);
  const failure = next.status === 'FAILED' ? next.failure : null;
  await appendAuditEvent(table, {
    ...eventOf(next, decision),
    id: `${next.id}-${next.status}`,
    eventTime: next.updatedAt,
    outcome: next.status,
    exportArn,
    errorCode: failure?.code ?? null,
    errorMessage: failure?.message ?? null,
  });
}

/** What every event has that tells of an export by itself, rather than of a request. */
function eventOf(
  { id, tableArn, requestedBy }: ExportRecord,
  decision: Decision | null,
): Omit<AuditEvent, 'id' | 'eventTime' | 'outcome'> {
  return {
    ...personOf(requestedBy),
    sourceIpAddress: null,
    userAgent: null,
    requestId: null,
    source: 'OUTPORT',
    eventName: 'ExportTable',
    tableArn,
    exportId: id,
    exportArn: null,
    input: null,
    ...decided(decision),
    errorCode: null,
    errorMessage: null,
  };
}

/** Records what a verification that was asked for has found. Whoever asked for it is in the event of the request. */
export async function recordVerification({ table }: Outport, next: ExportRecord): Promise<void> {
  if (next.status !== 'COMPLETED' || next.verification.status === 'IN_PROGRESS') return;
  const { status, deep, problems } = next.verification;
  await appendAuditEvent(table, {
    ...eventOf(next, null),
    ...personOf(null),
    id: `${next.id}-VERIFIED-${next.version}`,
    eventTime: next.updatedAt,
    eventName: 'VerifyExport',
    outcome: status,
    input: JSON.stringify({ deep }),
    errorCode: status === 'MISMATCH' ? 'VERIFICATION_FAILED' : null,
    errorMessage: problems.length > 0 ? problems.join('\n') : null,
  });
}
