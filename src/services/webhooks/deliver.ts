import type { RecordsTable } from '../../records/table.ts';
import {
  beginAttempt,
  beginProbe,
  endDelivery,
  forgetTrouble,
  noteTrouble,
  readDeliveries,
  readTrouble,
  type WebhookDelivery,
} from '../../records/webhooks.ts';
import { inParallel } from '../in-parallel.ts';
import type { Run } from '../run.ts';
import { POST_MS_MAX, type Post, type Posted } from './post.ts';
import { isGivenUp, nextAttemptAt, nextProbeAt, parkedFrom } from './retries.ts';

/** Events that one webhook is sent at the same time. */
const POSTS_AT_ONCE = 4;
const DELIVERIES_PER_READ = 20;
/** How soon an event is noticed that was stored while a run goes on. */
const LOOK_AGAIN_MS = 1_000;

/** What whoever operates Outport is told of an attempt. */
export interface Attempt {
  readonly webhook: string;
  readonly eventId: string;
  /** Counting this one. */
  readonly attempts: number;
  readonly outcome: Posted['outcome'] | 'GIVEN_UP';
  /** Null when it was taken. */
  readonly problem: string | null;
}

/** Whom stored events are sent to: a webhook, or the event bus. */
interface Receiver {
  readonly name: string;
}

export interface Delivering<R extends Receiver> {
  readonly table: RecordsTable;
  readonly post: Post<R>;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly tell: (attempt: Attempt) => void;
}

/**
 * Sends every receiver what is due, until nothing is or the time is up. Like all of reconcile it may be started at any
 * moment, killed at any moment and run twice at once. No receiver waits for another.
 * @param goesOn whether to look for more as long as the run has time, rather than to end when nothing is due
 */
export async function deliverStored<R extends Receiver>(
  delivering: Delivering<R>,
  receivers: readonly R[],
  run: Run,
  goesOn: () => boolean,
): Promise<void> {
  await inParallel(receivers, receivers.length, async (receiver) => {
    try {
      while (run.remainingMs() > POST_MS_MAX) {
        if (await deliverDue(delivering, receiver, run)) continue;
        if (!goesOn()) return;
        await run.wait(LOOK_AGAIN_MS);
      }
    } catch (error) {
      run.report(error, `sending events to ${receiver.name}`);
    }
  });
}

/** Whether a receiver did not take the last event that it was sent. */
export const isInTrouble = async (table: RecordsTable, { name }: Receiver): Promise<boolean> =>
  (await readTrouble(table, name)) !== null;

/** Whether a receiver has taken nothing for so long that it is left alone but for a try now and then. */
export async function isParked(table: RecordsTable, { name }: Receiver, now: Date): Promise<boolean> {
  const trouble = await readTrouble(table, name);
  return trouble !== null && trouble.parkedFrom <= now.toISOString();
}

/**
 * Sends a webhook the next events that are due; one that is parked only one event, now and then, due or not.
 * @returns whether any was sent
 */
async function deliverDue<R extends Receiver>(delivering: Delivering<R>, receiver: R, run: Run): Promise<boolean> {
  const { table, now } = delivering;
  const at = now();
  const parked = await isParked(table, receiver, at);
  if (parked && !(await beginProbe(table, receiver.name, at.toISOString(), nextProbeAt(at)))) return false;
  const next = parked
    ? await readDeliveries(table, receiver.name, null, 1)
    : await readDeliveries(table, receiver.name, at.toISOString(), DELIVERIES_PER_READ);
  let sent = false;
  await inParallel(next, POSTS_AT_ONCE, async (delivery) => {
    if (run.remainingMs() > POST_MS_MAX && (await attempt(delivering, receiver, delivery))) sent = true;
  });
  return sent;
}

/**
 * Sends an event once:
 *
 *     the next attempt is set → sent → ended, or noted as trouble
 *
 * A crash between two of these is as if the event had not been taken: it is sent again, under the same id.
 * @returns false when somebody else is sending it, or has
 */
async function attempt<R extends Receiver>(
  { table, post, now, random, tell }: Delivering<R>,
  receiver: R,
  delivery: WebhookDelivery,
): Promise<boolean> {
  const { eventId, body, createdAt } = delivery;
  const attempts = delivery.attempts + 1;
  if (!(await beginAttempt(table, delivery, nextAttemptAt(attempts, now(), random())))) return false;
  const posted = await post(receiver, { id: eventId, body }, now());
  const at = now();
  if (posted.outcome === 'TAKEN') {
    await endDelivery(table, delivery, 'TAKEN', at.toISOString());
    await forgetTrouble(table, receiver.name);
    tell({ webhook: receiver.name, eventId, attempts, outcome: 'TAKEN', problem: null });
    return true;
  }
  const { outcome, problem } = posted;
  const trouble = {
    failingSince: at.toISOString(),
    parkedFrom: outcome === 'GONE' ? at.toISOString() : parkedFrom(at),
    problem,
  };
  await noteTrouble(table, receiver.name, trouble, { sooner: outcome === 'GONE' });
  const givenUp = isGivenUp(createdAt, at);
  if (givenUp) await endDelivery(table, delivery, 'GIVEN_UP', at.toISOString());
  tell({ webhook: receiver.name, eventId, attempts, outcome: givenUp ? 'GIVEN_UP' : outcome, problem });
  return true;
}
