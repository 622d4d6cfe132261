import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { type Message, MessageType } from 'graphql-ws';
import {
  deleteConnection,
  deleteEndedSubscription,
  deleteSubscription,
  freeSubscriptionId,
  type SubscriptionRecord,
} from '../../records/connections.ts';
import type { ExportRecord } from '../../records/export-records.ts';
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

/** ENDED: there is no such subscription any more. */
export type Delivered = 'GOES_ON' | 'ENDED';

export const EXPIRED: GraphQLFormattedError = {
  message: 'The token of this connection has expired. Connect again with a new one.',
  extensions: { code: 'UNAUTHENTICATED' },
};

export const TOO_LARGE: GraphQLFormattedError = {
  message: 'The answer is larger than a WebSocket message may be (128 KB). Select fewer fields.',
  extensions: { code: 'BAD_USER_INPUT' },
};

/**
 * Tells one subscriber of an export as it is after a move, or null: that they are listened to. It remembers nothing:
 * called again, it tells again.
 * @throws what may succeed when it is tried again
 */
export async function tell(
  delivery: Delivery,
  subscription: SubscriptionRecord,
  record: ExportRecord | null,
): Promise<Delivered> {
  const { id, subscriber } = subscription;
  if (subscriber.expiresAtSeconds * 1000 <= delivery.now().getTime()) return fail(delivery, subscription, [EXPIRED]);
  const result = await delivery.run(subscription, record);
  if (!result) return 'GOES_ON';
  // Nothing but errors: the viewer's right to see it was withdrawn, or the operation can never succeed.
  if (result.errors && result.data == null) return fail(delivery, subscription, result.errors);
  return send(delivery, subscription, { type: MessageType.Next, id, payload: result });
}

/** Says that there is nothing more to tell, and ends the subscription. */
export const complete = (delivery: Delivery, subscription: SubscriptionRecord): Promise<Delivered> =>
  end(delivery, subscription, { type: MessageType.Complete, id: subscription.id });

/**
 * Gives a connection up that cannot be told what it should have been: its client connects again and hears how things
 * are then. Should the close not reach it either, its next message finds no connection and closes it.
 */
export async function giveUp({ table, sender }: Delivery, { connectionId }: SubscriptionRecord): Promise<void> {
  await deleteConnection(table, connectionId);
  await sender.close(connectionId).catch(() => undefined);
}

/** Ends a subscription with errors. By the protocol no `complete` follows. */
const fail = (
  delivery: Delivery,
  subscription: SubscriptionRecord,
  errors: readonly GraphQLFormattedError[],
): Promise<Delivered> => end(delivery, subscription, { type: MessageType.Error, id: subscription.id, payload: errors });

/**
 * The last message of a subscription. Its client may use the id for another one as soon as it has heard it, so the id is
 * free by then; the subscription itself stays until it has been sent, as what is left to do after a crash.
 */
async function end(delivery: Delivery, subscription: SubscriptionRecord, last: Message): Promise<Delivered> {
  await freeSubscriptionId(delivery.table, subscription);
  if ((await send(delivery, subscription, last)) === 'GOES_ON') {
    await deleteEndedSubscription(delivery.table, subscription);
  }
  return 'ENDED';
}

async function send(delivery: Delivery, subscription: SubscriptionRecord, message: Message): Promise<Delivered> {
  switch (await delivery.sender.send(subscription.connectionId, message)) {
    case 'SENT':
      return 'GOES_ON';
    case 'GONE':
      await deleteConnection(delivery.table, subscription.connectionId);
      // The connection may have ended before it could list this one.
      await deleteSubscription(delivery.table, subscription);
      return 'ENDED';
    case 'TOO_LARGE':
      return fail(delivery, subscription, [TOO_LARGE]);
  }
}
