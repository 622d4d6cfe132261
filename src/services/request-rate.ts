import type { Requester } from '../records/export-records.ts';
import { countRequest } from '../records/request-counts.ts';
import type { Outport } from './outport.ts';

const WINDOW_SECONDS = 60;

/**
 * Counts a request of a person, over all processes and over HTTP and WebSocket alike. Minutes are those of the clock: a
 * person who has used one up may go on with the next.
 * @returns null when they may go on; else the seconds until they may
 */
export async function secondsUntilAllowed(
  { table, requestsPerMinute, now }: Outport,
  person: Pick<Requester, 'issuer' | 'subject'>,
): Promise<number | null> {
  const nowSeconds = Math.floor(now().getTime() / 1000);
  const startSeconds = nowSeconds - (nowSeconds % WINDOW_SECONDS);
  const window = { startSeconds, endSeconds: startSeconds + WINDOW_SECONDS };
  if (await countRequest(table, person, window, requestsPerMinute)) return null;
  return window.endSeconds - nowSeconds;
}
