import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The head of an HTTP request, read once: what dispatch, credentials and signatures are decided from. */
export interface WireRequest {
  readonly requestId: string;
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly sourceIpAddress: string;
}

export function readRequestHead(request: IncomingMessage): WireRequest {
  const url = request.url ?? '/';
  const queryStart = url.indexOf('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    requestId: randomUUID(),
    method: request.method ?? 'GET',
    path: queryStart < 0 ? url : url.slice(0, queryStart),
    query: new URLSearchParams(queryStart < 0 ? '' : url.slice(queryStart + 1)),
    headers,
    sourceIpAddress: request.socket.remoteAddress ?? '127.0.0.1',
  };
}
