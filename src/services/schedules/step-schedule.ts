import type { ErrorCode } from '../../records/error-codes.ts';
import type { ScheduleLink, ScheduleProblem, ScheduleRecord } from '../../records/schedule-records.ts';
import {
  type Advanced,
  begun,
  broken,
  changed,
  completed,
  failed,
  hindered,
  lost,
  stopped,
  underWay,
  waiting,
} from './advance.ts';
import { planLink, type Recovery, whyLost } from './plan-link.ts';

/** What has become of the export of a link. */
export type LinkExport =
  | { readonly status: 'OPEN' }
  | { readonly status: 'COMPLETED'; readonly verified: boolean }
  | { readonly status: 'FAILED'; readonly problem: ScheduleProblem };

/** All that a step sees and does. */
export interface ScheduleWorld {
  readonly now: () => Date;
  /** Null: point-in-time recovery is off. A problem: AWS would not say, or not just now. */
  readonly readRecovery: (schedule: ScheduleRecord) => Promise<Recovery | null | ScheduleProblem>;
  /** Null: it has not been asked for, or was refused. */
  readonly readExport: (schedule: ScheduleRecord, link: ScheduleLink) => Promise<LinkExport | null>;
  /** Asks for the export of a link, once however often it is called; null when there is one, else why it was refused. */
  readonly requestExport: (schedule: ScheduleRecord, link: ScheduleLink) => Promise<ScheduleProblem | null>;
  /** Records that a chain is broken, once, before its schedule says so. */
  readonly tellBroken: (schedule: ScheduleRecord, problem: ScheduleProblem) => Promise<void>;
  /** False: somebody else has taken a step meanwhile. */
  readonly write: (advanced: Advanced) => Promise<boolean>;
}

/** Refusals that end only when a person changes something. */
const STOPPING = new Set<ErrorCode>(['PERMISSION_DENIED', 'DESTINATION_NOT_ALLOWED']);
/** Refusals that say "later". */
const PASSING = new Set<ErrorCode>(['AWS_UNAVAILABLE', 'LIMIT_EXCEEDED', 'QUEUE_FULL']);

/**
 * Takes the next step of a schedule: decides on a link, asks for its export, or takes note of what has become of that. What
 * is decided is written before it is done, and what is done may be done again, so a schedule goes on from its record
 * wherever a process ends, and two that take a step at once do not make two links:
 *
 *     A  reads v3, plans link 7 ── writes v4 ✓ ── asks for the export of link 7 ✓
 *     B     reads v3, plans link 7 ── writes v4 ✗: leaves it to A
 *     (A dies)                            C  reads v4 with link 7 ── asks for the export of link 7: there is one
 */
export async function stepSchedule(world: ScheduleWorld, schedule: ScheduleRecord): Promise<void> {
  const { current } = schedule;
  const advanced = current === null ? await plan(world, schedule) : await follow(world, schedule, current);
  const { code, message } = advanced.schedule.problem ?? {};
  const breaks = schedule.chain.through !== null && advanced.schedule.chain.through === null;
  if (breaks && code && message) await world.tellBroken(schedule, { code, message });
  await world.write(advanced);
}

const isProblem = (recovery: Recovery | null | ScheduleProblem): recovery is ScheduleProblem =>
  recovery !== null && 'code' in recovery;

async function plan(world: ScheduleWorld, schedule: ScheduleRecord): Promise<Advanced> {
  const now = world.now();
  const recovery = await world.readRecovery(schedule);
  if (isProblem(recovery)) return hindered(schedule, recovery, now);
  const next = planLink(schedule, recovery, now);
  switch (next.kind) {
    case 'WAIT':
      return waiting(schedule, next.until, now);
    case 'LINK':
      return begun(schedule, next.window, now);
    case 'BREAK':
      return { schedule: changed(broken(schedule, next.problem, now), now, {}), link: null };
    case 'PROBLEM':
      return hindered(schedule, next.problem, now);
    default:
      return next satisfies never;
  }
}

async function follow(world: ScheduleWorld, schedule: ScheduleRecord, current: ScheduleLink): Promise<Advanced> {
  const found = await world.readExport(schedule, current);
  if (found === null) return request(world, schedule, current);
  switch (found.status) {
    case 'OPEN':
      return underWay(schedule, world.now());
    case 'COMPLETED':
      return completed(schedule, current, found.verified, world.now());
    case 'FAILED':
      return failed(schedule, current, found.problem, world.now());
    default:
      return found satisfies never;
  }
}

/** The link may have been planned long ago: whether it can still be made is looked at first. */
async function request(world: ScheduleWorld, schedule: ScheduleRecord, current: ScheduleLink): Promise<Advanced> {
  const recovery = await world.readRecovery(schedule);
  if (isProblem(recovery)) return hindered(schedule, recovery, world.now());
  const problem = whyLost(current, recovery);
  if (problem !== null) return lost(schedule, current, problem, world.now());
  const refusal = await world.requestExport(schedule, current);
  if (refusal === null) return underWay(schedule, world.now());
  if (STOPPING.has(refusal.code)) return stopped(schedule, refusal, world.now());
  if (PASSING.has(refusal.code)) return hindered(schedule, refusal, world.now());
  return failed(schedule, current, refusal, world.now());
}
