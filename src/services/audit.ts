import type { AuditEvent } from '../records/audit-event.ts';
import { appendAuditEvent } from '../records/audit-records.ts';
import { rememberExportArn } from '../records/export-arns.ts';
import type { ExportRecord, QueuedExport } from '../records/export-records.ts';
import { canonicalInput, type ExportRequest, type ExportTableInput } from './export-request.ts';
import type { Outport } from './outport.ts';
import type { Decision, ExportAction } from './permit.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { parseTableArn } from './table-arn.ts';
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

/** Who asks, and from where. */
interface Caller {
  readonly principal: Principal;
  readonly origin: RequestOrigin;
}

/** Records that somebody asks for an export, allowed or not, before anything is done about it. */
export function recordAttempt(
  outport: Outport,
  attempt: Caller & { readonly request: ExportRequest; readonly exportId: string; readonly decision: Decision },
): Promise<RecordedAttempt> {
  const { request, exportId, decision } = attempt;
  const input = canonicalInput(request);
  return record(outport, attempt, { eventName: 'ExportTable', tableArn: request.table.arn, exportId, input, decision });
}

/** Records that somebody asks to change an export that exists, or that they believe to, before anything is done. */
export function recordExportAction(
  outport: Outport,
  attempt: Caller & {
    readonly eventName: ExportAction;
    readonly exportId: string;
    /** Null when there is no such export. */
    readonly record: ExportRecord | null;
    readonly decision: Decision | null;
  },
): Promise<RecordedAttempt> {
  const { eventName, exportId, decision } = attempt;
  const tableArn = attempt.record?.tableArn ?? null;
  return record(outport, attempt, { eventName, tableArn, exportId, input: null, decision });
}

/** Longer inputs are cut off: what is refused unread must not fill the audit. */
const UNPARSED_INPUT_CHARACTERS_MAX = 2_000;

/** Records a request for an export whose input is wrong, as it was sent, with the first thing that is wrong with it. */
export async function recordInvalidInput(
  outport: Outport,
  caller: Caller,
  input: ExportTableInput,
  errors: readonly UserError[],
): Promise<void> {
  const attempt = await record(outport, caller, {
    eventName: 'ExportTable',
    tableArn: parseTableArn(input.tableArn)?.arn ?? null,
    exportId: null,
    input: JSON.stringify(input).slice(0, UNPARSED_INPUT_CHARACTERS_MAX),
    decision: null,
  });
  await recordAnswer(outport, attempt, 'REFUSED', errors[0] ?? null);
}

/**
 * Records that somebody reads the audit: one event a page that is asked for. It is about the audit, not about the export
 * that they ask for, whose story it would soon drown.
 */
export async function recordAuditRead(
  outport: Outport,
  caller: Caller,
  asked: Readonly<Record<string, unknown>>,
): Promise<void> {
  const input = JSON.stringify(asked).slice(0, UNPARSED_INPUT_CHARACTERS_MAX);
  // The policies are asked about every event by itself.
  const about = { tableArn: null, exportId: null, decision: null };
  await record(outport, caller, { ...about, eventName: 'ViewAudit', input });
}

async function record(
  { table, now, newId }: Outport,
  { principal, origin }: Caller,
  attempt: Pick<AuditEvent, 'eventName' | 'tableArn' | 'exportId' | 'input'> & { readonly decision: Decision | null },
): Promise<RecordedAttempt> {
  const { decision, ...asked } = attempt;
  const event: RecordedAttempt = {
    ...asked,
    id: newId(),
    eventTime: now().toISOString(),
    source: 'OUTPORT',
    outcome: 'REQUESTED',
    ...callerOf(principal, origin),
    exportArn: null,
    ...decided(decision),
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
    ...NOBODY,
    ...(requestedBy && {
      issuer: requestedBy.issuer,
      principal: requestedBy.subject,
      principalName: requestedBy.name,
    }),
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

const decided = (decision: Decision | null): Pick<AuditEvent, 'decision' | 'policyIds'> => ({
  decision: decision && (decision.allowed ? 'ALLOW' : 'DENY'),
  policyIds: decision?.policyIds ?? [],
});
