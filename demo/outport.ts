import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** What `outport serve --json` prints when it is ready. */
export interface Addresses {
  readonly graphqlUrl: string;
  readonly websocketUrl: string;
  readonly awsEndpoint: string;
  readonly token: string;
}

export interface RunningOutport extends Addresses {
  stop(): Promise<void>;
}

/** Starts Outport as a process of its own on free ports. It ends with the demo, however the demo ends. */
export async function startOutport(dataDirectory: string): Promise<RunningOutport> {
  const child = fork(
    fileURLToPath(new URL('./outport.mjs', import.meta.url)),
    ['serve', '--json', '--port', '0', '--aws-port', '0', '--data', dataDirectory],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const addresses = await firstLine(child);
  return {
    ...(JSON.parse(addresses) as Addresses),
    stop: async () => {
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('exit', (code, signal) => reject(new Error(`Outport ended before it was ready (${signal ?? code})`)));
  });
}

/** Sends one operation to the GraphQL API over HTTP. Throws with what the API answered when it answered errors. */
export async function graphql<Data>(
  { graphqlUrl, token }: Addresses,
  query: string,
  variables: Record<string, unknown>,
): Promise<Data> {
  const response = await fetch(graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as { data?: Data | null; errors?: unknown };
  if (answer.errors !== undefined || answer.data == null) {
    throw new Error(`GraphQL answered ${response.status}: ${JSON.stringify(answer.errors ?? answer)}`);
  }
  return answer.data;
}

/** Subscribes over WebSocket (`graphql-transport-ws`) and yields each answer until the server completes. */
export async function* subscribe<Data>(
  { websocketUrl, token }: Addresses,
  query: string,
  variables: Record<string, unknown>,
): AsyncGenerator<Data> {
  const client = createClient({
    url: websocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  try {
    for await (const answer of client.iterate<Data>({ query, variables })) {
      if (answer.errors !== undefined) throw new Error(`the subscription answered ${JSON.stringify(answer.errors)}`);
      if (answer.data != null) yield answer.data;
    }
  } finally {
    await client.dispose();
  }
}
