import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { gatewayReply, type HttpApi, type HttpReply, sendReply } from './http-api.ts';
import type { DevelopmentIssuer } from './issuer.ts';
import type { WebsocketApi } from './websocket-api.ts';

export interface GatewayApis {
  readonly issuer: DevelopmentIssuer;
  readonly http: HttpApi;
  readonly websocket: WebsocketApi;
}

/**
 * The one port that a service's HTTP API, WebSocket API and the development issuer share, on loopback only. It listens
 * before the functions exist, because their environment names its address; until `serve` is called it answers 503.
 */
export class Gateway {
  readonly #server: Server;
  #apis: GatewayApis | undefined;

  private constructor() {
    this.#server = createServer((request, response) => void this.#onRequest(request, response));
    this.#server.on('upgrade', (request, socket, head) => void this.#onUpgrade(request, socket, head));
  }

  /** Listens on a port of 127.0.0.1; 0 takes a free one. Rejects with the server's error when the port is taken. */
  static async listen(port: number): Promise<Gateway> {
    const gateway = new Gateway();
    await new Promise<void>((resolve, reject) => {
      gateway.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return gateway;
  }

  /** Such as `127.0.0.1:4000`. */
  get host(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  serve(apis: GatewayApis): void {
    this.#apis = apis;
  }

  /** Ends WebSocket connections, then the others. Invocations under way are not waited for. Idempotent. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await this.#apis?.websocket.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const reply = await this.#answer(request);
      // A body that was refused unread would be taken for the next request of the connection.
      if (!request.complete) response.setHeader('connection', 'close');
      sendReply(response, reply);
    } catch (error) {
      // When the client has gone in the middle of its request, nobody is left to answer.
      if (request.readableAborted) response.destroy();
      else sendReply(response, internalError(error));
    }
  }

  async #answer(request: IncomingMessage): Promise<HttpReply> {
    if (!isLoopback(request)) return gatewayReply(403, 'Forbidden');
    const apis = this.#apis;
    if (!apis) return gatewayReply(503, 'Service Unavailable');
    return (
      (await apis.issuer.handle(request)) ?? (await apis.websocket.manage(request)) ?? (await apis.http.handle(request))
    );
  }

  async #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!this.#apis || !isLoopback(request)) return void socket.destroy();
    try {
      await this.#apis.websocket.upgrade(request, socket, head);
    } catch (error) {
      internalError(error);
      socket.destroy();
    }
  }
}

/** A bug ends the request that met it, not the others. */
function internalError(error: unknown): HttpReply {
  console.error('outport: a request failed', error);
  return gatewayReply(500, 'Internal Server Error');
}

/** Refuses other names for this machine, by which a web page could make a browser take it for its own origin. */
function isLoopback({ headers }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(headers.host ?? '');
}
