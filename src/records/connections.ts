import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { conditionalUpdate } from './conditional-update.ts';
import { exportPartition, type Requester } from './export-records.ts';
import { type RecordsTable, TIME_TO_LIVE_ATTRIBUTE } from './table.ts';

/*
 * WebSocket connections and their subscriptions, which live longer than any process that serves them.
 *
 * | kind         | pk                        | sk                               | what it is for                       |
 * |--------------|---------------------------|----------------------------------|--------------------------------------|
 * | CONNECTION   | CONNECTION#connectionId   | CONNECTION                       | who is there, and what they follow   |
 * | SUBSCRIPTION | topic                     | SUBSCRIPTION#connectionId#id     | whom to tell of a change             |
 * | TELLING      | TELLING#exportId          | topic                            | how far a change has been told       |
 * | CONNECTIONS  | CONNECTIONS#issuer\|subject | CONNECTIONS                   | how many connections a person has    |
 *
 * Neither needs an index: a topic's subscriptions are one partition, read with strong consistency, so that a subscriber
 * whose record is stored is told of every change from then on; a connection lists its own, so that one conditional
 * update refuses an id used twice and a subscription too many.
 *
 * An export's subscriptions lie in the partition of its record. A stream keeps the order of a partition, so the stream
 * that tells of moves tells also, in its place among them, that a subscription has begun.
 */

/** What a subscription listens to. Of one export: its partition. */
export const exportTopic = exportPartition;
/** What a subscription to a list listens to. */
export const EVERY_EXPORT = 'EVERY_EXPORT';

/** The export that a topic is about, or null when it is about all of them. */
export const exportIdOf = (topic: string): string | null =>
  topic === EVERY_EXPORT ? null : topic.slice(exportTopic('').length);

/** The person behind a connection, as their token named them, and until when. */
export interface Subscriber extends Requester {
  readonly expiresAtSeconds: number;
}

export interface ConnectionRecord {
  readonly connectionId: string;
  /** Null until `connection_init` has been accepted. */
  readonly subscriber: Subscriber | null;
  /** The topic of each subscription by the id the client gave it. */
  readonly subscriptions: Readonly<Record<string, string>>;
  /** When API Gateway has ended the connection at the latest; DynamoDB may delete the record then. */
  readonly expiresAt: number;
}

/** Names one subscription: ids are the client's and unique within its connection only. */
export interface SubscriptionKey {
  readonly topic: string;
  readonly connectionId: string;
  readonly id: string;
}

export interface SubscriptionRecord extends SubscriptionKey {
  readonly operation: {
    readonly query: string;
    readonly operationName: string | null;
    readonly variables: Readonly<Record<string, unknown>> | null;
  };
  readonly subscriber: Subscriber;
  /**
   * The version of the export that it began with, of a list 1; 0 before it has been told its beginning. What it was told
   * since then is in the topic's `Telling`; only what was told and could not be completed is noted here.
   */
  readonly lastVersion: number;
  readonly expiresAt: number;
}

const connectionKey = (connectionId: string) => ({ pk: `CONNECTION#${connectionId}`, sk: 'CONNECTION' });

const subscriptionKey = ({ topic, connectionId, id }: SubscriptionKey) => ({
  pk: topic,
  sk: `SUBSCRIPTION#${connectionId}#${id}`,
});

export async function createConnection(
  table: RecordsTable,
  { connectionId, expiresAt }: Pick<ConnectionRecord, 'connectionId' | 'expiresAt'>,
): Promise<void> {
  const Item = {
    ...connectionKey(connectionId),
    kind: 'CONNECTION',
    connectionId,
    subscriber: null,
    subscriptions: {},
    [TIME_TO_LIVE_ATTRIBUTE]: expiresAt,
  };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

/** The connection as of now (strongly consistent), or null when it has ended. */
export async function readConnection(table: RecordsTable, connectionId: string): Promise<ConnectionRecord | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: connectionKey(connectionId), ConsistentRead: true }),
  );
  if (!Item) return null;
  const { pk, sk, kind, ...record } = Item;
  return record as ConnectionRecord;
}

const personKey = ({ issuer, subject }: Pick<Requester, 'issuer' | 'subject'>) => ({
  pk: `CONNECTIONS#${issuer}|${subject}`,
  sk: 'CONNECTIONS',
});

/**
 * Counts a connection as one of a person's. It is counted until `deleteConnection`, or until it is found to be gone: API
 * Gateway does not promise to tell of every connection that ends.
 * @returns false when the person has `maxConnections` others
 */
