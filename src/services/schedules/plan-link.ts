import type { ScheduleLink, ScheduleProblem, ScheduleRecord } from '../../records/schedule-records.ts';
import { wholeSecond } from '../incremental-window.ts';

/** The times that a table can be exported as of, as AWS tells them. */
export interface Recovery {
  readonly earliest: Date;
  readonly latest: Date;
}

/** What a schedule without a link in flight should do. */
export type Plan =
  | { readonly kind: 'WAIT'; readonly until: Date }
  | { readonly kind: 'LINK'; readonly window: Pick<ScheduleLink, 'from' | 'to'> }
  /** What changed since the end of the chain can no longer be exported, or not all of it. */
  | { readonly kind: 'BREAK'; readonly problem: ScheduleProblem }
  /** Nothing can be exported at present. */
  | { readonly kind: 'PROBLEM'; readonly problem: ScheduleProblem };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How far `LatestRestorableDateTime` is behind (facts §1.8): a window is over for good when it lies before that. */
const SETTLE_MS = 5 * MINUTE_MS;
/** AWS may tell a little later. */
const LOOK_AGAIN_MS = MINUTE_MS;

const RECOVERY_IS_OFF: ScheduleProblem = {
  code: 'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
  message:
    'Point-in-time recovery of the table is off: what has changed since the chain ended cannot be exported any more.',
};

/**
 * Decides on the next link: the window behind the chain's end once it is over, or a full export where there is no chain, or
 * where it is old enough to end. The full export of a chain that ends as planned is of the very second at which it ends.
 * @param recovery null: point-in-time recovery is off
 */
export function planLink(
  { chain, windowMinutes, fullEveryDays }: Pick<ScheduleRecord, 'chain' | 'windowMinutes' | 'fullEveryDays'>,
  recovery: Recovery | null,
  now: Date,
): Plan {
  const { since, through } = chain;
  if (recovery === null) return { kind: through === null ? 'PROBLEM' : 'BREAK', problem: RECOVERY_IS_OFF };
  const { earliest, latest } = recovery;
  if (through === null || since === null) return { kind: 'LINK', window: { from: null, to: wholeSecond(latest) } };
  const throughMs = Date.parse(through);
  if (earliest.getTime() > throughMs) return { kind: 'BREAK', problem: recoveryMoved(through, earliest) };
  if (fullEveryDays !== null && throughMs - Date.parse(since) >= fullEveryDays * DAY_MS) {
    return { kind: 'LINK', window: { from: null, to: through } };
  }
  const toMs = throughMs + windowMinutes * MINUTE_MS;
  if (toMs > latest.getTime()) {
    return { kind: 'WAIT', until: new Date(Math.max(toMs + SETTLE_MS, now.getTime() + LOOK_AGAIN_MS)) };
  }
  return { kind: 'LINK', window: { from: through, to: wholeSecond(new Date(toMs)) } };
}

/** Why a link that was planned, perhaps long ago, can no longer be made; null: it can. */
export function whyLost(
  { from, to }: Pick<ScheduleLink, 'from' | 'to'>,
  recovery: Recovery | null,
): ScheduleProblem | null {
  if (recovery === null) return RECOVERY_IS_OFF;
  const begin = from ?? to;
  return recovery.earliest.getTime() > Date.parse(begin) ? recoveryMoved(begin, recovery.earliest) : null;
}

const recoveryMoved = (through: string, earliest: Date): ScheduleProblem => ({
  code: 'RECOVERY_WINDOW_MOVED',
  message: `The table can be exported from ${wholeSecond(earliest)} on only, and the chain ended at ${through}.`,
});
