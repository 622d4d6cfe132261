import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { type Message, MessageType, parseMessage, type SubscribeMessage, type SubscribePayload } from 'graphql-ws';
import {
  acknowledgeConnection,
  type ConnectionRecord,
  deleteSubscription,
  readConnection,
  reserveConnection,
  reserveSubscription,
  type Subscriber,
  type SubscriptionRecord,
  storeSubscription,
} from '../../records/connections.ts';
import { Unauthenticated } from '../authenticate.ts';
import type { Principal } from '../principal.ts';
import { type Delivery, EXPIRED, TOO_LARGE } from './deliver.ts';

/** Of one message. The same as of a request over HTTP; API Gateway itself takes 128 KB. */
const MESSAGE_BYTES_MAX = 15_000;
const SUBSCRIPTIONS_PER_CONNECTION_MAX = 50;
const CONNECTIONS_PER_PERSON_MAX = 100;
const OPERATION_ID_CHARACTERS_MAX = 128;
/** How long a client may take to send `connection_init`, as API Gateway sees it: its time runs from the handshake. */
const INIT_WAIT_MS = 10_000;

/** What an operation turned out to be. */
export type Operation =
  /** It was refused before it ran. */
  | { readonly kind: 'REFUSED'; readonly errors: readonly GraphQLFormattedError[] }
  /** A query or a mutation, or a subscription that ended at once: this is all there is to say. */
  | { readonly kind: 'ANSWERED'; readonly result: FormattedExecutionResult }
  /** A subscription that its subscriber may have. */
  | { readonly kind: 'SUBSCRIBED'; readonly topic: string };

export interface Reception extends Omit<Delivery, 'run'> {
  readonly authenticate: (bearerToken: string | undefined) => Promise<Principal>;
  readonly begin: (payload: SubscribePayload, subscriber: Subscriber) => Promise<Operation>;
}

/** Where a message came from, and how long after the handshake. */
export interface Arrival {
  readonly connectionId: string;
  readonly sinceConnectedMs: number;
}

/**
 * Handles one message of `graphql-transport-ws` (https://github.com/graphql/graphql-over-http, GraphQLOverWebSocket.md)
 * for a server that keeps nothing in memory: what a connection may do next is read from its record. A connection that
 * breaks the protocol is closed. Two things a server in one process could do are missing, because API Gateway has no
 * way to do them: the close codes of the protocol, and a close of its own accord when `connection_init` does not come. A
 * client that is late with it is closed when it speaks, and API Gateway closes one that is silent after ten minutes.
 */
export async function receive(
  reception: Reception,
  { connectionId, sinceConnectedMs }: Arrival,
  body: string,
): Promise<void> {
  const { sender } = reception;
  const message = readMessage(body);
  const isLate = sinceConnectedMs > INIT_WAIT_MS;
  switch (message?.type) {
    case MessageType.ConnectionInit:
      // 4408
      return isLate ? sender.close(connectionId) : acknowledge(reception, connectionId, message.payload);
    case MessageType.Ping:
    case MessageType.Pong: {
      const connection = await readConnection(reception.table, connectionId);
      // A connection that was given up, and could not be closed then; or 4408.
      if (!connection || (isLate && !connection.subscriber)) return sender.close(connectionId);
      if (message.type === MessageType.Pong) return;
      await sender.send(connectionId, { type: MessageType.Pong, payload: message.payload });
      return;
    }
    case MessageType.Subscribe:
      return subscribe(reception, connectionId, message);
    case MessageType.Complete:
      return complete(reception, connectionId, message.id);
    default:
      // 4400: not a message, or one that only servers send.
      return sender.close(connectionId);
  }
}

function readMessage(body: string): Message | undefined {
  if (Buffer.byteLength(body) > MESSAGE_BYTES_MAX) return undefined;
  try {
    const message = parseMessage(body);
    const tooLong = 'id' in message && message.id.length > OPERATION_ID_CHARACTERS_MAX;
    return tooLong ? undefined : message;
  } catch {
    return undefined;
  }
}

