import type { Requester } from '../records/export-records.ts';
import { type CountWindow, countRequests } from '../records/request-counts.ts';
import type { Outport } from './outport.ts';
import { RecentlyUsed } from './recently-used.ts';

const WINDOW_SECONDS = 60;

/** Persons of whom a process remembers what it may still let through. */
const PERSONS_MAX = 1_000;

/** The part of a person's requests a minute that one process may count ahead. */
const AHEAD_SHARE_MAX = 1 / 100;

/** The minute of the clock that a time is in. */
export function minuteOf(time: Date): CountWindow {
  const seconds = Math.floor(time.getTime() / 1000);
  const startSeconds = seconds - (seconds % WINDOW_SECONDS);
  return { startSeconds, endSeconds: startSeconds + WINDOW_SECONDS };
}

/** What this process has counted of a person in a minute, and not let through yet. */
interface Ahead {
  readonly startSeconds: number;
  counted: number;
  /** How many to count the next time: twice as many each time, as somebody who asks much asks more. */
  next: number;
  /** The count that is under way: whoever comes meanwhile waits for it. */
  counting: Promise<boolean> | null;
}

/**
 * Holds each person to so many requests a minute, over all processes and over HTTP and WebSocket alike. Minutes are those of
 * the clock: a person who has used one up may go on with the next.
 *
 * They are counted in the records table, by a write that most requests need not wait for: a process counts some ahead. More
 * than the limit never pass; a person may be stopped short of it by what other processes have counted ahead and not used,
 * of which each may have a hundredth of the limit.
 */
export class RequestRate {
  readonly #outport: Pick<Outport, 'table' | 'requestsPerMinute' | 'now'>;
  readonly #ahead = new RecentlyUsed<Ahead>(PERSONS_MAX);

  constructor(outport: Pick<Outport, 'table' | 'requestsPerMinute' | 'now'>) {
    this.#outport = outport;
  }

  /**
   * Counts a request of a person.
   * @returns null when they may go on; else the seconds until they may
   */
  async secondsUntilAllowed({ issuer, subject }: Pick<Requester, 'issuer' | 'subject'>): Promise<number | null> {
    const time = this.#outport.now();
    const minute = minuteOf(time);
    const person = `${issuer}|${subject}`;
    const ahead = this.#aheadOf(person, minute);
    while (ahead.counted === 0) {
      ahead.counting ??= this.#countAhead(person, minute, ahead).finally(() => {
        ahead.counting = null;
      });
      if (!(await ahead.counting)) return minute.endSeconds - Math.floor(time.getTime() / 1000);
    }
    ahead.counted -= 1;
    return null;
  }

  /** @returns false when there is no room for a single one */
  async #countAhead(person: string, minute: CountWindow, ahead: Ahead): Promise<boolean> {
    const { table, requestsPerMinute: max } = this.#outport;
    for (const more of new Set([ahead.next, 1])) {
      if (!(await countRequests(table, person, minute, max, more))) continue;
      ahead.counted += more;
      ahead.next = Math.min(2 * more, Math.max(1, Math.floor(max * AHEAD_SHARE_MAX)));
      return true;
    }
    ahead.next = 1;
    return false;
  }

  #aheadOf(person: string, { startSeconds }: CountWindow): Ahead {
    const known = this.#ahead.get(person);
    if (known?.startSeconds === startSeconds) return known;
    const ahead = { startSeconds, counted: 0, next: 1, counting: null };
    this.#ahead.set(person, ahead);
    return ahead;
  }
}
