import type { AuditEvent } from '../records/audit-event.ts';
import { appendAuditEvent } from '../records/audit-records.ts';
import type { ExportRecord, Requester } from '../records/export-records.ts';
import { canonicalInput, type ExportRequest, type ExportTableInput } from './export-request.ts';
import type { Outport } from './outport.ts';
import type { Decision, ExportAction } from './permit.ts';
import type { RequestOrigin } from './principal.ts';
import { parseTableArn } from './table-arn.ts';
import type { UserError } from './user-errors.ts';
import { withoutValues } from './without-values.ts';

/** An attempt that has been recorded: what becomes of it is told with the same facts. */
export type RecordedAttempt = AuditEvent & { readonly outcome: 'REQUESTED' };

/** Who asks, and from where. */
interface Caller {
  readonly principal: Requester;
  readonly origin: RequestOrigin;
}

/** Records that somebody asks for an export, allowed or not, before anything is done about it. */
export function recordAttempt(
  outport: Outport,
  attempt: Caller & { readonly request: ExportRequest; readonly exportId: string; readonly decision: Decision },
): Promise<RecordedAttempt> {
  const { request, exportId, decision } = attempt;
  const input = auditedInput(request);
  return attempted(outport, attempt, {
    eventName: 'ExportTable',
    tableArn: request.table.arn,
    exportId,
    input,
    decision,
  });
}

/** Records that somebody asks to change an export that exists, or that they believe to, before anything is done. */
export function recordExportAction(
  outport: Outport,
  attempt: Caller & {
    readonly eventName: ExportAction;
    readonly exportId: string;
    /** What was asked for beside the export, as JSON. */
    readonly input: string | null;
    /** Null when there is no such export. */
    readonly record: ExportRecord | null;
    readonly decision: Decision | null;
  },
): Promise<RecordedAttempt> {
  const { eventName, exportId, input, decision } = attempt;
  const tableArn = attempt.record?.tableArn ?? null;
  return attempted(outport, attempt, { eventName, tableArn, exportId, input, decision });
}

/** Records that somebody asks for a schedule, or to change one, before anything is done about it. */
export function recordScheduleAction(
  outport: Outport,
  caller: Caller,
  asked: {
    readonly eventName: 'CreateSchedule' | 'PauseSchedule' | 'ResumeSchedule' | 'DeleteSchedule';
    readonly tableArn: string | null;
    readonly input: string;
    readonly decision: Decision | null;
  },
): Promise<RecordedAttempt> {
  const input = asked.input.slice(0, UNPARSED_INPUT_CHARACTERS_MAX);
  return attempted(outport, caller, { ...asked, input, exportId: null });
}

const auditedInput = (request: ExportRequest): string =>
  JSON.stringify(JSON.parse(canonicalInput(request)), withoutValues);

/** Longer inputs are cut off: what is refused unread must not fill the audit. */
const UNPARSED_INPUT_CHARACTERS_MAX = 2_000;

/** Records a request for an export whose input is wrong, as it was sent, with everything that is wrong with it. */
export async function recordInvalidInput(
  outport: Outport,
  caller: Caller,
  input: ExportTableInput,
  errors: readonly UserError[],
): Promise<void> {
  const attempt = await attempted(outport, caller, {
    eventName: 'ExportTable',
    tableArn: parseTableArn(input.tableArn)?.arn ?? null,
    exportId: null,
    input: JSON.stringify(input, withoutValues).slice(0, UNPARSED_INPUT_CHARACTERS_MAX),
    decision: null,
  });
  await recordAnswer(outport, attempt, 'REFUSED', errors);
}

/** Records that somebody was told that they may not export, when they only asked whether an export would succeed. */
export async function recordRefusedPreflight(
  outport: Outport,
  preflight: Caller & { readonly request: ExportRequest; readonly decision: Decision; readonly error: UserError },
): Promise<void> {
  const { request, decision, error } = preflight;
  const { code: errorCode, message: errorMessage } = error;
  const about = { tableArn: request.table.arn, exportId: null, input: auditedInput(request), decision };
  const refusal = { outcome: 'REFUSED', errorCode, errorMessage } as const;
  await record(outport, preflight, { eventName: 'Preflight', ...about }, refusal);
}

