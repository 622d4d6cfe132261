import {
  EVERY_EXPORT,
  exportIdOf,
  exportTopic,
  readSubscription,
  readSubscriptions,
  type SubscriptionKey,
  type SubscriptionRecord,
} from '../../records/connections.ts';
import { type ExportRecord, readExport } from '../../records/export-records.ts';
import { inParallel } from '../in-parallel.ts';
import { type Delivery, deliver, deliverBeginning, giveUp } from './deliver.ts';

/** Subscribers told at the same time. The SDK opens 50 sockets; the records table is read over others. */
const DELIVERIES_AT_ONCE = 25;

/** How long a subscriber is tried to be told of something, while everybody who listens to the same waits. */
const TOLD_WITHIN_MS = 60_000;

/**
 * Tells a subscription that has begun how things are: an export as it is now, or of a list that it is listened to. It
 * happens where the stream has it among the moves of the export, so that neither overtakes the other.
 * @param since when it began
 * @returns why it could not be told, and may be when it is tried again
 */
export async function tellBeginning(delivery: Delivery, key: SubscriptionKey, since: Date): Promise<unknown[]> {
  // It may have ended meanwhile, and its id be another's by now.
  const subscription = await readSubscription(delivery.table, key);
  if (!subscription) return [];
  const exportId = exportIdOf(key.topic);
  const record = exportId === null ? null : await readExport(delivery.table, exportId);
  return tellEach(delivery, [subscription], since, () =>
    record ? deliver(delivery, subscription, record) : deliverBeginning(delivery, subscription),
  );
}

/**
 * Tells everybody who follows it of one move of an export.
 * @param since when the move happened
 * @returns why some could not be told, and may be when it is tried again
 */
export async function tellMove(delivery: Delivery, record: ExportRecord, since: Date): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const topic of [exportTopic(record.id), EVERY_EXPORT]) {
    for await (const page of readSubscriptions(delivery.table, topic)) {
      // Whoever follows the export and has yet to be told its beginning finds this move, or a later one, in that.
      const begun = topic === EVERY_EXPORT ? page : page.filter(({ lastVersion }) => lastVersion > 0);
      failures.push(...(await tellEach(delivery, begun, since, (one) => deliver(delivery, one, record))));
    }
  }
  return failures;
}

async function tellEach(
  delivery: Delivery,
  subscriptions: readonly SubscriptionRecord[],
  since: Date,
  tell: (subscription: SubscriptionRecord) => Promise<void>,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  const tooLate = delivery.now().getTime() - since.getTime() > TOLD_WITHIN_MS;
  await inParallel(subscriptions, DELIVERIES_AT_ONCE, async (subscription) => {
    try {
      await tell(subscription);
    } catch (error) {
      if (tooLate) await giveUp(delivery, subscription);
      else failures.push(error);
    }
  });
  return failures;
}
