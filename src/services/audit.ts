import { type AuditEvent, appendAuditEvent } from '../records/audit-records.ts';
import type { ExportRecord } from '../records/export-records.ts';
import { canonicalInput, type ExportRequest } from './export-request.ts';
import type { Outport } from './outport.ts';
import type { Decision, ExportAction } from './permit.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import type { UserError } from './user-errors.ts';

/** An attempt that has been recorded: what becomes of it is told with the same facts. */
export type RecordedAttempt = AuditEvent & { readonly outcome: 'REQUESTED' };

const NOBODY = {
  issuer: null,
  principal: null,
  principalName: null,
  sourceIpAddress: null,
  userAgent: null,
  requestId: null,
};

/** Records that somebody asks for an export, allowed or not, before anything is done about it. */
export async function recordAttempt(
  { table, now, newId }: Outport,
  attempt: {
    readonly principal: Principal;
    readonly origin: RequestOrigin;
    readonly request: ExportRequest;
    readonly exportId: string;
    readonly decision: Decision;
  },
): Promise<RecordedAttempt> {
  const { principal, origin, request, exportId, decision } = attempt;
  const event: RecordedAttempt = {
    id: newId(),
    eventTime: now().toISOString(),
    source: 'OUTPORT',
    eventName: 'ExportTable',
    outcome: 'REQUESTED',
    ...callerOf(principal, origin),
    tableArn: request.table.arn,
    exportId,
    exportArn: null,
    input: canonicalInput(request),
    decision: decision.allowed ? 'ALLOW' : 'DENY',
    policyIds: decision.policyIds,
    errorCode: null,
    errorMessage: null,
  };
  await appendAuditEvent(table, event);
  return event;
}

/** Records that somebody asks to change an export that exists, or that they believe to, before anything is done. */
export async function recordExportAction(
  { table, now, newId }: Outport,
  attempt: {
    readonly principal: Principal;
    readonly origin: RequestOrigin;
    readonly eventName: ExportAction;
    readonly exportId: string;
    /** Null when there is no such export. */
    readonly record: ExportRecord | null;
    readonly decision: Decision | null;
  },
): Promise<RecordedAttempt> {
  const { principal, origin, eventName, exportId, record, decision } = attempt;
  const event: RecordedAttempt = {
    id: newId(),
    eventTime: now().toISOString(),
    source: 'OUTPORT',
    eventName,
    outcome: 'REQUESTED',
    ...callerOf(principal, origin),
    tableArn: record?.tableArn ?? null,
    exportId,
    exportArn: null,
    input: null,
    decision: decision && (decision.allowed ? 'ALLOW' : 'DENY'),
    policyIds: decision?.policyIds ?? [],
    errorCode: null,
    errorMessage: null,
  };
  await appendAuditEvent(table, event);
  return event;
}

const callerOf = (principal: Principal, origin: RequestOrigin) => ({
  issuer: principal.issuer,
  principal: principal.subject,
  principalName: principal.name,
  sourceIpAddress: origin.sourceIpAddress,
  userAgent: origin.userAgent,
  requestId: origin.requestId,
});

/** Records what became of a request. What becomes of its export is recorded with each move. */
export async function recordAnswer(
  { table, now }: Outport,
  attempt: RecordedAttempt,
  outcome: 'REPLAYED' | 'REFUSED' | 'QUEUED',
  error: UserError | null,
): Promise<void> {
  await appendAuditEvent(table, {
    ...attempt,
    id: `${attempt.id}-${outcome}`,
    eventTime: now().toISOString(),
    outcome,
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
  });
}

/**
 * Records that an export reaches a state, before its record says so, once however many reconcilers try. One of them
 * may yet be overtaken by another's move; the reverse, a move that the audit knows nothing of, cannot be.
 */
export async function recordMove({ table }: Outport, next: ExportRecord): Promise<void> {
  const { requestedBy } = next;
  const failure = next.status === 'FAILED' ? next.failure : null;
  await appendAuditEvent(table, {
    ...NOBODY,
    ...(requestedBy && {
      issuer: requestedBy.issuer,
      principal: requestedBy.subject,
      principalName: requestedBy.name,
    }),
    id: `${next.id}-${next.status}`,
    eventTime: next.updatedAt,
    source: 'OUTPORT',
    eventName: 'ExportTable',
    outcome: next.status,
    tableArn: next.tableArn,
    exportId: next.id,
    exportArn: 'exportArn' in next ? (next.exportArn ?? null) : null,
    input: null,
    decision: null,
    policyIds: [],
    errorCode: failure?.code ?? null,
    errorMessage: failure?.message ?? null,
  });
}
