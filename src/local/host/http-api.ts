import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { InvocationResult, InvocationTarget } from './invocation.ts';
import { isObject } from './is-object.ts';

/** API Gateway's limit of a request to an HTTP API. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** What an API's event carries of the API itself. */
export interface ApiIdentity {
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
}

/** A reply in API Gateway's own name, or a function's. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array;
}

/** A greedy path parameter, which stands for the rest of the path: what comes before it, and its name. */
export const GREEDY = /^(.*\/)\{(\w+)\+\}$/;

interface Route {
  readonly routeKey: string;
  readonly target: InvocationTarget;
  readonly pathParameters?: Readonly<Record<string, string>>;
}

/** The HTTP API of a service: routes requests to functions as API Gateway does (payload format 2.0). */
export class HttpApi {
  readonly #identity: ApiIdentity;
  readonly #routes: ReadonlyMap<string, InvocationTarget>;

  /** `routes` go from a route key (`POST /graphql`, `GET /files/{path+}`) to the function behind it. */
  constructor(identity: ApiIdentity, routes: ReadonlyMap<string, InvocationTarget>) {
    this.#identity = identity;
    this.#routes = routes;
  }

  async handle(request: IncomingMessage): Promise<HttpReply> {
    const { pathname } = requestUrl(request);
    const route = this.#route(`${request.method} ${pathname}`);
    if (!route) return gatewayReply(404, 'Not Found');
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === undefined) return gatewayReply(413, 'Request Entity Too Large');
    const event = httpEvent(request, body, route, this.#identity, new Date());
    return httpReply(await route.target.invoke(event));
  }

  /** The whole path comes before a greedy parameter, and a longer path to one before a shorter. */
  #route(called: string): Route | undefined {
    const whole = this.#routes.get(called);
    if (whole) return { routeKey: called, target: whole };
    const greedy = [...this.#routes].flatMap(([routeKey, target]) => {
      const [, before, name] = GREEDY.exec(routeKey) ?? [];
      if (before === undefined || name === undefined || !called.startsWith(before) || called === before) return [];
      return [{ routeKey, target, before, pathParameters: { [name]: called.slice(before.length) } }];
    });
    return greedy.sort((a, b) => b.before.length - a.before.length)[0];
  }
}

/** The event of an HTTP API route, payload format 2.0. */
function httpEvent(
  request: IncomingMessage,
  body: Buffer,
  { routeKey, pathParameters }: Route,
  identity: ApiIdentity,
  now: Date,
): APIGatewayProxyEventV2 {
  const { pathname, rawQuery, query } = requestUrl(request);
  const { cookie, ...received } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(received).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  const queryStringParameters = Object.fromEntries(
    [...query.keys()].map((name) => [name, query.getAll(name).join(',')]),
  );
  const sourceIp = request.socket.remoteAddress ?? '';
  const domainName = request.headers.host ?? '';
  const isBase64Encoded = body.length > 0 && !isText(request.headers);
  return {
    version: '2.0',
    routeKey,
    rawPath: pathname,
    rawQueryString: rawQuery,
    ...(cookie !== undefined && { cookies: cookie.split('; ') }),
    headers: {
      ...headers,
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': String(request.socket.localPort ?? ''),
      'x-forwarded-proto': 'http',
    },
    ...(query.size > 0 && { queryStringParameters }),
    ...(pathParameters && { pathParameters }),
    requestContext: {
      accountId: identity.accountId,
      apiId: identity.apiId,
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: request.method ?? '',
        path: pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: identity.stage,
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

/** A function's result as API Gateway answers it: inferred when there is no `statusCode`, 500 when it is unusable. */
export function httpReply(result: InvocationResult): HttpReply {
  if (!result.ok) {
    return result.error.errorType === 'TooManyRequestsException'
      ? gatewayReply(429, 'Too Many Requests')
      : gatewayReply(500, 'Internal Server Error');
  }
  const { payload } = result;
  if (!isObject(payload) || !('statusCode' in payload)) {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded } = payload;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599 || !isObject(headers) || !Array.isArray(cookies)) {
    return gatewayReply(500, 'Internal Server Error');
  }
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
      ...(cookies.length > 0 && { 'set-cookie': cookies.map(String) }),
    },
    body: isBase64Encoded === true ? Buffer.from(String(body), 'base64') : String(body),
  };
}

/** A reply of API Gateway itself. */
export function gatewayReply(status: number, message: string): HttpReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

export function sendReply(response: ServerResponse, reply: HttpReply): void {
  const headers = Object.fromEntries(
    Object.entries(reply.headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  response.writeHead(reply.status, { ...headers, 'content-length': body.byteLength });
  response.end(body);
}

/** The body, or undefined when it is longer than `maxBytes`; the rest is then left unread. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The target of a request line, taken apart without judging it: a client may send anything. */
export function requestUrl({ url = '' }: IncomingMessage) {
  const [, pathname = '', rawQuery = ''] = /^([^?]*)\??(.*)$/s.exec(url) ?? [];
  return { pathname, rawQuery, query: new URLSearchParams(rawQuery) };
}

/** `12/Mar/2020:19:03:58 +0000`, the time format of request contexts. */
export function commonLogTime(time: Date): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}

/** Bodies of these types reach the function as text, all others as base64. */
function isText(headers: IncomingMessage['headers']): boolean {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  return headers['content-encoding'] === undefined && /^(text\/.*|application\/(json|xml|javascript))$/.test(type);
}