export async function reserveConnection(
  table: RecordsTable,
  connectionId: string,
  person: Pick<Requester, 'issuer' | 'subject'>,
  maxConnections: number,
): Promise<boolean> {
  const Key = personKey(person);
  const reserve = () =>
    conditionalUpdate(table, {
      Key,
      UpdateExpression: 'ADD connections :added SET #kind = :kind',
      ConditionExpression:
        'attribute_not_exists(connections) OR size(connections) < :max OR contains(connections, :id)',
      ExpressionAttributeNames: { '#kind': 'kind' },
      ExpressionAttributeValues: {
        ':added': new Set([connectionId]),
        ':id': connectionId,
        ':kind': 'CONNECTIONS',
        ':max': maxConnections,
      },
    });
  if (await reserve()) return true;
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  const counted: ReadonlySet<string> = Item?.connections ?? new Set();
  for (const id of counted) if (!(await readConnection(table, id))) await releaseConnection(table, id, person);
  return reserve();
}

async function releaseConnection(
  table: RecordsTable,
  connectionId: string,
  person: Pick<Requester, 'issuer' | 'subject'>,
): Promise<void> {
  await conditionalUpdate(table, {
    Key: personKey(person),
    UpdateExpression: 'DELETE connections :removed',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':removed': new Set([connectionId]) },
  });
}

/**
 * Remembers who is behind a connection.
 * @returns false when somebody already is, or the connection has ended
 */
export function acknowledgeConnection(
  table: RecordsTable,
  connectionId: string,
  subscriber: Subscriber,
): Promise<boolean> {
  return conditionalUpdate(table, {
    Key: connectionKey(connectionId),
    UpdateExpression: 'SET subscriber = :subscriber',
    ConditionExpression: 'subscriber = :nobody',
    ExpressionAttributeValues: { ':subscriber': subscriber, ':nobody': null },
  });
}

/**
 * Takes an id of a connection for a subscription to be stored.
 * @returns false when the id is in use, the connection has `maxSubscriptions` already, or it has ended
 */
export function reserveSubscription(
  table: RecordsTable,
  { connectionId, id, topic }: SubscriptionKey,
  maxSubscriptions: number,
): Promise<boolean> {
  return conditionalUpdate(table, {
    Key: connectionKey(connectionId),
    UpdateExpression: 'SET subscriptions.#id = :topic',
    ConditionExpression: 'attribute_not_exists(subscriptions.#id) AND size(subscriptions) < :max',
    ExpressionAttributeNames: { '#id': id },
    ExpressionAttributeValues: { ':topic': topic, ':max': maxSubscriptions },
  });
}

/** Stores a subscription: from the moment this returns, its subscriber is told of every change of the topic. */
export async function storeSubscription(table: RecordsTable, subscription: SubscriptionRecord): Promise<void> {
  const Item = {
    ...subscription,
    ...subscriptionKey(subscription),
    kind: 'SUBSCRIPTION',
    // As text: variables are the client's, and JSON has numbers and keys that DynamoDB has not.
    operation: JSON.stringify(subscription.operation),
  };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

/** The subscription as of now (strongly consistent), or null when it has ended. */
export async function readSubscription(table: RecordsTable, key: SubscriptionKey): Promise<SubscriptionRecord | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: subscriptionKey(key), ConsistentRead: true }),
  );
  return Item ? parseSubscription(Item) : null;
}

/** All subscriptions of a topic, strongly consistent, page by page. */
export async function* readSubscriptions(table: RecordsTable, topic: string): AsyncGenerator<SubscriptionRecord[]> {
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: 'pk = :topic AND begins_with(sk, :subscription)',
      ExpressionAttributeValues: { ':topic': topic, ':subscription': 'SUBSCRIPTION#' },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) yield Items.map(parseSubscription);
}

/** Remembers the version that a subscription began with, unless it has ended or knows of a higher one. */
export async function advanceSubscription(table: RecordsTable, key: SubscriptionKey, version: number): Promise<void> {
  await conditionalUpdate(table, {
    Key: subscriptionKey(key),
    UpdateExpression: 'SET lastVersion = :version',
    ConditionExpression: 'lastVersion < :version',
    ExpressionAttributeValues: { ':version': version },
  });
}

/**
 * How far the subscribers to a topic have been told of an export, in the order in which `readSubscriptions` has them: one
 * record for all of them, so that telling somebody costs no write, and whoever goes on after a failure repeats little.
 */
