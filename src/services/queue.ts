import type { WaitingExport } from '../records/export-records.ts';
import { type AccountRegion, type Ledger, readLedger } from '../records/ledger.ts';
import { type Owner, queueOwnerOf } from '../records/owners.ts';
import { dropTickets, readQueues, type TeamQueue, takenAtMs, takeTicket, ticketOf } from '../records/queue-tickets.ts';
import { type Lane, readLanes } from '../records/waiting-exports.ts';
import {
  claimOf,
  type ExceededLimit,
  exceededByAccount,
  exceededLimit,
  exceededQuota,
  type Rules,
  withSlot,
} from './admission.ts';
import { groupBy } from './group-by.ts';
import { queueDeadline } from './moves.ts';
import type { Outport } from './outport.ts';
import { tableOf } from './table-arn.ts';

/** Who was let in, what the ledger is then, and the limit of the account and Region that keeps everybody else waiting. */
export interface Round {
  readonly admitted: readonly WaitingExport[];
  readonly ledger: Ledger;
  /** Null: whoever is left is held back by a quota. */
  readonly full: ExceededLimit | null;
}

/**
 * Who of those that wait may have a slot now, in the order of their turns: teams take turns, beginning behind the one that
 * had the last, and within a team whoever asked first comes first. Without a team, a person's exports are a team of their
 * own. Whom a quota holds back is passed over. Whom the account holds back has all behind it wait too, so that a large
 * export is not starved by small ones.
 *
 * No more of a lane is read than is let in, and one: however long the queue is, a round costs what there is room for.
 * @param until ends when this export is let in
 */
export async function admissionRound(
  ledger: Ledger,
  lanes: readonly Lane[],
  rules: Rules,
  now: Date,
  until?: string,
): Promise<Round> {
  const admitted: WaitingExport[] = [];
  let current = ledger;
  let open = lanes;
  for (;;) {
    const heads = await headsOf(open);
    // Who is let in makes it only tighter for others, so whoever is held back now is out of the round.
    const eligible = heads.filter(({ record }) => exceededQuota(current, claimOf(record), rules, now) === null);
    open = eligible.map(({ lane }) => lane);
    const next = whoseTurn(eligible, current.lastTurn);
    if (!next) return { admitted, ledger: current, full: null };
    const claim = claimOf(next.record);
    const full = exceededByAccount(current, claim, rules, now);
    if (full) return { admitted, ledger: current, full };
    current = withSlot(current, claim, rules.quotas, now);
    admitted.push(next.record);
    if (next.record.id === until) return { admitted, ledger: current, full: null };
    next.lane.shift();
  }
}

interface Head {
  readonly lane: Lane;
  readonly record: WaitingExport;
}

async function headsOf(lanes: readonly Lane[]): Promise<Head[]> {
  const heads = await Promise.all(lanes.map(async (lane) => ({ lane, record: await lane.head() })));
  return heads.flatMap(({ lane, record }) => (record === null ? [] : [{ lane, record }]));
}

function whoseTurn(heads: readonly Head[], lastTurn: Owner | null): Head | undefined {
  const [next] = inTurn(new Set(heads.map(({ record }) => queueOwnerOf(record))), lastTurn);
  return heads
    .filter(({ record }) => queueOwnerOf(record) === next)
    .reduce<Head | undefined>(
      (oldest, head) => (oldest && isOlder(oldest.record, head.record) ? oldest : head),
      undefined,
    );
}

/** Teams in the order of their turns. */
function inTurn(owners: Iterable<Owner>, lastTurn: Owner | null): Owner[] {
  const sorted = [...owners].sort();
  const next = lastTurn === null ? -1 : sorted.findIndex((owner) => owner > lastTurn);
  return next <= 0 ? sorted : [...sorted.slice(next), ...sorted.slice(0, next)];
}

const isOlder = (a: WaitingExport, b: WaitingExport): boolean =>
  ticketOf(a) < ticketOf(b) || (ticketOf(a) === ticketOf(b) && a.id < b.id);

/**
 * Why an export that has just been asked for has to wait, or null when it may try for a slot at once: there is room
 * beside those who waited before it.
 */
export async function whyItWaits(outport: Outport, record: WaitingExport): Promise<ExceededLimit | null> {
  const scope = tableOf(record);
  const now = outport.now();
  const [ledger, queues] = await Promise.all([readLedger(outport.table, scope), readQueues(outport.table, scope)]);
  if (Object.hasOwn(ledger.exports, record.id)) return null;
  const exceeded = exceededLimit(ledger, claimOf(record), outport, now);
  if (exceeded || queues.length === 0) return exceeded;
  const isHeld = (owner: Owner) => exceededQuota(ledger, { owners: [owner] }, outport, now) !== null;
  const lanes = [...(await readLanes(outport.table, scope, isHeld)), laneOf(record)];
  const round = await admissionRound(ledger, lanes, outport, now, record.id);
  if (round.admitted.at(-1)?.id === record.id) return null;
  return exceededQuota(round.ledger, claimOf(record), outport, now) ?? round.full;
}

/** Of one that is in no queue yet. It is younger than all others, so it need not be behind those of the same owners. */
function laneOf(record: WaitingExport): Lane {
  let head: WaitingExport | null = record;
  return {
    head: async () => head,
    shift: () => {
      head = null;
    },
  };
}

