import type { RecordsTable } from '../../records/table.ts';
import { createDelivery } from '../../records/webhooks.ts';
import type { OutportEvent } from '../events/cloud-event.ts';
import { keptUntil } from './retries.ts';
import { isMeantFor, type Webhook } from './webhook.ts';

/**
 * Stores an event once for each webhook that it is meant for, however often this is called. From then on it is not
 * forgotten until the webhook has taken it.
 */
export async function enqueueEvent(
  table: RecordsTable,
  webhooks: readonly Webhook[],
  event: OutportEvent,
  now: Date,
): Promise<void> {
  for (const webhook of webhooks.filter((each) => isMeantFor(each, event))) {
    await storeEvent(table, webhook.name, event, now);
  }
}

/** Stores an event for one receiver, once. */
export async function storeEvent(table: RecordsTable, receiver: string, event: OutportEvent, now: Date): Promise<void> {
  const createdAt = now.toISOString();
  await createDelivery(table, {
    webhook: receiver,
    eventId: event.id,
    body: JSON.stringify(event),
    createdAt,
    attempts: 0,
    nextAttemptAt: createdAt,
    expiresAt: keptUntil(now),
  });
}
