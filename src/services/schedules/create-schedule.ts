import type { Requester } from '../../records/export-records.ts';
import {
  createSchedule as createRecord,
  readSchedule,
  readSchedules,
  type ScheduleRecord,
} from '../../records/schedule-records.ts';
import { recordAnswer, recordScheduleAction } from '../audit.ts';
import { authorizeExport } from '../authorize-export.ts';
import { scheduleIdOf } from '../export-id.ts';
import { wholeSecond } from '../incremental-window.ts';
import type { Outport } from '../outport.ts';
import type { Decision } from '../permit.ts';
import { refusalsOf } from '../preflight/check.ts';
import { examine } from '../preflight.ts';
import type { Principal, RequestOrigin } from '../principal.ts';
import { type UserError, userError } from '../user-errors.ts';
import {
  type CreateScheduleInput,
  canonicalSchedule,
  parseScheduleRequest,
  type ScheduleRequest,
  scheduleHash,
} from './schedule-request.ts';

export interface CreateScheduleResult {
  readonly schedule: ScheduleRecord | null;
  /** True when the schedule was there already, from the same person, client token and input. */
  readonly replayed: boolean;
  readonly userErrors: readonly UserError[];
}

/**
 * Asks for a schedule, once: the same person, token and input give the same schedule. It exports nothing by itself;
 * reconcile takes its first step. Everything that would refuse its first export refuses the schedule.
 */
export async function createSchedule(
  outport: Outport,
  principal: Principal,
  origin: RequestOrigin,
  input: CreateScheduleInput,
): Promise<CreateScheduleResult> {
  const parsed = parseScheduleRequest(input);
  const authorization = parsed.ok ? authorize(outport, principal, parsed.value) : null;
  const attempt = await recordScheduleAction(
    outport,
    { principal, origin },
    {
      eventName: 'CreateSchedule',
      tableArn: parsed.ok ? parsed.value.full.table.arn : null,
      input: parsed.ok ? canonicalSchedule(parsed.value) : JSON.stringify(input),
      decision: authorization?.decision ?? null,
    },
  );
  const refuse = async (userErrors: readonly UserError[]): Promise<CreateScheduleResult> => {
    await recordAnswer(outport, attempt, 'REFUSED', userErrors);
    return { schedule: null, replayed: false, userErrors };
  };
  if (!parsed.ok) return refuse(parsed.errors);
  if (authorization?.error) return refuse([authorization.error]);

  const record = newSchedule(outport, principal, parsed.value);
  const earlier = await readSchedule(outport.table, record.id);
  if (!earlier) {
    const { checks, estimates } = await examine(outport, principal, parsed.value.full);
    const refusals = refusalsOf(checks);
    if (refusals.length > 0 || estimates === null) return refuse(refusals);
    const full = await whyTableIsFull(outport, record);
    if (full) return refuse([full]);
    if (await createRecord(outport.table, record)) return { schedule: record, replayed: false, userErrors: [] };
  }
  const existing = earlier ?? (await readSchedule(outport.table, record.id));
  if (existing?.inputHash !== record.inputHash) {
    const message = `The client token "${input.clientToken}" belongs to a request with another input.`;
    return refuse([userError('CLIENT_TOKEN_REUSED', message, ['input', 'clientToken'])]);
  }
  await recordAnswer(outport, attempt, 'REPLAYED');
  return { schedule: existing, replayed: true, userErrors: [] };
}

/** Each exports the same table by itself. Requests at the same time may exceed it by as many as they are. */
const SCHEDULES_OF_TABLE_MAX = 20;

async function whyTableIsFull({ table }: Outport, { tableArn }: ScheduleRecord): Promise<UserError | null> {
  let count = 0;
  for await (const _ of readSchedules(table, tableArn, { after: null, expected: SCHEDULES_OF_TABLE_MAX })) {
    count += 1;
    if (count === SCHEDULES_OF_TABLE_MAX) {
      return userError('TOO_MANY_SCHEDULES', `${tableArn} has ${count} schedules, which is the limit.`, [
        'input',
        'tableArn',
      ]);
    }
  }
  return null;
}

/** A schedule is a standing order, so it needs a right of its own, and that to make either kind of its links. */
function authorize(
  outport: Outport,
  person: Requester,
  { full, exportViewType }: ScheduleRequest,
): { readonly decision: Decision; readonly error: UserError | null } {
  const decision = outport.permit(person, { action: 'CreateSchedule', table: full.table });
  if (!decision.allowed) {
    const message = `CreateSchedule is not permitted on ${full.table.arn}.`;
    return { decision, error: userError('PERMISSION_DENIED', message) };
  }
  const now = wholeSecond(outport.now());
  const incrementalExport = { exportFromTime: now, exportToTime: now, exportViewType };
  const links: ExportKinds = [full, { ...full, exportType: 'INCREMENTAL_EXPORT', incrementalExport }];
  const refused = links.map((link) => authorizeExport(outport, person, link)).find(({ error }) => error !== null);
  return refused ?? { decision, error: null };
}

type ExportKinds = ReadonlyArray<ScheduleRequest['full']>;

function newSchedule(outport: Outport, principal: Principal, request: ScheduleRequest): ScheduleRecord {
  const { full, exportViewType, windowMinutes, fullEveryDays } = request;
  const { issuer, subject, name, teams } = principal;
  const createdAt = outport.now().toISOString();
  return {
    id: scheduleIdOf(issuer, subject, full.clientToken),
    version: 1,
    requestedBy: { issuer, subject, name, teams },
    clientToken: full.clientToken,
    inputHash: scheduleHash(request),
    tableArn: full.table.arn,
    exportFormat: full.exportFormat,
    exportViewType,
    destination: full.destination,
    windowMinutes,
    fullEveryDays,
    status: 'ACTIVE',
    problem: null,
    chain: { number: 0, since: null, through: null, brokenAt: null },
    current: null,
    linkCount: 0,
    nextStepAt: createdAt,
    createdAt,
    updatedAt: createdAt,
  };
}
