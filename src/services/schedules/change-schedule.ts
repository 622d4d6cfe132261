import { readSchedule, replaceSchedule, type ScheduleRecord } from '../../records/schedule-records.ts';
import { recordAnswer, recordScheduleAction } from '../audit.ts';
import type { Outport } from '../outport.ts';
import type { Principal, RequestOrigin } from '../principal.ts';
import { type UserError, userError } from '../user-errors.ts';
import { changed } from './advance.ts';

export type ScheduleChange = 'PauseSchedule' | 'ResumeSchedule' | 'DeleteSchedule';

export interface ChangeScheduleResult {
  /** The schedule as it is now; null when there is none that the person may see. */
  readonly schedule: ScheduleRecord | null;
  readonly userErrors: readonly UserError[];
}

const ID_FIELD = ['input', 'id'];

/**
 * Pauses, resumes or deletes a schedule. It may be asked for again. An export that is being made goes on to its end, and one
 * that is resumed takes it up; none of its exports is ever deleted.
 */
export async function changeSchedule(
  outport: Outport,
  principal: Principal,
  origin: RequestOrigin,
  eventName: ScheduleChange,
  id: string,
): Promise<ChangeScheduleResult> {
  const found = await readSchedule(outport.table, id);
  const view = found && outport.permit(principal, { action: 'ViewSchedule', schedule: found });
  const manage = found && outport.permit(principal, { action: 'ManageSchedule', schedule: found });
  const attempt = await recordScheduleAction(
    outport,
    { principal, origin },
    {
      eventName,
      tableArn: found?.tableArn ?? null,
      input: JSON.stringify({ id }),
      decision: view?.allowed ? manage : view,
    },
  );
  const refuse = async (schedule: ScheduleRecord | null, error: UserError): Promise<ChangeScheduleResult> => {
    await recordAnswer(outport, attempt, 'REFUSED', [error]);
    return { schedule, userErrors: [error] };
  };
  if (!found || !view?.allowed) return refuse(null, noSuchSchedule(id));
  if (!manage?.allowed) {
    const message = `${eventName} is not permitted on schedule ${id} of ${found.tableArn}.`;
    return refuse(found, userError('PERMISSION_DENIED', message, ID_FIELD));
  }
  for (let schedule: ScheduleRecord | null = found; schedule; schedule = await readSchedule(outport.table, id)) {
    if (schedule.status === 'DELETED' && eventName !== 'DeleteSchedule') return refuse(schedule, noSuchSchedule(id));
    const next = changedBy(eventName, schedule, outport.now());
    if (next === null) {
      await recordAnswer(outport, attempt, 'REPLAYED');
      return { schedule, userErrors: [] };
    }
    if (await replaceSchedule(outport.table, next, null)) return { schedule: next, userErrors: [] };
  }
  throw new Error(`schedule ${id} has no record any more`);
}

const noSuchSchedule = (id: string): UserError =>
  userError('NO_SUCH_SCHEDULE', `There is no schedule "${id}".`, ID_FIELD);

const STATUS = { PauseSchedule: 'PAUSED', ResumeSchedule: 'ACTIVE', DeleteSchedule: 'DELETED' } as const;

/** Null: it is so already. */
function changedBy(eventName: ScheduleChange, schedule: ScheduleRecord, now: Date): ScheduleRecord | null {
  const status = STATUS[eventName];
  if (schedule.status === status) return null;
  // What was in the way is found again, if it still is: only a schedule that Outport stopped is PAUSED with a problem.
  return changed(schedule, now, {
    status,
    problem: null,
    ...(status === 'ACTIVE' && { nextStepAt: now.toISOString() }),
  });
}
