import { createClient, type Client as Socket } from 'graphql-ws/client';
import { type Connection, tokenOf } from './connection.ts';
import type { TypedDocument } from './document.ts';
import { OutportError, TransportError } from './errors.ts';
import { topLevelError, type WireError } from './top-level-errors.ts';

/** A WebSocket as browsers, Node.js 22 and the package `ws` have it. */
export type WebSocketConstructor = new (url: string, protocol: string) => object;

/** Often enough to notice a connection that has silently died; each ping runs a function. */
const PING_EVERY_MS = 45_000;
const PONG_WITHIN_MS = 10_000;
const CONNECTED_WITHIN_MS = 15_000;
/** What was told and not read yet. Whoever is further behind than this does better to ask how things stand. */
const UNREAD_MAX = 10_000;

/** Subscriptions over one WebSocket, which is open while there are any. */
export interface Subscriber {
  /**
   * What the server tells, until it completes. A connection that ends is an error: whoever reads knows best from where to
   * go on.
   * @throws OutportError, or the signal's reason
   */
  subscribe<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): AsyncGenerator<Result, void, undefined>;
  close(): void;
}

export function createSubscriber(connection: Connection, url: string, webSocket: WebSocketConstructor): Subscriber {
  const socket = connect(connection, url, webSocket);
  return {
    subscribe: (document, variables, signal) => read(socket, document, variables, signal),
    close: () => void socket.dispose(),
  };
}

async function* read<Result, Variables>(
  socket: Socket,
  document: TypedDocument<Result, Variables>,
  variables: Variables,
  signal: AbortSignal | undefined,
): AsyncGenerator<Result, void, undefined> {
  signal?.throwIfAborted();
  const told: Result[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake = () => {};
  const stop = (reason: typeof end) => {
    end ??= reason;
    wake();
  };
  const abort = () => stop({ error: signal?.reason });
  signal?.addEventListener('abort', abort, { once: true });
  const unsubscribe = socket.subscribe<Result>(
    { query: document.toString(), variables: { ...(variables as Record<string, unknown>) } },
    {
      next: ({ data, errors }) => {
        const [error] = errors ?? [];
        if (error) return stop({ error: topLevelError(error) });
        if (told.length === UNREAD_MAX) return stop({ error: disconnected('what it tells is not read') });
        if (data != null) told.push(data);
        wake();
      },
      error: (error) => stop({ error: errorOf(error) }),
      complete: () => stop({}),
    },
  );
  try {
    for (;;) {
      for (let next = told.shift(); next !== undefined; next = told.shift()) yield next;
      if (end && 'error' in end) throw end.error;
      if (end) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    unsubscribe();
  }
}

function connect(connection: Connection, url: string, webSocket: WebSocketConstructor): Socket {
  let acknowledged = false;
  let refused = false;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  const giveUpAfter = (ms: number) => {
    clearTimeout(deadline);
    deadline = setTimeout(() => socket.terminate(), ms);
  };
  const socket = createClient({
    url,
    webSocketImpl: webSocket,
    retryAttempts: 0,
    keepAlive: PING_EVERY_MS,
    connectionParams: async () => {
      // The library connects again at once after a close with 1000, which is how API Gateway refuses a token.
      if (refused) {
        refused = false;
        throw disconnected('the connection was refused, as when the token is not taken');
      }
      return { authorization: `Bearer ${await tokenOf(connection)}` };
    },
    on: {
      connecting: () => {
        acknowledged = false;
        giveUpAfter(CONNECTED_WITHIN_MS);
      },
      connected: () => {
        acknowledged = true;
        clearTimeout(deadline);
      },
      ping: (received) => {
        if (!received) giveUpAfter(PONG_WITHIN_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(deadline);
      },
      closed: (event) => {
        clearTimeout(deadline);
        refused = !acknowledged && closeCodeOf(event) === 1000;
      },
    },
  });
  return socket;
}

/** What the library gives for an error: what the server said, what we threw, or how the connection ended. */
function errorOf(error: unknown): OutportError {
  if (error instanceof OutportError) return error;
  const [said] = Array.isArray(error) ? (error as WireError[]) : [];
  if (said) return topLevelError(said);
  const code = closeCodeOf(error);
  return disconnected(code === undefined ? 'there is no connection' : `the connection ended (${code})`, error);
}

function disconnected(reason: string, cause?: unknown): TransportError {
  return new TransportError(`The WebSocket API cannot be followed: ${reason}.`, {
    code: 'UNREACHABLE',
    remedy: 'Check the address of the WebSocket API, and the network between.',
    retryable: true,
    cause,
  });
}

const closeCodeOf = (event: unknown): number | undefined =>
  typeof event === 'object' && event !== null && 'code' in event && typeof event.code === 'number'
    ? event.code
    : undefined;
