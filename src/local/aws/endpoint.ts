import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type IssuedSessions, identify } from './accounts.ts';
import { collect } from './body.ts';
import { readSignatureClaims, type SignatureClaims } from './credentials.ts';
import { greeting, isGreeting, protocolOf, serviceOf, unsignedServiceOf } from './dispatch.ts';
import { Refusal, replyToRefusal } from './refusal.ts';
import type { AwsReply, AwsService } from './service.ts';
import type { ServiceName } from './wire.ts';
import { readRequestHead, type WireRequest } from './wire-request.ts';

/** How long a closing endpoint waits for calls under way before it cuts their connections. */
const CLOSE_GRACE_MS = 10_000;
/** Longer than SDKs keep idle sockets, so that none is reused at the moment the server closes it. */
const KEEP_ALIVE_MS = 75_000;

export interface EndpointOptions {
  readonly services: Readonly<Partial<Record<ServiceName, AwsService>>>;
  /** 0 takes a free port. */
  readonly port: number;
  /** Sessions of temporary credentials; without it no `ASIA…` key is known. */
  readonly sessions?: IssuedSessions;
  readonly now?: () => number;
}

export interface Endpoint {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Stops listening, finishes the calls under way and closes the connections. */
  close(): Promise<void>;
}

const noSessions: IssuedSessions = { find: async () => undefined };

/** Serves AWS services on one loopback port, each told apart by the signature and the form of its requests. */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { services, sessions = noSessions, now = Date.now } = options;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      // The reply had begun, or the client has gone: there is nobody left to tell.
      if (!isAborted(error)) console.error('outport: a reply could not be finished', error);
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
    const route = routeOf(request);
    response.setHeader(route.service === 's3' ? 'x-amz-request-id' : 'x-amzn-requestid', request.requestId);
    try {
      await send(await answer(request, incoming, route), request, response);
    } catch (error) {
      if (response.headersSent || isAborted(error)) throw error;
      const refusal = error instanceof Refusal ? error : asInternalFailure(error, request);
      const { status, headers, body } = replyToRefusal(refusal, protocolOf(request, route.service), request.requestId);
      response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
    }
  }

  async function answer(request: WireRequest, incoming: IncomingMessage, route: Route): Promise<AwsReply> {
    if (route.refusal) throw route.refusal;
    const { claims, service: name } = route;
    if (!claims) throw new Refusal('MissingCredentials');
    const service = name && services[name];
    if (!service) throw new Refusal('UnknownService', `This endpoint does not serve '${claims.service}'.`);
    const body = name === 's3' ? incoming : Readable.from([await collect(incoming)], { objectMode: false });
    const { caller } = await identify(claims, sessions, now());
    return service.handle({ ...request, region: claims.region, caller, host: request.headers.host ?? '', body });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The endpoint did not get a TCP port.');
  url = `http://127.0.0.1:${address.port}`;

  return {
    url,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

interface Route {
  readonly claims?: SignatureClaims;
  readonly service?: ServiceName;
  /** Credentials that could not be read. */
  readonly refusal?: Refusal;
}

function routeOf(request: WireRequest): Route {
  try {
    const claims = readSignatureClaims(request);
    return { claims, service: serviceOf(request, claims) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { service: unsignedServiceOf(request), refusal: error };
  }
}

async function send(reply: AwsReply, request: WireRequest, response: ServerResponse): Promise<void> {
  const { status, headers, body = '' } = reply;
  const isHead = request.method === 'HEAD';
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

function asInternalFailure(error: unknown, { requestId, method, path }: WireRequest): Refusal {
  console.error(`outport: ${method} ${path} (request ${requestId}) failed`, error);
  return new Refusal('InternalFailure');
}

const isAborted = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE');
