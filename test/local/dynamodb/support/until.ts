import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;
const PATIENCE_MS = 30_000;

/** Asks again until there is an answer other than undefined or false, and returns it. */
export async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > endMs) throw new Error(`Nothing happened within ${PATIENCE_MS} ms.`);
    await pause(POLL_MS);
  }
}
