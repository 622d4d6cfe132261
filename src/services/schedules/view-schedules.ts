import type { Requester } from '../../records/export-records.ts';
import {
  readLinks,
  readSchedule,
  readSchedules,
  type ScheduleLink,
  type ScheduleRecord,
  schedulePosition,
} from '../../records/schedule-records.ts';
import { type ListPage, readListPage } from '../list-page.ts';
import type { Outport } from '../outport.ts';
import { type ChainVerdict, chainVerdict } from './chain-verdict.ts';

/** Whether a person may know that a schedule exists. */
const mayView = ({ permit }: Outport, viewer: Requester, schedule: ScheduleRecord): boolean =>
  permit(viewer, { action: 'ViewSchedule', schedule }).allowed;

/** The schedule, or null when there is none or the viewer may not see it: the two cannot be told apart. */
export async function viewSchedule(outport: Outport, viewer: Requester, id: string): Promise<ScheduleRecord | null> {
  const schedule = await readSchedule(outport.table, id);
  return schedule && mayView(outport, viewer, schedule) ? schedule : null;
}

/** The schedules that the viewer may see and that are not deleted, newest first. */
export function listSchedules(
  outport: Outport,
  viewer: Requester,
  tableArn: string | null,
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<ListPage<ScheduleRecord>> {
  const schedules = readSchedules(outport.table, tableArn, { after, expected: first + 1 });
  return readListPage(schedules, schedulePosition, first, (schedule) => mayView(outport, viewer, schedule));
}

/** A link, and whether it is of a chain that a later one has taken over from. */
export type ListedLink = ScheduleLink & { readonly superseded: boolean };

/** Links of a schedule, newest first. */
export async function listLinks(
  { table }: Pick<Outport, 'table'>,
  { id, chain }: ScheduleRecord,
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<ListPage<ListedLink>> {
  const before = after === null ? null : Number(after);
  const found = await readLinks(table, id, { before, first: first + 1 });
  const items = found.slice(0, first).map((link) => ({ ...link, superseded: link.chain < chain.number }));
  const last = items.at(-1);
  return { items, hasNextPage: found.length > first, endPosition: last ? String(last.number) : null };
}

/** What the verdict on a chain looks at: ten days of the shortest windows. */
const JUDGED_LINKS_MAX = 1_000;
const LINKS_PER_READ = 250;

/**
 * The verdict on the chain at hand, by its last `JUDGED_LINKS_MAX` links.
 * @returns `whole`: whether these are all of its links
 */
export async function judgeChain(
  { table }: Pick<Outport, 'table'>,
  { id, chain }: ScheduleRecord,
): Promise<ChainVerdict & { readonly whole: boolean }> {
  const links: ScheduleLink[] = [];
  let before: number | null = null;
  for (;;) {
    const found: ScheduleLink[] = await readLinks(table, id, { before, first: LINKS_PER_READ });
    const ofChain = found.filter((link) => link.chain === chain.number);
    links.push(...ofChain);
    const last = found.at(-1);
    // Behind the first link of a chain come those of others.
    const atItsBeginning = found.length < LINKS_PER_READ || (last !== undefined && last.chain < chain.number);
    if (atItsBeginning || last === undefined) return { ...chainVerdict(links), whole: true };
    if (links.length >= JUDGED_LINKS_MAX) return { ...chainVerdict(links), whole: false };
    before = last.number;
  }
}