async function acknowledge(
  { authenticate, table, sender }: Reception,
  connectionId: string,
  payload: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const [, authorization] = Object.entries(payload).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  const [, token] = /^Bearer +(\S+)$/i.exec(String(authorization)) ?? [];
  let principal: Principal;
  try {
    principal = await authenticate(token);
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    // 4403
    return sender.close(connectionId);
  }
  if (!(await reserveConnection(table, connectionId, principal, CONNECTIONS_PER_PERSON_MAX))) {
    return sender.close(connectionId);
  }
  // 4429: initialised already.
  if (!(await acknowledgeConnection(table, connectionId, principal))) return sender.close(connectionId);
  await sender.send(connectionId, { type: MessageType.ConnectionAck });
}

async function subscribe(reception: Reception, connectionId: string, { id, payload }: SubscribeMessage): Promise<void> {
  const { table, sender } = reception;
  const connection = await readConnection(table, connectionId);
  // 4401: no `connection_init` yet. 4409: the id is in use.
  if (!connection?.subscriber || Object.hasOwn(connection.subscriptions, id)) return sender.close(connectionId);
  const refuse = async (errors: readonly GraphQLFormattedError[]) => {
    await sender.send(connectionId, { type: MessageType.Error, id, payload: errors });
  };
  const { subscriber } = connection;
  if (subscriber.expiresAtSeconds * 1000 <= reception.now().getTime()) return refuse([EXPIRED]);

  const operation = await reception.begin(payload, subscriber);
  switch (operation.kind) {
    case 'REFUSED':
      return refuse(operation.errors);
    case 'ANSWERED':
      return answer(reception, connectionId, id, operation.result);
    case 'SUBSCRIBED': {
      const key = { connectionId, id, topic: operation.topic };
      if (!(await reserveSubscription(table, key, SUBSCRIPTIONS_PER_CONNECTION_MAX))) {
        return refuseReservation(reception, connection, refuse);
      }
      const subscription: SubscriptionRecord = {
        ...key,
        operation: {
          query: payload.query,
          operationName: payload.operationName ?? null,
          variables: payload.variables ?? null,
        },
        subscriber,
        lastVersion: 0,
        expiresAt: connection.expiresAt,
      };
      // Whoever reads the stream tells the subscriber all there is to tell, from the beginning on.
      await storeSubscription(table, subscription);
    }
  }
}

async function answer(
  { sender }: Reception,
  connectionId: string,
  id: string,
  payload: FormattedExecutionResult,
): Promise<void> {
  const sent = await sender.send(connectionId, { type: MessageType.Next, id, payload });
  if (sent === 'SENT') await sender.send(connectionId, { type: MessageType.Complete, id });
  if (sent === 'TOO_LARGE') await sender.send(connectionId, { type: MessageType.Error, id, payload: [TOO_LARGE] });
}

/** API Gateway may run two messages of a connection at once, so what was read before can be out of date by now. */
async function refuseReservation(
  { table, sender }: Reception,
  { connectionId }: ConnectionRecord,
  refuse: (errors: readonly GraphQLFormattedError[]) => Promise<void>,
): Promise<void> {
  const connection = await readConnection(table, connectionId);
  const inUse = Object.keys(connection?.subscriptions ?? {}).length;
  if (inUse < SUBSCRIPTIONS_PER_CONNECTION_MAX) return sender.close(connectionId);
  return refuse([
    {
      message: `A connection may have ${SUBSCRIPTIONS_PER_CONNECTION_MAX} subscriptions. Complete one first.`,
      extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
    },
  ]);
}

async function complete({ table }: Reception, connectionId: string, id: string): Promise<void> {
  const subscriptions = new Map(Object.entries((await readConnection(table, connectionId))?.subscriptions ?? {}));
  const topic = subscriptions.get(id);
  // Unknown ids are no offence: `complete` of both sides may cross.
  if (topic !== undefined) await deleteSubscription(table, { connectionId, id, topic });
}
