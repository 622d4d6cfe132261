import type { Requester } from '../records/export-records.ts';
import { type CountWindow, countRequest } from '../records/request-counts.ts';
import type { Outport } from './outport.ts';

const WINDOW_SECONDS = 60;

/** The minute of the clock that a time is in. */
export function minuteOf(time: Date): CountWindow {
  const seconds = Math.floor(time.getTime() / 1000);
  const startSeconds = seconds - (seconds % WINDOW_SECONDS);
  return { startSeconds, endSeconds: startSeconds + WINDOW_SECONDS };
}

/**
 * Counts a request of a person, over all processes and over HTTP and WebSocket alike. Minutes are those of the clock: a
 * person who has used one up may go on with the next.
 * @returns null when they may go on; else the seconds until they may
 */
export async function secondsUntilAllowed(
  { table, requestsPerMinute, now }: Outport,
  person: Pick<Requester, 'issuer' | 'subject'>,
): Promise<number | null> {
  const time = now();
  const minute = minuteOf(time);
  if (await countRequest(table, `${person.issuer}|${person.subject}`, minute, requestsPerMinute)) return null;
  return minute.endSeconds - Math.floor(time.getTime() / 1000);
}
