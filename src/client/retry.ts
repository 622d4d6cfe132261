import { OutportError } from './errors.ts';

/** Tries of one request, the first among them. */
const ATTEMPTS_MAX = 5;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** A server that asks for more patience than this is not waited for. */
const LONGEST_RETRY_AFTER_SECONDS = 60;

/**
 * How long to wait before an attempt: doubling from a quarter of a second to ten, of which a random half is left out, so
 * that clients that were cut off together do not come back together.
 * @param failures how many there were in a row, from 1
 */
export function waitBefore(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return longest * (0.5 + random() / 2);
}

/** Waits, or rejects with the signal's reason as soon as it aborts. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/**
 * Tries a request until it succeeds, fails for good, or has been tried five times.
 * @param mayRepeat whether it may be sent again after this error
 */
export async function retrying<Result>(
  attempt: () => Promise<Result>,
  mayRepeat: (error: OutportError) => boolean,
  signal?: AbortSignal,
): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (failures === ATTEMPTS_MAX || !(error instanceof OutportError) || !mayRepeat(error)) throw error;
      const { retryAfterSeconds = 0 } = error;
      if (retryAfterSeconds > LONGEST_RETRY_AFTER_SECONDS) throw error;
      await delay(Math.max(retryAfterSeconds * 1000, waitBefore(failures)), signal);
    }
  }
}
