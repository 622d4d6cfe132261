import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type ApiIdentity, gatewayReply, type HttpReply, readBody, requestUrl } from './http-api.ts';
import type { InvocationTarget } from './invocation.ts';
import { isObject } from './is-object.ts';
import { connectEvent, disconnectEvent, type Handshake, identityOf, messageEvent } from './websocket-events.ts';

/** API Gateway's quotas of a WebSocket API. */
const MAX_MESSAGE_BYTES = 128 * 1024;
const IDLE_TIMEOUT_MS = 10 * 60 * 1000;
const MAX_CONNECTION_MS = 2 * 60 * 60 * 1000;

/** Messages of one connection that wait for the function. API Gateway throttles; here the connection is closed. */
const MAX_WAITING_MESSAGES = 1_000;

/** Sent to a connection and not yet taken by its client, which is then too slow to be kept. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** How long a closed peer may take to answer the close before its socket is destroyed. */
const CLOSE_GRACE_MS = 2_000;

export interface WebsocketLimits {
  readonly idleTimeoutMs: number;
  readonly maxConnectionMs: number;
}

interface Connection extends Handshake {
  readonly socket: WebSocket;
  lastActiveAt: number;
  waitingMessages: number;
  /** Ends when everything received so far has been handled: messages of a connection are handled in order. */
  handled: Promise<unknown>;
  idleTimer: NodeJS.Timeout;
}

