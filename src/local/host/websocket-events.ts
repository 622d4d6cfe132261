import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayEventWebsocketRequestContextV2 } from 'aws-lambda';
import { type ApiIdentity, commonLogTime, requestUrl } from './http-api.ts';

type EventType = APIGatewayEventWebsocketRequestContextV2['eventType'];

/** A connection as events name it: from the handshake on, whether or not it was completed. */
export interface Handshake {
  readonly connectionId: string;
  readonly request: IncomingMessage;
  readonly connectedAt: number;
}

/** The event of `$connect`, the only one that carries the client's headers and query. */
export function connectEvent(api: ApiIdentity, handshake: Handshake) {
  return {
    ...handshakeHeaders(handshake.request),
    ...queryParameters(handshake.request),
    requestContext: requestContext(api, handshake, 'CONNECT', '$connect'),
    isBase64Encoded: false,
  };
}

/** The event of a message that no route is named after. */
export function messageEvent(api: ApiIdentity, handshake: Handshake, data: Buffer, isBinary: boolean) {
  return {
    requestContext: { ...requestContext(api, handshake, 'MESSAGE', '$default'), messageId: randomUUID() },
    body: data.toString(isBinary ? 'base64' : 'utf8'),
    isBase64Encoded: isBinary,
  };
}

/** The event of `$disconnect`, with the code and the reason of the close. */
export function disconnectEvent(api: ApiIdentity, handshake: Handshake, code: number, reason: string) {
  const headers = {
    Host: handshake.request.headers.host ?? '',
    'x-api-key': '',
    'X-Forwarded-For': '',
    'x-restapi': '',
  };
  return {
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    requestContext: {
      ...requestContext(api, handshake, 'DISCONNECT', '$disconnect'),
      disconnectStatusCode: code,
      disconnectReason: reason,
    },
    isBase64Encoded: false,
  };
}

/** Where a connection comes from, in events and in the management API. */
export function identityOf(request: IncomingMessage) {
  return { userAgent: request.headers['user-agent'] ?? '', sourceIp: request.socket.remoteAddress ?? '' };
}

function requestContext(
  { stage, apiId }: ApiIdentity,
  { connectionId, request, connectedAt }: Handshake,
  eventType: EventType,
  routeKey: string,
) {
  const now = new Date();
  return {
    routeKey,
    eventType,
    extendedRequestId: randomUUID(),
    requestTime: commonLogTime(now),
    messageDirection: 'IN',
    stage,
    connectedAt,
    requestTimeEpoch: now.getTime(),
    identity: identityOf(request),
    requestId: randomUUID(),
    domainName: request.headers.host ?? '',
    connectionId,
    apiId,
  };
}

/** Names as the client sent them: a WebSocket API, unlike an HTTP API, does not lower their case. */
function handshakeHeaders({ rawHeaders }: IncomingMessage) {
  const multiValueHeaders: Record<string, string[]> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    multiValueHeaders[name] = [...(multiValueHeaders[name] ?? []), value];
  }
  const headers = Object.fromEntries(Object.entries(multiValueHeaders).map(([name, values]) => [name, values.at(-1)]));
  return { headers, multiValueHeaders };
}

function queryParameters(request: IncomingMessage) {
  const { query } = requestUrl(request);
  if (query.size === 0) return {};
  return {
    queryStringParameters: Object.fromEntries(query),
    multiValueQueryStringParameters: Object.fromEntries(
      [...query.keys()].map((name): [string, string[]] => [name, query.getAll(name)]),
    ),
  };
}