export interface Telling {
  readonly version: number;
  /** The sort key up to which everybody has been told this version. */
  readonly through: string;
  /** The sort keys of those before it who could not be. */
  readonly failed: readonly string[];
}

/** A stream keeps records for a day: later nobody asks. */
const TELLING_KEPT_SECONDS = 2 * 24 * 60 * 60;

const tellingKey = (topic: string, exportId: string) => ({ pk: `TELLING#${exportId}`, sk: topic });

/** How far the newest version has been told (strongly consistent), or null when none has been. */
export async function readTelling(table: RecordsTable, topic: string, exportId: string): Promise<Telling | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: tellingKey(topic, exportId), ConsistentRead: true }),
  );
  return Item ? { version: Item.version, through: Item.through, failed: Item.failed } : null;
}

/** Remembers how far a version has been told, unless a newer one is being told. */
export async function storeTelling(
  table: RecordsTable,
  topic: string,
  exportId: string,
  { version, through, failed }: Telling,
  now: Date,
): Promise<void> {
  await conditionalUpdate(table, {
    Key: tellingKey(topic, exportId),
    UpdateExpression:
      'SET #kind = :kind, #version = :version, #through = :through, #failed = :failed, #expiresAt = :expiresAt',
    ConditionExpression: 'attribute_not_exists(#version) OR #version <= :version',
    ExpressionAttributeNames: {
      '#kind': 'kind',
      '#version': 'version',
      '#through': 'through',
      '#failed': 'failed',
      '#expiresAt': TIME_TO_LIVE_ATTRIBUTE,
    },
    ExpressionAttributeValues: {
      ':kind': 'TELLING',
      ':version': version,
      ':through': through,
      ':failed': failed,
      ':expiresAt': Math.floor(now.getTime() / 1000) + TELLING_KEPT_SECONDS,
    },
  });
}

/** Where a subscription stands among those to its topic. */
export const positionOf = (subscription: SubscriptionKey): string => subscriptionKey(subscription).sk;

/** Ends a subscription: nothing is told of it any more, and its id may be used again. */
export async function deleteSubscription(table: RecordsTable, key: SubscriptionKey): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: subscriptionKey(key) }));
  await freeSubscriptionId(table, key);
}

/** Lets an id of a connection be used again. */
export async function freeSubscriptionId(
  table: RecordsTable,
  { connectionId, id, topic }: SubscriptionKey,
): Promise<void> {
  await conditionalUpdate(table, {
    Key: connectionKey(connectionId),
    UpdateExpression: 'REMOVE subscriptions.#id',
    // Nothing to free when the connection has ended, and never a connection record made by accident.
    ConditionExpression: 'subscriptions.#id = :topic',
    ExpressionAttributeNames: { '#id': id },
    ExpressionAttributeValues: { ':topic': topic },
  });
}

/** Deletes a subscription whose id is free, unless the client has begun another one under that id meanwhile. */
export async function deleteEndedSubscription(table: RecordsTable, subscription: SubscriptionRecord): Promise<void> {
  try {
    await table.client.send(
      new DeleteCommand({
        TableName: table.name,
        Key: subscriptionKey(subscription),
        ConditionExpression: 'lastVersion = :lastVersion',
        ExpressionAttributeValues: { ':lastVersion': subscription.lastVersion },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Deletes everything that is known of a connection. Idempotent. */
export async function deleteConnection(table: RecordsTable, connectionId: string): Promise<void> {
  const connection = await readConnection(table, connectionId);
  for (const [id, topic] of Object.entries(connection?.subscriptions ?? {})) {
    const Key = subscriptionKey({ topic, connectionId, id });
    await table.client.send(new DeleteCommand({ TableName: table.name, Key }));
  }
  if (connection?.subscriber) await releaseConnection(table, connectionId, connection.subscriber);
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: connectionKey(connectionId) }));
}

/** Reads which subscription an unmarshalled image of the table's stream is of; null: it is of something else. */
export function parseSubscriptionKey(item: Readonly<Record<string, unknown>>): SubscriptionKey | null {
  if (item.kind !== 'SUBSCRIPTION') return null;
  return { topic: String(item.topic), connectionId: String(item.connectionId), id: String(item.id) };
}

/** Only this file writes such items, so their shape is trusted. */
function parseSubscription(item: Readonly<Record<string, unknown>>): SubscriptionRecord {
  const { pk, sk, kind, operation, ...rest } = item;
  return { ...rest, operation: JSON.parse(String(operation)) } as SubscriptionRecord;
}