/** The WebSocket API of a service and its management API, as API Gateway runs them. */
export class WebsocketApi {
  readonly #identity: ApiIdentity;
  readonly #routes: ReadonlyMap<string, InvocationTarget>;
  readonly #limits: WebsocketLimits;
  readonly #connections = new Map<string, Connection>();
  /** What `$connect` answered as `Sec-WebSocket-Protocol`, until the upgrade is done. */
  readonly #subprotocols = new WeakMap<IncomingMessage, string>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    // API Gateway negotiates nothing by itself: without the function's header, a client that asked for a subprotocol
    // must fail the handshake.
    handleProtocols: (_offered, request) => this.#subprotocols.get(request) ?? false,
  });

  /** `routes` go from `$connect`, `$disconnect` and `$default` to the functions behind them. */
  constructor(
    identity: ApiIdentity,
    routes: ReadonlyMap<string, InvocationTarget>,
    limits: WebsocketLimits = { idleTimeoutMs: IDLE_TIMEOUT_MS, maxConnectionMs: MAX_CONNECTION_MS },
  ) {
    this.#identity = identity;
    this.#routes = routes;
    this.#limits = limits;
  }

  /** Handles an HTTP upgrade: asks `$connect`, then completes or refuses the handshake. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    if (requestUrl(request).pathname !== `/${this.#identity.stage}`) return refuse(socket, 403);
    const handshake = { connectionId: randomBytes(11).toString('base64url'), request, connectedAt: Date.now() };
    const result = await this.#routes.get('$connect')?.invoke(connectEvent(this.#identity, handshake));
    if (result) {
      // A function that failed is a bad gateway; one that answered decides.
      if (!result.ok) return refuse(socket, 502);
      const status = statusOf(result.payload);
      if (status < 200 || status > 299) return refuse(socket, status);
      const subprotocol = subprotocolOf(result.payload);
      if (subprotocol !== undefined) this.#subprotocols.set(request, subprotocol);
    }
    if (socket.destroyed) {
      await this.#routes.get('$disconnect')?.invoke(disconnectEvent(this.#identity, handshake, 1006, ''));
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(handshake, webSocket));
  }

  /** `/{stage}/@connections/{id}`: what `@aws-sdk/client-apigatewaymanagementapi` talks to. Undefined: another path. */
  async manage(request: IncomingMessage): Promise<HttpReply | undefined> {
    const prefix = `/${this.#identity.stage}/@connections/`;
    const { pathname } = requestUrl(request);
    if (!pathname.startsWith(prefix)) return undefined;
    // Signed calls only: a header that no web page can send across origins without our leave.
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
      return gatewayReply(403, 'Missing Authentication Token');
    }
    const connection = this.#connections.get(pathname.slice(prefix.length));
    if (!connection) return managementError(410, 'GoneException');
    switch (request.method) {
      case 'POST': {
        const body = await readBody(request, MAX_MESSAGE_BYTES);
        if (body === undefined) return managementError(413, 'PayloadTooLargeException');
        return this.#post(connection, body);
      }
      case 'GET':
        return {
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            connectedAt: new Date(connection.connectedAt).toISOString(),
            identity: identityOf(connection.request),
            lastActiveAt: new Date(connection.lastActiveAt).toISOString(),
          }),
        };
      case 'DELETE':
        close(connection, 1000, 'Connection Closed Normally');
        return { status: 204, headers: {}, body: '' };
      default:
        return gatewayReply(403, 'Forbidden');
    }
  }

  /** Closes every connection and waits until `$disconnect` has been told of each. */
  async close(): Promise<void> {
    const connections = [...this.#connections.values()];
    for (const connection of connections) close(connection, 1001, 'Going away');
    await Promise.all(
      connections.map(async (connection) => {
        if (this.#connections.has(connection.connectionId)) {
          await new Promise((resolve) => connection.socket.once('close', resolve));
        }
        await connection.handled;
      }),
    );
    this.#server.close();
  }

  #open(handshake: Handshake, socket: WebSocket): void {
    const { connectionId } = handshake;
    const connection: Connection = {
      ...handshake,
      socket,
      lastActiveAt: handshake.connectedAt,
      waitingMessages: 0,
      handled: Promise.resolve(),
      idleTimer: setTimeout(() => close(connection, 1001, 'Going away'), this.#limits.idleTimeoutMs),
    };
    const maximum = setTimeout(() => close(connection, 1001, 'Going away'), this.#limits.maxConnectionMs);
    this.#connections.set(connectionId, connection);
    socket.on('message', (data, isBinary) => this.#receive(connection, data, isBinary));
    socket.on('ping', () => touch(connection));
    // `ws` closes the connection after a protocol error, 1009 for a message over the limit; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      clearTimeout(maximum);
      clearTimeout(connection.idleTimer);
      this.#connections.delete(connectionId);
      const event = disconnectEvent(this.#identity, handshake, code, reason.toString());
      connection.handled = connection.handled.then(() => this.#routes.get('$disconnect')?.invoke(event));
    });
  }

  #receive(connection: Connection, data: RawData, isBinary: boolean): void {
    touch(connection);
    if (connection.waitingMessages >= MAX_WAITING_MESSAGES) {
      close(connection, 1008, 'Too many messages');
      return;
    }
    connection.waitingMessages += 1;
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
    const event = messageEvent(this.#identity, connection, bytes, isBinary);
    connection.handled = connection.handled.then(async () => {
      const result = await this.#routes.get('$default')?.invoke(event);
      connection.waitingMessages -= 1;
      if (result?.ok) return;
      const { connectionId, requestId } = event.requestContext;
      connection.socket.send(JSON.stringify({ message: 'Internal server error', connectionId, requestId }));
    });
  }

  #post(connection: Connection, body: Buffer): Promise<HttpReply> | HttpReply {
    if (connection.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      close(connection, 1008, 'Too slow');
      return managementError(410, 'GoneException');
    }
    return new Promise((settle) => {
      connection.socket.send(body.toString('utf8'), (error) => {
        if (error) return settle(managementError(410, 'GoneException'));
        touch(connection);
        settle({ status: 200, headers: {}, body: '' });
      });
    });
  }
}

function touch(connection: Connection): void {
  connection.lastActiveAt = Date.now();
  connection.idleTimer.refresh();
}

function close({ socket }: Connection, code: number, reason: string): void {
  socket.close(code, reason);
  const destroy = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  socket.once('close', () => clearTimeout(destroy));
}

function statusOf(payload: unknown): number {
  const status = isObject(payload) ? payload.statusCode : 0;
  // API Gateway treats an answer without a usable status as a failed integration.
  return typeof status === 'number' && status >= 200 && status <= 599 ? status : 502;
}

function subprotocolOf(payload: unknown): string | undefined {
  const headers = isObject(payload) && isObject(payload.headers) ? payload.headers : {};
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol');
  return entry && String(entry[1]);
}

function refuse(socket: Duplex, status: number): void {
  const body = JSON.stringify({ message: status === 502 ? 'Internal server error' : 'Forbidden' });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

function managementError(status: number, errorType: string): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': errorType },
    body: JSON.stringify({ message: errorType }),
  };
}
