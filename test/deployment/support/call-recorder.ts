import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AwsCall, callsOf, type Scope, serviceOf } from './aws-calls.ts';

export interface RecordedCall extends AwsCall {
  /** Made with the credentials of a role that was assumed, not with the function's own. */
  readonly bySession: boolean;
}

/** Stands between a client and AWS, passes everything on unchanged, and keeps what was asked for. */
export interface CallRecorder {
  /** What the client is told to call. */
  readonly endpoint: string;
  readonly calls: readonly RecordedCall[];
  /** Where requests go from now on: those to API Gateway's management API, and all others. */
  passTo(targets: { readonly managementApi: string | undefined; readonly aws: string | undefined }): void;
  close(): Promise<void>;
}

/** @param scopeOf whose names are meant by a call, by whether a session makes it */
export async function startCallRecorder(scopeOf: (bySession: boolean) => Scope): Promise<CallRecorder> {
  const calls: RecordedCall[] = [];
  let targets: Parameters<CallRecorder['passTo']>[0];

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: body.toString() };
    const bySession = headers['x-amz-security-token'] !== undefined;
    for (const call of callsOf(request, scopeOf(bySession))) calls.push({ ...call, bySession });
    const target = serviceOf(request) === 'execute-api' ? targets.managementApi : targets.aws;
    const { hostname, port } = new URL(String(target));
    const outgoing = forward({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', (error) => response.destroy(error));
    outgoing.end(body);
  }

  const server = createServer((incoming, response) => {
    pass(incoming, response).catch((error: Error) => {
      // The client only sees a connection that broke, and tries again.
      console.error(error);
      response.destroy(error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    passTo: (next) => {
      targets = next;
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
