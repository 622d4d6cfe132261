import WebSocket from 'ws';
import { createOutportClient, type OutportClient } from '../../client/index.ts';
import { readCredentials, writeCredentials } from '../credentials.ts';
import { hasToBeRenewed, renew } from '../device-login.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { version } from '../version.ts';
import type { ApiOptions } from './options.ts';

/** Where `outport serve` serves. */
export const LOCAL_URL = 'http://127.0.0.1:4000/graphql';
const CONFIG_WITHIN_MS = 5_000;

/** Where to call and with whose token: as options or variables say, else as `outport login` left it. */
async function resolveConnection(options: ApiOptions, env: NodeJS.ProcessEnv = process.env) {
  const signedIn = await readCredentials(env);
  const url = options.url ?? signedIn?.url ?? LOCAL_URL;
  if (options.token !== undefined) return { url, token: options.token };
  if (signedIn === null || signedIn.url !== url) {
    throw new CommandError(
      `You are not signed in to ${url}.`,
      'Run "outport login", or send a token with --token or the variable OUTPORT_TOKEN.',
      EXIT.ERROR,
    );
  }
  if (!signedIn.renewal || !hasToBeRenewed(signedIn.renewal, Date.now())) return { url, token: signedIn.token };
  const renewed = await renew(signedIn.renewal);
  await writeCredentials(env, { url, ...renewed });
  return { url, token: renewed.token };
}

/** Runs `work` with a client of the API, and closes it. */
export async function withClient(options: ApiOptions, work: (client: OutportClient) => Promise<void>): Promise<void> {
  const client = await clientOf(await resolveConnection(options));
  try {
    await work(client);
  } finally {
    client.close();
  }
}

export async function clientOf(connection: { readonly url: string; readonly token: string }): Promise<OutportClient> {
  return createOutportClient({
    ...connection,
    webSocketUrl: await webSocketUrlOf(connection.url),
    webSocket: WebSocket,
    headers: { 'user-agent': `outport/${version()}` },
  });
}

/** The WebSocket API, as the console at the same address is told of it; undefined: it is not, so the API is asked. */
async function webSocketUrlOf(url: string): Promise<string | undefined> {
  try {
    const reply = await fetch(new URL('/config.json', url), { signal: AbortSignal.timeout(CONFIG_WITHIN_MS) });
    const config: unknown = await reply.json();
    const known = typeof config === 'object' && config !== null && 'websocketUrl' in config;
    return known ? String(config.websocketUrl) : undefined;
  } catch {
    return undefined;
  }
}
