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
  readonly issuer: string;
  readonly token: string;
}

export interface RunningOutport extends Addresses {
  stop(): Promise<void>;
}

/** The `outport` command of this build. */
const OUTPORT_COMMAND = fileURLToPath(new URL('./outport.mjs', import.meta.url));

export interface StartOptions {
  /** Another build of the `outport` command. */
  readonly command?: string;
  /** Parameters of `serverless.yml`. */
  readonly params?: Readonly<Record<string, string>>;
  /** What goes wrong with some calls of AWS: see `docs/operations.md`. */
  readonly faultsFile?: string;
  /** Ports to take; free ones unless they are given. */
  readonly ports?: { readonly graphql: string; readonly aws: string };
}

const FREE_PORTS = { graphql: '0', aws: '0' };

/** Starts Outport as a process of its own. It ends with the demo, however the demo ends. */
export async function startOutport(
  dataDirectory: string,
  { command = OUTPORT_COMMAND, params = {}, faultsFile, ports = FREE_PORTS }: StartOptions = {},
): Promise<RunningOutport> {
  const args = ['serve', '--json', '--port', ports.graphql, '--aws-port', ports.aws, '--data', dataDirectory];
  if (faultsFile) args.push('--faults', faultsFile);
  for (const [name, value] of Object.entries(params)) args.push('--param', `${name}=${value}`);
  const child = fork(command, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
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

/** A token of the issuer that `outport serve` brings, for whoever the demo needs. */
export async function mintToken(
  { issuer }: Addresses,
  claims: {
    readonly subject: string;
    readonly name: string;
    readonly teams: readonly string[];
    readonly expiresInSeconds?: number;
  },
): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(claims),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
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
