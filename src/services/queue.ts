import { accountRegionOf, readWaitingExports, type WaitingExport } from '../records/export-records.ts';
import { type Ledger, type Owner, readLedger } from '../records/ledger.ts';
import { claimOf, type ExceededLimit, exceededLimit, type Rules, withSlot } from './admission.ts';
import { groupBy } from './group-by.ts';
import type { Outport } from './outport.ts';
import { tableOf } from './table-arn.ts';

/**
 * The order in which waiting exports are let in: the teams take turns, beginning behind the one that had the last, and
 * within a team whoever asked first comes first. Without a team, a person's exports are a team of their own.
 */
export function admissionOrder(waiting: readonly WaitingExport[], lastTurn: Owner | null): WaitingExport[] {
  const queueOf = groupBy(waiting.toSorted(byAge), (record) => claimOf(record).owners[0] ?? '');
  const teams = [...queueOf.keys()].sort();
  const next =
    lastTurn === null
      ? 0
      : Math.max(
          0,
          teams.findIndex((team) => team > lastTurn),
        );
  const queues = [...teams.slice(next), ...teams.slice(0, next)].map((team) => queueOf.get(team) ?? []);
  const rounds = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => queues.flatMap((queue) => queue[round] ?? [])).flat();
}

const byAge = (a: WaitingExport, b: WaitingExport): number =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id) ? -1 : 1;

/**
 * Who of those that wait may have a slot now: for each export null, or the limit in its way. Whom a quota holds back is
 * passed over. Whom the account holds back has all behind it wait too, so that a large export is not starved by small ones.
 */
export function admissionRound(
  ledger: Ledger,
  waiting: readonly WaitingExport[],
  rules: Rules,
  now: Date,
): Map<string, ExceededLimit | null> {
  const verdicts = new Map<string, ExceededLimit | null>();
  let admitted = ledger;
  let full: ExceededLimit | null = null;
  for (const record of admissionOrder(waiting, ledger.lastTurn)) {
    const claim = claimOf(record);
    const exceeded: ExceededLimit | null = full ?? exceededLimit(admitted, claim, rules, now);
    verdicts.set(record.id, exceeded);
    if (exceeded === null) admitted = withSlot(admitted, claim, rules.quotas, now);
    else if (exceeded.scope === 'ACCOUNT_REGION') full = exceeded;
  }
  return verdicts;
}

/**
 * Why an export that has just been asked for has to wait, or null when it may try for a slot at once: there is room
 * beside those who waited before it.
 */
export async function whyItWaits(outport: Outport, record: WaitingExport): Promise<ExceededLimit | null> {
  const scope = tableOf(record);
  const now = outport.now();
  const ledger = await readLedger(outport.table, scope);
  if (Object.hasOwn(ledger.exports, record.id)) return null;
  const exceeded = exceededLimit(ledger, claimOf(record), outport, now);
  if (exceeded) return exceeded;
  const others = (await readWaitingExports(outport.table, scope)).filter(({ id }) => id !== record.id);
  return admissionRound(ledger, [...others, record], outport, now).get(record.id) ?? null;
}

/**
 * The limit that keeps an export from waiting, or null when it may. The index that lists the queue is a moment old, so that
 * requests at the same time may exceed it by as many as they are: it is there to keep a queue readable, not exact.
 */
export async function whyItMayNotWait(outport: Outport, record: WaitingExport): Promise<ExceededLimit | null> {
  const [whose] = claimOf(record).owners;
  const waiting = await readWaitingExports(outport.table, tableOf(record));
  const inUse = waiting.filter((other) => other.id !== record.id && claimOf(other).owners[0] === whose).length;
  if (inUse < outport.maxQueued) return null;
  const scope = record.team === null ? 'PERSON' : 'TEAM';
  return { scope, measure: 'QUEUED', inUse, max: outport.maxQueued, retryAt: null };
}

/** Of all exports that wait, in any account and Region, those to take up now: whose turn it is, or whose time is up. */
export async function turnsOf(outport: Outport, waiting: readonly WaitingExport[]): Promise<WaitingExport[]> {
  const now = outport.now();
  const turns: WaitingExport[] = [];
  for (const together of groupBy(waiting, accountRegionOf).values()) {
    const [first] = together;
    if (!first) continue;
    const verdicts = admissionRound(await readLedger(outport.table, tableOf(first)), together, outport, now);
    turns.push(
      ...together.filter(({ id, deadlineAt }) => verdicts.get(id) === null || deadlineAt <= now.toISOString()),
    );
  }
  return turns;
}

/** The place of every waiting export of an account and Region in its queue; 1 is next. */
export async function queuePositions(outport: Outport, record: WaitingExport): Promise<Map<string, number>> {
  const scope = tableOf(record);
  const { lastTurn } = await readLedger(outport.table, scope);
  const order = admissionOrder(await readWaitingExports(outport.table, scope), lastTurn);
  return new Map(order.map(({ id }, index) => [id, index + 1]));
}
