import type { ScheduleFieldsFragment, ScheduleQuery } from '../../client/index.ts';
import { properties, table } from '../print.ts';
import { addressOf } from './describe.ts';

type FoundSchedule = NonNullable<ScheduleQuery['schedule']>;

/** What it exports and how often, and what is in the way. */
export function describeSchedule(schedule: ScheduleFieldsFragment): string {
  const { requestedBy, problem } = schedule;
  return properties([
    ['Schedule', schedule.id],
    ['Status', schedule.status],
    ['Table', schedule.tableArn],
    [
      'What',
      `changes every ${inWords(schedule.windowMinutes)}, as ${schedule.exportFormat}, ${schedule.exportViewType}`,
    ],
    ['All again', schedule.fullEveryDays && `every ${schedule.fullEveryDays} d`],
    ['Files', addressOf(schedule.destination)],
    ['Requested', schedule.createdAt],
    ['By', requestedBy.name ?? requestedBy.subject],
    ['Exported to', schedule.chainedThrough ?? 'nothing yet'],
    ['Next step', schedule.status === 'ACTIVE' ? schedule.nextStepAt : null],
    ['Problem', problem && `${problem.code}: ${problem.message}`],
  ]);
}

/** Whether its chain is what it promises. */
export function describeChain({ verdict }: Pick<FoundSchedule, 'verdict'>): string {
  return properties([
    ['Links', verdict.links],
    ['Contiguous', verdict.contiguous ? 'yes' : 'no'],
    ['Verified', verdict.verified ? 'yes' : 'no'],
    ['From', verdict.from],
    ['To', verdict.to],
    ...verdict.problems.map((problem) => ['Problem', problem] as const),
  ]);
}

/** The links, the newest first. */
export const listLinks = (links: FoundSchedule['chain']['nodes']): string =>
  table(links, [
    { title: 'LINK', of: ({ number }) => number, right: true },
    { title: 'STATUS', of: ({ status, superseded }) => (superseded ? `${status}, superseded` : status) },
    { title: 'FROM', of: ({ from, gap }) => (gap ? `gap since ${gap.from}` : (from ?? 'full export')) },
    { title: 'TO', of: ({ to }) => to },
    { title: 'ITEMS', of: ({ export: made }) => made?.itemCount, right: true },
    { title: 'EXPORT', of: ({ export: made }) => made?.id },
  ]);

/** `90m`, `1h`, `1d`: as `--every` takes it. */
export function inWords(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}
