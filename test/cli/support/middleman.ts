import { createServer, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { OutportProcess } from '../../support/outport.ts';

/** What becomes of a file on its way: STALL and CUT let half of it through. */
type Treatment = 'WHOLE' | 'STALL' | 'CUT' | 'FLIP_A_BIT';

/** Between a client and an Outport, for both its API and the files that it links to. */
export interface Middleman {
  readonly graphqlUrl: string;
  /** The `Range` of each file that was asked for. */
  readonly ranges: string[];
  /** What becomes of files from now on; with `times`, only of so many. */
  treat(treatment: Treatment, times?: number): void;
  close(): Promise<void>;
}

export async function startMiddleman(outport: OutportProcess): Promise<Middleman> {
  const ranges: string[] = [];
  let treatment: Treatment = 'WHOLE';
  let timesLeft = Number.POSITIVE_INFINITY;
  const server = createServer(async (request, response) => {
    const ofApi = request.url === '/graphql' || request.url === '/config.json';
    const target = ofApi ? outport.graphqlUrl : outport.awsEndpoint;
    const headers = new Headers();
    for (const name of ['authorization', 'content-type', 'range']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const body = request.method === 'POST' ? await buffer(request) : undefined;
    const answer = await fetch(new URL(request.url ?? '', target), { method: request.method ?? 'GET', headers, body });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (ofApi) {
      const text = bytes.toString().replaceAll(new URL(outport.awsEndpoint).host, request.headers.host ?? '');
      return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    }
    ranges.push(request.headers.range ?? '');
    const applied = timesLeft > 0 ? treatment : 'WHOLE';
    timesLeft -= 1;
    send(response.writeHead(answer.status, { 'content-length': bytes.length }), bytes, applied);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    graphqlUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`,
    ranges,
    treat(next, times = Number.POSITIVE_INFINITY) {
      [treatment, timesLeft] = [next, times];
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function send(response: ServerResponse, bytes: Buffer, treatment: Treatment): void {
  switch (treatment) {
    case 'WHOLE':
      return void response.end(bytes);
    case 'FLIP_A_BIT':
      return void response.end(Buffer.from(bytes).fill((bytes[0] ?? 0) ^ 1, 0, 1));
    case 'STALL':
      return void response.write(bytes.subarray(0, bytes.length / 2));
    case 'CUT':
      return void response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    default:
      treatment satisfies never;
  }
}
