import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { type Message, MessageType } from 'graphql-ws';
import {
  advanceSubscription,
  deleteConnection,
  deleteSubscription,
  exportIdOf,
  readToldVersion,
  type SubscriptionRecord,
  storeToldVersion,
} from '../../records/connections.ts';
import { type ExportRecord, isOpen } from '../../records/export-records.ts';
import type { RecordsTable } from '../../records/table.ts';
import type { Sender } from './sender.ts';

export interface Delivery {
  readonly table: RecordsTable;
  readonly sender: Sender;
  readonly now: () => Date;
  /**
   * Runs the subscription's operation with an export as its event, or null: with none, as at its beginning. Undefined:
   * its resolver filtered the event out.
   */
  readonly run: (
    subscription: SubscriptionRecord,
    record: ExportRecord | null,
  ) => Promise<FormattedExecutionResult | undefined>;
}

export const EXPIRED: GraphQLFormattedError = {
  message: 'The token of this connection has expired. Connect again with a new one.',
  extensions: { code: 'UNAUTHENTICATED' },
};

export const TOO_LARGE: GraphQLFormattedError = {
  message: 'The answer is larger than a WebSocket message may be (128 KB). Select fewer fields.',
  extensions: { code: 'BAD_USER_INPUT' },
};

/**
 * Tells one subscriber of an export as it is after a move, and completes when that is the export they follow and it has
 * ended. A version that was already sent is not sent again, so the same event may be delivered any number of times:
 *
 *     next(version) → the version is stored as told → complete → delete
 *
 * A crash between two of these repeats the one before it when the event comes again; a client sees the version twice
 * rather than not at all.
 * @throws what may succeed when it is tried again
 */
export async function deliver(
  delivery: Delivery,
  subscription: SubscriptionRecord,
  record: ExportRecord,
): Promise<void> {
  const { table } = delivery;
  if (exportIdOf(subscription.topic) === null) {
    if (record.version <= (await readToldVersion(table, subscription, record.id))) return;
    if ((await tell(delivery, subscription, record)) === 'TOLD') await storeToldVersion(table, subscription, record);
    return;
  }
  if (record.version > subscription.lastVersion) {
    if ((await tell(delivery, subscription, record)) === 'ENDED') return;
    await advanceSubscription(table, subscription, record.version);
  }
  if (isOpen(record)) return;
  if (await sent(delivery, subscription, { type: MessageType.Complete, id: subscription.id })) {
    await deleteSubscription(table, subscription);
  }
}

/** Tells a subscriber to a list that they are told of every change from now on. */
export async function deliverBeginning(delivery: Delivery, subscription: SubscriptionRecord): Promise<void> {
  if (subscription.lastVersion > 0) return;
  if ((await tell(delivery, subscription, null)) === 'TOLD') await advanceSubscription(delivery.table, subscription, 1);
}

/**
 * Gives a connection up that cannot be told what it should have been: its client connects again and hears how things
 * are then. Should the close not reach it either, its next message finds no connection and closes it.
 */
export async function giveUp({ table, sender }: Delivery, { connectionId }: SubscriptionRecord): Promise<void> {
  await deleteConnection(table, connectionId);
  await sender.close(connectionId).catch(() => undefined);
}

/** @returns PASSED: the subscription did not ask for this; ENDED: it is no more */
async function tell(
  delivery: Delivery,
  subscription: SubscriptionRecord,
  record: ExportRecord | null,
): Promise<'TOLD' | 'PASSED' | 'ENDED'> {
  const { id, subscriber } = subscription;
  if (subscriber.expiresAtSeconds * 1000 <= delivery.now().getTime()) return fail(delivery, subscription, [EXPIRED]);
  const result = await delivery.run(subscription, record);
  if (!result) return 'PASSED';
  // Nothing but errors: the viewer's right to see it was withdrawn, or the operation can never succeed.
  if (result.errors && result.data == null) return fail(delivery, subscription, result.errors);
  return (await sent(delivery, subscription, { type: MessageType.Next, id, payload: result })) ? 'TOLD' : 'ENDED';
}

/** Ends a subscription with errors. By the protocol no `complete` follows. */
async function fail(
  delivery: Pick<Delivery, 'table' | 'sender'>,
  subscription: SubscriptionRecord,
  errors: readonly GraphQLFormattedError[],
): Promise<'ENDED'> {
  const { id } = subscription;
  if (await sent(delivery, subscription, { type: MessageType.Error, id, payload: errors })) {
    await deleteSubscription(delivery.table, subscription);
  }
  return 'ENDED';
}

/** Whether the subscription goes on after sending: false when its connection is gone, or it has been ended. */
async function sent(
  delivery: Pick<Delivery, 'table' | 'sender'>,
  subscription: SubscriptionRecord,
  message: Message,
): Promise<boolean> {
  switch (await delivery.sender.send(subscription.connectionId, message)) {
    case 'SENT':
      return true;
    case 'GONE':
      await deleteConnection(delivery.table, subscription.connectionId);
      // The connection may have ended before it could list this one.
      await deleteSubscription(delivery.table, subscription);
      return false;
    case 'TOO_LARGE':
      await fail(delivery, subscription, [TOO_LARGE]);
      return false;
  }
}
