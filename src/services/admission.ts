import type { QueuedExport } from '../records/export-records.ts';
import type { Ledger, Slot } from '../records/ledger.ts';
import { type Owner, ownersOf } from '../records/owners.ts';
import { expectedRoomAt } from './expected-room.ts';
import { type Quota, quotaOf } from './quotas.ts';

/** What may be in flight at once in an account and Region. */
export interface Limits {
  readonly maxExports: number;
  readonly maxBytes: number;
}

/** All that decides who may run. */
export interface Rules {
  readonly limits: Limits;
  readonly quotas: readonly Quota[];
}

/** What an export asks of a ledger. */
export interface Claim {
  readonly exportId: string;
  readonly bytes: number;
  /** How long it is expected to run; null: nothing to go by. */
  readonly expectedSeconds: number | null;
  /** The first is whose turn in the queue it is. */
  readonly owners: readonly Owner[];
}

/** A limit that leaves no room for an export. */
export interface ExceededLimit {
  readonly scope: 'ACCOUNT_REGION' | 'TEAM' | 'PERSON';
  /** QUEUED: of the queue, when even waiting is not possible. */
  readonly measure: 'EXPORTS' | 'BYTES' | 'STARTS_PER_DAY' | 'QUEUED';
  readonly inUse: number;
  readonly max: number;
  /**
   * From when on there is room again (ISO 8601): exactly for starts of a day, else as past exports let expect; null when
   * nothing is known to expect it from.
   */
  readonly retryAt: string | null;
}

const DAY_MS = 24 * 60 * 60_000;

export const claimOf = (record: QueuedExport): Claim => ({
  exportId: record.id,
  bytes: record.tableSizeBytes,
  expectedSeconds: record.expectedSeconds,
  owners: ownersOf(record),
});

export const exportsInFlight = (ledger: Ledger): number => Object.keys(ledger.exports).length;

export const bytesInFlight = (ledger: Ledger): number => bytesOf(Object.values(ledger.exports));

const bytesOf = (slots: readonly Slot[]): number => slots.reduce((sum, { bytes }) => sum + bytes, 0);

export const exportsInFlightOf = (ledger: Ledger, owner: Owner): number => slotsOf(ledger, owner).length;

const slotsOf = (ledger: Ledger, owner: Owner): Slot[] =>
  Object.values(ledger.exports).filter(({ owners }) => owners.includes(owner));

/** When an owner's exports took their slots within the day before `now`, oldest first. */
export const startsWithinDay = (ledger: Ledger, owner: Owner, now: Date): readonly number[] =>
  (ledger.startsMs[owner] ?? []).filter((startMs) => startMs > now.getTime() - DAY_MS).sort((a, b) => a - b);

/**
 * The limit that leaves no room for a claim, or null when it may have a slot. Quotas come first: an export that its
 * owner's quota holds back waits by itself, one that the account holds back is next and has others wait behind it.
 *
 * An export alone in its ledger is let in whatever its size, as DynamoDB's own answer is better than waiting forever.
 */
export function exceededLimit(ledger: Ledger, claim: Claim, rules: Rules, now: Date): ExceededLimit | null {
  return exceededQuota(ledger, claim, rules, now) ?? exceededByAccount(ledger, claim, rules, now);
}

/** The quota of one of its owners that leaves no room for a claim, or null. */
export function exceededQuota(
  ledger: Ledger,
  { owners }: Pick<Claim, 'owners'>,
  { quotas }: Pick<Rules, 'quotas'>,
  now: Date,
): ExceededLimit | null {
  for (const owner of owners) {
    const exceeded = exceededQuotaOf(ledger, owner, quotas, now);
    if (exceeded) return exceeded;
  }
  return null;
}

/** The limit of the account and Region that leaves no room for a claim, or null. */
export function exceededByAccount(
  ledger: Ledger,
  claim: Pick<Claim, 'bytes'>,
  { limits }: Pick<Rules, 'limits'>,
  now: Date,
): ExceededLimit | null {
  const exports = exportsInFlight(ledger);
  const bytes = bytesInFlight(ledger);
  const slots = Object.values(ledger.exports);
  const { maxExports, maxBytes } = limits;
  if (exports >= maxExports) {
    const retryAt = expectedRoomAt(slots, now, (ended) => exports - ended.length < maxExports);
    return { scope: 'ACCOUNT_REGION', measure: 'EXPORTS', inUse: exports, max: maxExports, retryAt };
  }
  if (exports > 0 && bytes + claim.bytes > maxBytes) {
    const fits = (ended: readonly Slot[]) =>
      ended.length === exports || bytes - bytesOf(ended) + claim.bytes <= maxBytes;
    const retryAt = expectedRoomAt(slots, now, fits);
    return { scope: 'ACCOUNT_REGION', measure: 'BYTES', inUse: bytes, max: maxBytes, retryAt };
  }
  return null;
}

function exceededQuotaOf(ledger: Ledger, owner: Owner, quotas: readonly Quota[], now: Date): ExceededLimit | null {
  const { maxExports, maxStartsPerDay } = quotaOf(quotas, owner);
  const scope = owner.startsWith('team:') ? 'TEAM' : 'PERSON';
  const slots = maxExports === null ? [] : slotsOf(ledger, owner);
  const inUse = slots.length;
  if (maxExports !== null && inUse >= maxExports) {
    const retryAt = expectedRoomAt(slots, now, (ended) => inUse - ended.length < maxExports);
    return { scope, measure: 'EXPORTS', inUse, max: maxExports, retryAt };
  }
  const starts = startsWithinDay(ledger, owner, now);
  if (maxStartsPerDay === null || starts.length < maxStartsPerDay) return null;
  // There is room again once all but `max - 1` of them are a day old; a quota of 0 never has any.
  const lastInTheWay = starts[starts.length - maxStartsPerDay];
  const retryAt = lastInTheWay === undefined ? null : new Date(lastInTheWay + DAY_MS).toISOString();
  return { scope, measure: 'STARTS_PER_DAY', inUse: starts.length, max: maxStartsPerDay, retryAt };
}

/** The ledger with a slot for the claim. Whether there is room is `exceededLimit`'s to say. */
export function withSlot(
  ledger: Ledger,
  { exportId, bytes, expectedSeconds, owners }: Claim,
  quotas: readonly Quota[],
  now: Date,
): Ledger {
  const known = Object.keys(ledger.startsMs) as Owner[];
  const startsMs = Object.fromEntries(
    [...new Set([...known, ...owners])]
      .filter((owner) => quotaOf(quotas, owner).maxStartsPerDay !== null)
      .map((owner) => {
        const recent = startsWithinDay(ledger, owner, now);
        return [owner, owners.includes(owner) ? [...recent, now.getTime()] : recent] as const;
      })
      .filter(([, starts]) => starts.length > 0),
  );
  const endsAboutAt = expectedSeconds === null ? null : new Date(now.getTime() + expectedSeconds * 1000).toISOString();
  const slot = { bytes, owners, takenAt: now.toISOString(), endsAboutAt };
  return {
    ...ledger,
    exports: { ...ledger.exports, [exportId]: slot },
    startsMs,
    lastTurn: owners[0] ?? ledger.lastTurn,
  };
}

export function withoutSlot(ledger: Ledger, exportId: string): Ledger {
  const { [exportId]: released, ...exports } = ledger.exports;
  return { ...ledger, exports };
}
