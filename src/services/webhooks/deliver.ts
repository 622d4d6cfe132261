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
import { POST_MS_MAX, type Posted, type PostWebhook } from './post.ts';
import { isGivenUp, nextAttemptAt, nextProbeAt, parkedFrom } from './retries.ts';
import type { SignedWebhook, Webhook } from './webhook.ts';

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

export interface WebhookDelivering {
  readonly table: RecordsTable;
  readonly post: PostWebhook;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly tell: (attempt: Attempt) => void;
}

/**
 * Sends every webhook what is due, until nothing is or the time is up. Like all of reconcile it may be started at any
 * moment, killed at any moment and run twice at once. No webhook waits for another.
 * @param goesOn whether to look for more as long as the run has time, rather than to end when nothing is due
 */
export async function deliverToWebhooks(
  delivering: WebhookDelivering,
  webhooks: readonly SignedWebhook[],
  run: Run,
  goesOn: () => boolean,
): Promise<void> {
  await inParallel(webhooks, webhooks.length, async (webhook) => {
    try {
      while (run.remainingMs() > POST_MS_MAX) {
        if (await deliverDue(delivering, webhook, run)) continue;
        if (!goesOn()) return;
        await run.wait(LOOK_AGAIN_MS);
      }
    } catch (error) {
      run.report(error, `webhook ${webhook.name}`);
    }
  });
}

/** Whether a webhook has taken nothing for so long that it is left alone but for a try now and then. */
export async function isParked(table: RecordsTable, { name }: Webhook, now: Date): Promise<boolean> {
  const trouble = await readTrouble(table, name);
  return trouble !== null && trouble.parkedFrom <= now.toISOString();
}

/**
 * Sends a webhook the next events that are due; one that is parked only one event, now and then, due or not.
 * @returns whether any was sent
 */
async function deliverDue(delivering: WebhookDelivering, webhook: SignedWebhook, run: Run): Promise<boolean> {
  const { table, now } = delivering;
  const at = now();
  const parked = await isParked(table, webhook, at);
  if (parked && !(await beginProbe(table, webhook.name, at.toISOString(), nextProbeAt(at)))) return false;
  const next = parked
    ? await readDeliveries(table, webhook.name, null, 1)
    : await readDeliveries(table, webhook.name, at.toISOString(), DELIVERIES_PER_READ);
  let sent = false;
  await inParallel(next, POSTS_AT_ONCE, async (delivery) => {
    if (run.remainingMs() > POST_MS_MAX && (await attempt(delivering, webhook, delivery))) sent = true;
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
async function attempt(
  { table, post, now, random, tell }: WebhookDelivering,
  webhook: SignedWebhook,
  delivery: WebhookDelivery,
): Promise<boolean> {
  const { eventId, body, createdAt } = delivery;
  const attempts = delivery.attempts + 1;
  if (!(await beginAttempt(table, delivery, nextAttemptAt(attempts, now(), random())))) return false;
  const posted = await post(webhook, { id: eventId, body }, now());
  const at = now();
  if (posted.outcome === 'TAKEN') {
    await endDelivery(table, delivery, 'TAKEN', at.toISOString());
    await forgetTrouble(table, webhook.name);
    tell({ webhook: webhook.name, eventId, attempts, outcome: 'TAKEN', problem: null });
    return true;
  }
  const { outcome, problem } = posted;
  const trouble = {
    failingSince: at.toISOString(),
    parkedFrom: outcome === 'GONE' ? at.toISOString() : parkedFrom(at),
    problem,
  };
  await noteTrouble(table, webhook.name, trouble, { sooner: outcome === 'GONE' });
  const givenUp = isGivenUp(createdAt, at);
  if (givenUp) await endDelivery(table, delivery, 'GIVEN_UP', at.toISOString());
  tell({ webhook: webhook.name, eventId, attempts, outcome: givenUp ? 'GIVEN_UP' : outcome, problem });
  return true;
}
