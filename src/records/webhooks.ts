import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { conditionalUpdate } from './conditional-update.ts';
import type { RecordsTable } from './table.ts';

/*
 * What webhooks have been told, and are to be told.
 *
 * | kind             | pk           | sk               | gsi1pk / gsi1sk, while it has not ended |
 * |------------------|--------------|------------------|------------------------------------------|
 * | WEBHOOK_DELIVERY | WEBHOOK#name | DELIVERY#eventId | WEBHOOK#name / nextAttemptAt#eventId      |
 * | WEBHOOK_HEALTH   | WEBHOOK#name | HEALTH           | —                                         |
 *
 * A delivery stays after it has ended, for longer than the stream may tell of the same move again, so that a move that is
 * told twice is delivered once.
 */

/** An event on its way to one webhook. Times are ISO 8601 in UTC. */
export interface WebhookDelivery {
  /** The name of the webhook. */
  readonly webhook: string;
  readonly eventId: string;
  /** What is sent, byte for byte the same at every attempt. */
  readonly body: string;
  readonly createdAt: string;
  /** How many have been begun. */
  readonly attempts: number;
  readonly nextAttemptAt: string;
  /** Epoch seconds after which DynamoDB may delete it, delivered or not. */
  readonly expiresAt: number;
}

/** What is known of a webhook that did not take the last event it was sent. Times are ISO 8601 in UTC. */
export interface WebhookTrouble {
  readonly failingSince: string;
  /** From when on it is parked. It may lie ahead. */
  readonly parkedFrom: string;
  /** When a parked webhook may be tried again. */
  readonly nextProbeAt?: string;
  /** Why it did not take the event. */
  readonly problem: string;
}

const partitionOf = (webhook: string) => `WEBHOOK#${webhook}`;

const deliveryKey = ({ webhook, eventId }: Pick<WebhookDelivery, 'webhook' | 'eventId'>) => ({
  pk: partitionOf(webhook),
  sk: `DELIVERY#${eventId}`,
});

const healthKey = (webhook: string) => ({ pk: partitionOf(webhook), sk: 'HEALTH' });

/** Sorts behind the id of every event. */
const BEHIND_ALL_IDS = '~';

const positionOf = (nextAttemptAt: string, eventId: string) => `${nextAttemptAt}#${eventId}`;

/** Stores a delivery, unless this event has been stored for this webhook before, whatever became of it. */
export async function createDelivery(table: RecordsTable, delivery: WebhookDelivery): Promise<void> {
  const { webhook, eventId, nextAttemptAt } = delivery;
  const Item = {
    ...delivery,
    ...deliveryKey(delivery),
    kind: 'WEBHOOK_DELIVERY',
    gsi1pk: partitionOf(webhook),
    gsi1sk: positionOf(nextAttemptAt, eventId),
  };
  try {
    await table.client.send(
      new PutCommand({ TableName: table.name, Item, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/**
 * Deliveries of a webhook that have not ended, the next one first, as the index has them.
 * @param dueBy only those whose next attempt is due by then; null: all
 */
export async function readDeliveries(
  table: RecordsTable,
  webhook: string,
  dueBy: string | null,
  limit: number,
): Promise<WebhookDelivery[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: 'gsi1',
      KeyConditionExpression: dueBy === null ? 'gsi1pk = :webhook' : 'gsi1pk = :webhook AND gsi1sk < :bound',
      ExpressionAttributeValues: {
        ':webhook': partitionOf(webhook),
        ...(dueBy !== null && { ':bound': positionOf(dueBy, BEHIND_ALL_IDS) }),
      },
      Limit: limit,
    }),
  );
  return Items.map(parseDelivery);
}

/**
 * Begins an attempt: sets when the next one follows, should this one fail or the process die with it.
 * @returns false when somebody else has begun one meanwhile, or the delivery has ended
 */
export function beginAttempt(table: RecordsTable, delivery: WebhookDelivery, nextAttemptAt: string): Promise<boolean> {
  return conditionalUpdate(table, {
    Key: deliveryKey(delivery),
    UpdateExpression: 'SET attempts = attempts + :one, nextAttemptAt = :next, gsi1sk = :position',
    ConditionExpression: 'nextAttemptAt = :read AND attribute_not_exists(outcome)',
    ExpressionAttributeValues: {
      ':one': 1,
      ':next': nextAttemptAt,
      ':position': positionOf(nextAttemptAt, delivery.eventId),
      ':read': delivery.nextAttemptAt,
    },
  });
}

/** Ends a delivery: no attempt follows. */
export async function endDelivery(
  table: RecordsTable,
  delivery: WebhookDelivery,
  outcome: 'TAKEN' | 'GIVEN_UP',
  endedAt: string,
): Promise<void> {
  await conditionalUpdate(table, {
    Key: deliveryKey(delivery),
    UpdateExpression: 'SET outcome = :outcome, endedAt = :endedAt REMOVE gsi1pk, gsi1sk, body',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':outcome': outcome, ':endedAt': endedAt },
  });
}

/** What is wrong with a webhook (strongly consistent), or null when it took the last event it was sent. */
export async function readTrouble(table: RecordsTable, webhook: string): Promise<WebhookTrouble | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: healthKey(webhook), ConsistentRead: true }),
  );
  if (Item?.failingSince === undefined) return null;
  const { pk, sk, kind, ...trouble } = Item;
  return trouble as WebhookTrouble;
}

/**
 * Notes that a webhook did not take an event. What was noted since it took one last stays, but for the problem, and for
 * when it is parked if that is `sooner`.
 */
export async function noteTrouble(
  table: RecordsTable,
  webhook: string,
  { failingSince, parkedFrom, problem }: WebhookTrouble,
  { sooner }: { readonly sooner: boolean },
): Promise<void> {
  const parked = sooner ? ':parkedFrom' : 'if_not_exists(parkedFrom, :parkedFrom)';
  await conditionalUpdate(table, {
    Key: healthKey(webhook),
    UpdateExpression: `SET #kind = :kind, failingSince = if_not_exists(failingSince, :failingSince),
      parkedFrom = ${parked}, problem = :problem`,
    ExpressionAttributeNames: { '#kind': 'kind' },
    ExpressionAttributeValues: {
      ':kind': 'WEBHOOK_HEALTH',
      ':failingSince': failingSince,
      ':parkedFrom': parkedFrom,
      ':problem': problem,
    },
  });
}

/** Notes that a webhook takes events. */
export async function forgetTrouble(table: RecordsTable, webhook: string): Promise<void> {
  await conditionalUpdate(table, {
    Key: healthKey(webhook),
    UpdateExpression: 'REMOVE failingSince, parkedFrom, nextProbeAt, problem',
    ConditionExpression: 'attribute_exists(failingSince)',
  });
}

/**
 * Takes it on to try a parked webhook.
 * @returns false when it is too early, or somebody else has taken it on
 */
export function beginProbe(table: RecordsTable, webhook: string, now: string, nextProbeAt: string): Promise<boolean> {
  return conditionalUpdate(table, {
    Key: healthKey(webhook),
    UpdateExpression: 'SET nextProbeAt = :next',
    ConditionExpression: 'attribute_not_exists(nextProbeAt) OR nextProbeAt <= :now',
    ExpressionAttributeValues: { ':next': nextProbeAt, ':now': now },
  });
}

/** Only this file writes such items, so their shape is trusted. */
function parseDelivery(item: Readonly<Record<string, unknown>>): WebhookDelivery {
  const { pk, sk, kind, gsi1pk, gsi1sk, ...delivery } = item;
  return delivery as unknown as WebhookDelivery;
}
