import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { createConnection, deleteConnection } from '../records/connections.ts';
import type { RequestOrigin } from '../services/principal.ts';
import { type Reception, receive } from '../services/subscriptions/receive.ts';
import type { Sender } from '../services/subscriptions/sender.ts';
import type { ControlPlane } from './control-plane.ts';
import { logError } from './log.ts';
import { beginOperation } from './socket-operations.ts';

/** API Gateway ends every connection after two hours; half an hour more for clocks and late events. */
const CONNECTION_LIFE_SECONDS = 2.5 * 60 * 60;

const SUBPROTOCOL_HEADER = 'sec-websocket-protocol';

/** What API Gateway sends of a WebSocket route: `headers` with `$connect` only, `body` with messages only. */
export interface WebsocketEvent {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly routeKey: string;
    readonly connectionId: string;
    readonly requestId: string;
    /** When the connection was opened, and when this message came, by API Gateway's clock; milliseconds since the epoch. */
    readonly connectedAt: number;
    readonly requestTimeEpoch: number;
    readonly identity: { readonly sourceIp: string; readonly userAgent?: string | null };
  };
}

export type WebsocketHandler = (event: WebsocketEvent) => Promise<APIGatewayProxyStructuredResultV2>;

/** GraphQL over WebSocket (`graphql-transport-ws`), behind API Gateway's WebSocket API. */
export function createWebsocketHandler(controlPlane: ControlPlane, sender: Sender): WebsocketHandler {
  return async (event) => {
    const { routeKey, connectionId } = event.requestContext;
    switch (routeKey) {
      case '$connect':
        return connect(controlPlane, event);
      case '$disconnect':
        await deleteConnection(controlPlane.records, connectionId);
        return { statusCode: 200 };
      default:
        await message(controlPlane, sender, event);
        return { statusCode: 200 };
    }
  };
}

async function connect({ records, outport }: ControlPlane, { headers = {}, requestContext }: WebsocketEvent) {
  const [, offered = ''] = Object.entries(headers).find(([name]) => name.toLowerCase() === SUBPROTOCOL_HEADER) ?? [];
  if (!offered.split(/ *, */).includes(GRAPHQL_TRANSPORT_WS_PROTOCOL)) {
    return { statusCode: 400, body: `The subprotocol must be ${GRAPHQL_TRANSPORT_WS_PROTOCOL}.` };
  }
  const expiresAt = Math.floor(outport.now().getTime() / 1000) + CONNECTION_LIFE_SECONDS;
  await createConnection(records, { connectionId: requestContext.connectionId, expiresAt });
  // API Gateway negotiates nothing by itself: without this header the client's handshake fails.
  return { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': GRAPHQL_TRANSPORT_WS_PROTOCOL } };
}

async function message(
  controlPlane: ControlPlane,
  sender: Sender,
  { body = '', isBase64Encoded, requestContext }: WebsocketEvent,
): Promise<void> {
  const { connectionId, requestId, identity, connectedAt, requestTimeEpoch } = requestContext;
  const origin: RequestOrigin = {
    requestId,
    sourceIpAddress: identity.sourceIp,
    userAgent: identity.userAgent || null,
  };
  const reception: Reception = {
    table: controlPlane.records,
    sender,
    now: controlPlane.outport.now,
    authenticate: (token) => controlPlane.authenticate(token, origin),
    begin: beginOperation.bind(undefined, controlPlane, origin),
  };
  try {
    // The protocol is text: what came as binary is no message of it.
    const arrival = { connectionId, sinceConnectedMs: requestTimeEpoch - connectedAt };
    await receive(reception, arrival, isBase64Encoded ? '' : body);
  } catch (error) {
    // The client cannot know how far this came. It connects again, and every subscription begins with a snapshot.
    logError(error, { requestId });
    await sender.close(connectionId);
  }
}