/** Records a request that was refused before it was read. Whoever sent it said who they are, if at all, without proof. */
export async function recordRefusedRequest(
  outport: Outport,
  {
    person: principal,
    origin,
    code: errorCode,
    message: errorMessage,
  }: {
    readonly person: Requester | null;
    readonly origin: RequestOrigin;
    readonly code: string;
    readonly message: string;
  },
): Promise<void> {
  const about = { tableArn: null, exportId: null, input: null, decision: null };
  const refusal = { outcome: 'REFUSED', errorCode, errorMessage } as const;
  await record(outport, { principal, origin }, { eventName: 'Request', ...about }, refusal);
}

/**
 * Records that somebody reads the audit: one event a page that is asked for. It is about the audit, not about the export
 * that they ask for, whose story it would soon drown.
 * @param decision null: the policies are asked about every event by itself
 */
export async function recordAuditRead(
  outport: Outport,
  caller: Caller,
  asked: Readonly<Record<string, unknown>>,
  decision: Decision | null = null,
): Promise<void> {
  const input = JSON.stringify(asked).slice(0, UNPARSED_INPUT_CHARACTERS_MAX);
  const about = { tableArn: null, exportId: null, decision };
  await attempted(outport, caller, { ...about, eventName: 'ViewAudit', input });
}

const REQUESTED = { outcome: 'REQUESTED', errorCode: null, errorMessage: null } as const;

const attempted = (outport: Outport, caller: Caller, asked: Asked): Promise<RecordedAttempt> =>
  record(outport, caller, asked, REQUESTED);

type Asked = Pick<AuditEvent, 'eventName' | 'tableArn' | 'exportId' | 'input'> & { readonly decision: Decision | null };

async function record<Told extends Pick<AuditEvent, 'outcome' | 'errorCode' | 'errorMessage'>>(
  { table, now, newId }: Outport,
  { principal, origin }: { readonly principal: Requester | null; readonly origin: RequestOrigin },
  { decision, ...asked }: Asked,
  told: Told,
): Promise<AuditEvent & Told> {
  const event = {
    ...asked,
    id: newId(),
    eventTime: now().toISOString(),
    source: 'OUTPORT' as const,
    ...personOf(principal),
    sourceIpAddress: origin.sourceIpAddress,
    userAgent: origin.userAgent,
    requestId: origin.requestId,
    exportArn: null,
    ...decided(decision),
    ...told,
  };
  await appendAuditEvent(table, event);
  return event;
}

export const personOf = (person: Requester | null): Pick<AuditEvent, 'issuer' | 'principal' | 'principalName'> => ({
  issuer: person?.issuer ?? null,
  principal: person?.subject ?? null,
  principalName: person?.name ?? null,
});

/** Records what became of a request. What becomes of its export is recorded with each move. */
export async function recordAnswer(
  { table, now }: Outport,
  attempt: RecordedAttempt,
  outcome: 'REPLAYED' | 'REFUSED' | 'QUEUED',
  errors: readonly UserError[] = [],
): Promise<void> {
  await appendAuditEvent(table, {
    ...attempt,
    id: `${attempt.id}-${outcome}`,
    eventTime: now().toISOString(),
    outcome,
    errorCode: errors[0]?.code ?? null,
    errorMessage: messageOf(errors),
  });
}

/** The message of one error; of several each with its code, a line each. */
function messageOf(errors: readonly UserError[]): string | null {
  const [first, ...others] = errors;
  if (!first) return null;
  return others.length === 0 ? first.message : errors.map(({ code, message }) => `${code}: ${message}`).join('\n');
}

/** What the policies said, as an event has it. */
export const decided = (decision: Decision | null): Pick<AuditEvent, 'decision' | 'policyIds'> => ({
  decision: decision && (decision.allowed ? 'ALLOW' : 'DENY'),
  policyIds: decision?.policyIds ?? [],
});
