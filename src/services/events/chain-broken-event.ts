import type { ScheduleRecord } from '../../records/schedule-records.ts';

/** A CloudEvent that tells that the chain of a schedule is broken: see `ExportEvent`. */
export interface ChainBrokenEvent {
  readonly specversion: '1.0';
  /** `<schedule>/chain-<number>`: a chain breaks once. */
  readonly id: string;
  readonly source: 'outport';
  readonly type: 'outport.schedule.broken';
  /** The schedule's id. */
  readonly subject: string;
  /** When it was found, ISO 8601 in UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: {
    readonly id: string;
    readonly version: number;
    readonly tableArn: string;
    readonly requestedBy: { readonly issuer: string; readonly subject: string };
    readonly teams: readonly string[];
    readonly chain: number;
    /** From when on changes are in no export. Until when is known when the next chain begins. */
    readonly from: string;
    readonly code: string;
    readonly message: string;
  };
}

/** @returns null for a schedule whose chain is not broken */
export function chainBrokenEventOf(schedule: ScheduleRecord): ChainBrokenEvent | null {
  const { id, version, tableArn, requestedBy, chain, updatedAt } = schedule;
  if (chain.brokenAt === null) return null;
  const { issuer, subject, teams } = requestedBy;
  return {
    specversion: '1.0',
    id: `${id}/chain-${chain.number}`,
    source: 'outport',
    type: 'outport.schedule.broken',
    subject: id,
    time: updatedAt,
    datacontenttype: 'application/json',
    data: { id, version, tableArn, requestedBy: { issuer, subject }, teams, chain: chain.number, ...chain.brokenAt },
  };
}
