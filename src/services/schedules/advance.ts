import type { Gap, ScheduleLink, ScheduleProblem, ScheduleRecord } from '../../records/schedule-records.ts';
import { linkExportId } from './link-export.ts';

/** A schedule after a step, and the link that the step began or changed. */
export interface Advanced {
  readonly schedule: ScheduleRecord;
  readonly link: ScheduleLink | null;
}

const MINUTE_MS = 60_000;
/** How soon a link is looked at again that is being made. */
const LOOK_AGAIN_MS = MINUTE_MS;
/** How soon a schedule tries again that cannot export anything at present. */
const PROBLEM_MS = 5 * MINUTE_MS;
/** How long to wait before each further attempt at a link, at first. */
const RETRY_DELAYS_MS: readonly number[] = [1, 5, 15, 60].map((minutes) => minutes * MINUTE_MS);
/** How long after that, where the chain cannot go on otherwise: a bucket may be away over a holiday. */
const PATIENT_DELAY_MS = 6 * 60 * MINUTE_MS;
/** A week of them. Then it lies at the window itself, which is better lost than everything after it. */
const PATIENT_RETRIES_MAX = 28;
/** How long to wait with another full export when one has failed for good. */
const RESTART_MS = 60 * MINUTE_MS;

const later = (now: Date, milliseconds: number): string => new Date(now.getTime() + milliseconds).toISOString();

type Change = Partial<Pick<ScheduleRecord, 'status' | 'problem' | 'chain' | 'current' | 'linkCount' | 'nextStepAt'>>;

export const changed = (schedule: ScheduleRecord, now: Date, change: Change): ScheduleRecord => ({
  ...schedule,
  ...change,
  version: schedule.version + 1,
  updatedAt: now.toISOString(),
});

/** Nothing to do before a time. */
export const waiting = (schedule: ScheduleRecord, until: Date, now: Date): Advanced => ({
  schedule: changed(schedule, now, { nextStepAt: until.toISOString(), problem: null }),
  link: null,
});

/** Nothing can be done at present; a link in flight stays what it is. */
export const hindered = (schedule: ScheduleRecord, problem: ScheduleProblem, now: Date): Advanced => ({
  schedule: changed(schedule, now, { nextStepAt: later(now, PROBLEM_MS), problem }),
  link: null,
});

/** Stops until somebody has put something right. */
export const stopped = (schedule: ScheduleRecord, problem: ScheduleProblem, now: Date): Advanced => ({
  schedule: changed(schedule, now, { status: 'PAUSED', problem }),
  link: null,
});

/** Begins a link. A full one begins a chain, behind the gap to the one before it if that broke. */
export function begun(schedule: ScheduleRecord, window: Pick<ScheduleLink, 'from' | 'to'>, now: Date): Advanced {
  const { chain, linkCount } = schedule;
  const name = { number: linkCount + 1, attempt: 1 };
  const link: ScheduleLink = {
    ...name,
    ...window,
    scheduleId: schedule.id,
    chain: window.from === null ? chain.number + 1 : chain.number,
    exportId: linkExportId(schedule, name),
    status: 'IN_PROGRESS',
    verified: false,
    gap: window.from === null ? gapBefore(schedule, window.to) : null,
    createdAt: now.toISOString(),
    endedAt: null,
  };
  const next = { current: link, linkCount: link.number, problem: null, nextStepAt: now.toISOString() };
  return { schedule: changed(schedule, now, next), link };
}

function gapBefore({ chain: { brokenAt } }: ScheduleRecord, to: string): Gap | null {
  return brokenAt !== null && brokenAt.from < to ? { ...brokenAt, to } : null;
}

/** The link is being made: look again soon. */
export const underWay = (schedule: ScheduleRecord, now: Date): Advanced => ({
  schedule: changed(schedule, now, { nextStepAt: later(now, LOOK_AGAIN_MS), problem: null }),
  link: null,
});

/** The link is there: the next one goes on where it ends. */
export function completed(schedule: ScheduleRecord, current: ScheduleLink, verified: boolean, now: Date): Advanced {
  const link: ScheduleLink = { ...current, status: 'COMPLETED', verified, endedAt: now.toISOString() };
  const since = link.from === null ? link.to : schedule.chain.since;
  const chain = { number: link.chain, since, through: link.to, brokenAt: null };
  const next = { chain, current: null, problem: null, nextStepAt: now.toISOString() };
  return { schedule: changed(schedule, now, next), link };
}

/** An attempt has failed: the same window is asked for again, so many times; then the chain is broken. */
export function failed(schedule: ScheduleRecord, current: ScheduleLink, problem: ScheduleProblem, now: Date): Advanced {
  const breaksChain = schedule.chain.through !== null;
  const delay = retryDelay(current.attempt, breaksChain);
  if (delay === undefined) return lost(schedule, current, problem, now, breaksChain ? 0 : RESTART_MS);
  const name = { number: current.number, attempt: current.attempt + 1 };
  const link: ScheduleLink = { ...current, ...name, exportId: linkExportId(schedule, name) };
  return { schedule: changed(schedule, now, { current: link, problem, nextStepAt: later(now, delay) }), link };
}

/** Whether it is the first attempt that is waited for patiently: what is in the way does not pass by itself. */
export const isDelayed = ({ attempt }: Pick<ScheduleLink, 'attempt'>): boolean =>
  attempt === RETRY_DELAYS_MS.length + 2;

function retryDelay(attempt: number, breaksChain: boolean): number | undefined {
  const soon = RETRY_DELAYS_MS[attempt - 1];
  if (soon !== undefined) return soon;
  return breaksChain && attempt <= RETRY_DELAYS_MS.length + PATIENT_RETRIES_MAX ? PATIENT_DELAY_MS : undefined;
}

/** The link cannot be made, nor can the chain go on without it. */
export function lost(
  schedule: ScheduleRecord,
  current: ScheduleLink,
  problem: ScheduleProblem,
  now: Date,
  delayMs = 0,
): Advanced {
  const link: ScheduleLink = { ...current, status: 'FAILED', endedAt: now.toISOString() };
  const next = { current: null, problem, nextStepAt: later(now, delayMs) };
  return { schedule: changed(broken(schedule, problem, now), now, next), link };
}

/** The chain ends here: the next link is a full export, whatever has been going on in between. */
export function broken(schedule: ScheduleRecord, problem: ScheduleProblem, now: Date): ScheduleRecord {
  const { number, through, brokenAt } = schedule.chain;
  const { code, message } = problem;
  const chain = {
    number,
    since: null,
    through: null,
    brokenAt: through === null ? brokenAt : { from: through, code, message },
  };
  return { ...schedule, chain, problem, nextStepAt: now.toISOString() };
}
