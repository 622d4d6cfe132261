import type { Slot } from '../records/ledger.ts';

/** How soon an export may be expected to end that runs longer than past ones did. */
const OVERDUE_MS = 60_000;

/**
 * When there may be room again, by when the exports in flight are expected to end.
 * @param fits whether there is room once these have ended
 * @returns ISO 8601; null when it is not known of enough of them when they end
 */
export function expectedRoomAt(
  slots: readonly Slot[],
  now: Date,
  fits: (ended: readonly Slot[]) => boolean,
): string | null {
  const soonest = new Date(now.getTime() + OVERDUE_MS).toISOString();
  const expected = slots
    .flatMap((slot) => (slot.endsAboutAt ? [{ ...slot, endsAboutAt: slot.endsAboutAt }] : []))
    .map((slot) => (slot.endsAboutAt > now.toISOString() ? slot : { ...slot, endsAboutAt: soonest }))
    .sort((a, b) => (a.endsAboutAt < b.endsAboutAt ? -1 : 1));
  const last = expected.find((_, n) => fits(expected.slice(0, n + 1)));
  return last?.endsAboutAt ?? null;
}
