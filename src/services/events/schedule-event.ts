import type { ScheduleRecord } from '../../records/schedule-records.ts';
import { isDelayed } from '../schedules/advance.ts';

/** What is told of a schedule, beside the moves of its exports: see `ExportEvent`. */
interface ScheduleEventOf<Type extends string, Data> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: 'outport';
  readonly type: Type;
  /** The schedule's id. */
  readonly subject: string;
  /** When it was found, ISO 8601 in UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Data & {
    readonly id: string;
    readonly version: number;
    readonly tableArn: string;
    readonly requestedBy: { readonly issuer: string; readonly subject: string };
    readonly teams: readonly string[];
    readonly code: string;
    readonly message: string;
  };
}

/** Its id is `<schedule>/chain-<number>`: a chain breaks once. */
type ChainBrokenEvent = ScheduleEventOf<
  'outport.schedule.broken',
  {
    readonly chain: number;
    /** From when on changes are in no export. Until when is known when the next chain begins. */
    readonly from: string;
  }
>;

/** Its id is `<schedule>/<version>`. */
type ScheduleStoppedEvent = ScheduleEventOf<
  'outport.schedule.stopped',
  {
    /** Up to when changes are in its exports; null: there is no chain. */
    readonly chainedThrough: string | null;
  }
>;

/** Its id is `<schedule>/link-<number>`: a link is delayed once. */
type ScheduleDelayedEvent = ScheduleEventOf<
  'outport.schedule.delayed',
  {
    readonly link: number;
    /** The window that could not be exported; `from` null: a full export. */
    readonly from: string | null;
    readonly to: string;
  }
>;

export type ScheduleEvent = ChainBrokenEvent | ScheduleStoppedEvent | ScheduleDelayedEvent;

/** What is known of a schedule before a change. */
export interface ScheduleBefore {
  readonly wasBroken: boolean;
  readonly wasActive: boolean;
  readonly wasDelayed: boolean;
}

/** @returns what a change of a schedule is told as; null: nothing, as for nearly all of them */
export function scheduleEventOf(
  schedule: ScheduleRecord,
  { wasBroken, wasActive, wasDelayed }: ScheduleBefore,
): ScheduleEvent | null {
  const { id, version, tableArn, status, problem, requestedBy, chain, current, updatedAt } = schedule;
  const { issuer, subject, teams } = requestedBy;
  const common = { specversion: '1.0', source: 'outport', subject: id, time: updatedAt } as const;
  const datacontenttype = 'application/json';
  const about = { id, version, tableArn, requestedBy: { issuer, subject }, teams };
  if (chain.brokenAt !== null && !wasBroken) {
    const data = { ...about, chain: chain.number, ...chain.brokenAt };
    return { ...common, id: `${id}/chain-${chain.number}`, type: 'outport.schedule.broken', datacontenttype, data };
  }
  // A person who pauses it leaves no problem behind.
  if (status === 'PAUSED' && problem !== null && wasActive) {
    const data = { ...about, chainedThrough: chain.through, ...problem };
    return { ...common, id: `${id}/${version}`, type: 'outport.schedule.stopped', datacontenttype, data };
  }
  if (problem !== null && current !== null && isDelayed(current) && !wasDelayed) {
    const { number: link, from, to } = current;
    const data = { ...about, link, from, to, ...problem };
    return { ...common, id: `${id}/link-${link}`, type: 'outport.schedule.delayed', datacontenttype, data };
  }
  return null;
}
