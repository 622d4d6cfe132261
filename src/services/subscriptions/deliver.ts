import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { type Message, MessageType } from 'graphql-ws';
import {
  advanceSubscription,
  deleteConnection,
  deleteSubscription,
  type SubscriptionRecord,
} from '../../records/connections.ts';
import { type ExportRecord, isOpen } from '../../records/export-records.ts';
import type { RecordsTable } from '../../records/table.ts';
import type { Sender } from './sender.ts';

export interface Delivery {
  readonly table: RecordsTable;
  readonly sender: Sender;
  readonly now: () => Date;
  /** Runs the subscription's operation with an export as its event; undefined: its resolver filtered the event out. */
  readonly run: (
    subscription: SubscriptionRecord,
    record: ExportRecord,
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
 * Tells one subscriber of an export as it is after a move, and completes when the export has ended. A version that was
 * already sent is not sent again, so the same event may be delivered any number of times:
 *
 *     next(version) → lastVersion = version → complete → delete
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
  const { table, now, run } = delivery;
  const { id } = subscription;
  if (subscription.subscriber.expiresAtSeconds * 1000 <= now().getTime())
    return fail(delivery, subscription, [EXPIRED]);
  if (record.version > subscription.lastVersion) {
    const result = await run(subscription, record);
    // Nothing but errors: the viewer's right to see it was withdrawn, or the operation can never succeed.
    if (result?.errors && result.data == null) return fail(delivery, subscription, result.errors);
    if (result && !(await sent(delivery, subscription, { type: MessageType.Next, id, payload: result }))) return;
    await advanceSubscription(table, subscription, record.version);
  }
  if (isOpen(record)) return;
  if (await sent(delivery, subscription, { type: MessageType.Complete, id })) {
    await deleteSubscription(table, subscription);
  }
}

/** Ends a subscription with errors. By the protocol no `complete` follows. */
async function fail(
  delivery: Pick<Delivery, 'table' | 'sender'>,
  subscription: SubscriptionRecord,
  errors: readonly GraphQLFormattedError[],
): Promise<void> {
  const { id } = subscription;
  if (await sent(delivery, subscription, { type: MessageType.Error, id, payload: errors })) {
    await deleteSubscription(delivery.table, subscription);
  }
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
