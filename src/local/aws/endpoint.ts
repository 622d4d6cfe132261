import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AnswerOptions, answerer } from './answer.ts';
import { greeting, isGreeting, isUnsignedGet } from './dispatch.ts';
import type { AwsReply } from './service.ts';
import { readRequestHead } from './wire-request.ts';

/** How long a closing endpoint waits for calls under way before it cuts their connections. */
const CLOSE_GRACE_MS = 10_000;
const IDLE_CHECK_MS = 20;
/** Longer than SDKs keep idle sockets, so that none is reused at the moment the server closes it. */
const KEEP_ALIVE_MS = 75_000;

export interface EndpointOptions extends AnswerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /**
   * What the operator of this machine may look at, by the path of an unsigned GET, as JSON. No bucket is called like the first
   * part of such a path: names of buckets have no underscores.
   */
  readonly operatorPages?: ReadonlyMap<string, () => unknown>;
}

export interface Endpoint {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Stops listening, finishes the calls under way and closes the connections. */
  close(): Promise<void>;
}

/** Serves AWS services on one loopback port, each told apart by the signature and the form of its requests. */
export async function startEndpoint({ port, operatorPages, ...options }: EndpointOptions): Promise<Endpoint> {
  const answer = answerer(options);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (!isClientGone(error)) console.error('outport: a call could not be answered', error);
      response.destroy();
    });
  });
  let url = '';
  let closing = false;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = readRequestHead(incoming);
    if (closing) response.setHeader('connection', 'close');
    if (isGreeting(request)) {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(greeting(url));
      return;
    }
    const page = isUnsignedGet(request) ? operatorPages?.get(request.path) : undefined;
    if (page) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(page(), null, 2)}\n`);
      return;
    }
    // S3's clients read the first, everybody else's the second.
    response.setHeader('x-amz-request-id', request.requestId);
    response.setHeader('x-amzn-requestid', request.requestId);
    await send(await answer(request, incoming), response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The endpoint did not get a TCP port.');
  url = `http://127.0.0.1:${address.port}`;

  return {
    url,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Connections whose last call ends only now were not idle when the server began to close.
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await closed;
      clearInterval(idle);
      clearTimeout(cut);
    },
  };
}

async function send({ status, headers, body = '' }: AwsReply, response: ServerResponse): Promise<void> {
  const isHead = response.req.method === 'HEAD';
  if (!(body instanceof Readable)) {
    // A HEAD reply tells the length of what a GET would send, which only the service knows.
    const length = isHead ? {} : { 'content-length': Buffer.byteLength(body) };
    response.writeHead(status, { ...headers, ...length }).end(isHead ? undefined : body);
    return;
  }
  response.writeHead(status, { ...headers });
  if (!isHead) return pipeline(body, response);
  body.destroy();
  response.end();
}

const isClientGone = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE');