/** Who is to be taken up now, in any account and Region: whose turn it is, or whose time is up; null when nobody waits. */
export async function readTurns(outport: Outport): Promise<WaitingExport[] | null> {
  const now = outport.now();
  const lanes = await headsOf(await readLanes(outport.table, null));
  if (lanes.length === 0) return null;
  const turns: WaitingExport[] = [];
  const scopes = groupBy(lanes, ({ record }) => {
    const { account, region } = tableOf(record);
    return `${account} ${region}`;
  });
  for (const together of scopes.values()) {
    const [first] = together;
    if (!first) continue;
    const open = together.map(({ lane }) => lane);
    for (const lane of open) turns.push(...(await takeOverdue(lane, now)));
    const { admitted } = await admissionRound(
      await readLedger(outport.table, tableOf(first.record)),
      open,
      outport,
      now,
    );
    turns.push(...admitted);
  }
  return turns;
}

/** Of one lane at a time: there is another time a second later. */
const OVERDUE_MAX = 25;

async function takeOverdue(lane: Lane, now: Date): Promise<WaitingExport[]> {
  const overdue: WaitingExport[] = [];
  for (let head = await lane.head(); head && head.deadlineAt <= now.toISOString(); head = await lane.head()) {
    overdue.push(head);
    lane.shift();
    if (overdue.length === OVERDUE_MAX) break;
  }
  return overdue;
}

/**
 * Gives an export a place in the queue. May be repeated: the place is the export's own.
 * @param max how many of its team may wait
 * @returns the limit that keeps it from waiting, or null
 */
export async function joinQueue(
  { table, now }: Outport,
  record: WaitingExport,
  max: number,
): Promise<ExceededLimit | null> {
  // Twice as long as it may wait, so that a queue outlives all who are in it.
  const expiresAt = new Date(queueDeadline(new Date(queueDeadline(now()))));
  const joined = await takeTicket(table, tableOf(record), record, { max, expiresAt });
  return joined ? null : queueFull(record, max, max);
}

/** The limit that would keep an export from waiting, or null when it might. */
export async function whyItMayNotWait(
  { table, maxQueued }: Outport,
  record: WaitingExport,
): Promise<ExceededLimit | null> {
  const queues = await readQueues(table, tableOf(record));
  const own = queues.find(({ owner }) => owner === queueOwnerOf(record))?.tickets;
  if (!own || own.size < maxQueued || own.has(ticketOf(record))) return null;
  return queueFull(record, own.size, maxQueued);
}

const queueFull = ({ team }: WaitingExport, inUse: number, max: number): ExceededLimit => ({
  scope: team === null ? 'PERSON' : 'TEAM',
  measure: 'QUEUED',
  inUse,
  max,
  retryAt: null,
});

/** Takes an export out of the queue, whether it was in it or not. */
export const leaveQueue = ({ table }: Outport, record: WaitingExport): Promise<void> =>
  dropTickets(table, tableOf(record), queueOwnerOf(record), [ticketOf(record)]);

/** What a queue's places are told by. */
export interface Places {
  readonly queues: readonly TeamQueue[];
  readonly lastTurn: Owner | null;
}

export async function readPlaces({ table }: Outport, scope: AccountRegion): Promise<Places> {
  const [queues, { lastTurn }] = await Promise.all([readQueues(table, scope), readLedger(table, scope)]);
  return { queues, lastTurn };
}

/** The place of a waiting export in its queue, 1 being next, as if no quota held anybody back. */
export function placeOf({ queues, lastTurn }: Places, record: WaitingExport): number {
  const whose = queueOwnerOf(record);
  const ticket = ticketOf(record);
  const own = queues.find(({ owner }) => owner === whose)?.tickets ?? new Set();
  const turn = 1 + [...own].filter((other) => other < ticket).length;
  const others = queues.filter(({ owner }) => owner !== whose);
  const order = inTurn([whose, ...others.map(({ owner }) => owner)], lastTurn);
  const before = others.map(({ owner, tickets }) =>
    Math.min(tickets.size, order.indexOf(owner) < order.indexOf(whose) ? turn : turn - 1),
  );
  return turn + before.reduce((sum, count) => sum + count, 0);
}

/** A ticket is taken before its export is recorded, by a request that does not live as long as this. */
const UNRECORDED_TICKET_MS_MAX = 5 * 60_000;

/** Drops the tickets that a crash has left: of those older than any export of their team that waits. */
export async function dropLostTickets({ table, now }: Outport, scope: AccountRegion): Promise<void> {
  const lostBeforeMs = now().getTime() - UNRECORDED_TICKET_MS_MAX;
  const queues = (await readQueues(table, scope)).map(({ owner, tickets }) => ({
    owner,
    old: [...tickets].filter((ticket) => takenAtMs(ticket) < lostBeforeMs),
  }));
  if (queues.every(({ old }) => old.length === 0)) return;
  const heads = (await headsOf(await readLanes(table, scope))).map(({ record }) => record);
  for (const { owner, old } of queues) {
    const oldest = Math.min(...heads.filter((head) => queueOwnerOf(head) === owner).map(ticketOf));
    const lost = old.filter((ticket) => ticket < oldest);
    if (lost.length > 0) await dropTickets(table, scope, owner, lost);
  }
}
