const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const DELAY_MS_MIN = 30 * SECOND_MS;
const DELAY_MS_MAX = HOUR_MS;
const DELAY_FACTOR = 3;

/** An event that a webhook has not taken for so long is given up, when it is not taken once more. */
const TRIED_FOR_MS = 3 * DAY_MS;
/** How long an event is kept at most, for a webhook that is parked. */
const KEPT_FOR_MS = 14 * DAY_MS;
/** A webhook that has taken nothing for so long is parked: only one event at a time is tried. */
const PARKED_AFTER_MS = HOUR_MS;
const PROBE_EVERY_MS = 15 * MINUTE_MS;

/**
 * When to try again after an attempt: half a minute later, then three times as long each time, up to an hour; of that
 * half to all, so that what failed together does not come back together.
 * @param attempts how many there have been
 * @param random from 0 to 1
 */
export function nextAttemptAt(attempts: number, now: Date, random: number): string {
  const delayMs = Math.min(DELAY_MS_MIN * DELAY_FACTOR ** (attempts - 1), DELAY_MS_MAX);
  return later(now, delayMs * (0.5 + random / 2));
}

/** Whether an event is given up that was just refused. */
export const isGivenUp = (createdAt: string, now: Date): boolean =>
  now.getTime() - Date.parse(createdAt) >= TRIED_FOR_MS;

export const parkedFrom = (failingSince: Date): string => later(failingSince, PARKED_AFTER_MS);

export const nextProbeAt = (now: Date): string => later(now, PROBE_EVERY_MS);

/** Epoch seconds. */
export const keptUntil = (createdAt: Date): number => Math.ceil((createdAt.getTime() + KEPT_FOR_MS) / 1000);

const later = (date: Date, milliseconds: number): string => new Date(date.getTime() + milliseconds).toISOString();
