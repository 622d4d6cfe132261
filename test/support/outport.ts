import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Addresses } from '../../src/cli/welcome.ts';
import type { TokenClaims } from '../../src/local/host/issuer.ts';

const COMMAND = path.resolve('build/cli/outport.mjs');
/** Another program that serves, where the packaged functions are tested. */
const SERVE_COMMAND = process.env.OUTPORT_SERVE ?? COMMAND;

export interface OutportOptions {
  /** Kept when given; otherwise a temporary folder that `stop` removes. */
  readonly directory?: string;
  readonly verifySignatures?: boolean;
  /** Parameters of `serverless.yml`. */
  readonly params?: Readonly<Record<string, string>>;
  readonly allowLocalWebhooks?: boolean;
}

/** Outport as a process of its own, as `npm start` runs it. */
export interface OutportProcess extends Readonly<Addresses> {
  /** A token of its development issuer. */
  mint(claims: TokenClaims): Promise<string>;
  /** Sends a signal and returns the exit code, or the signal that ended the process. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Starts it again on the same folder and ports, after stopping it cleanly if it still runs. */
  restart(): Promise<void>;
  /** Stops it cleanly and removes a temporary folder. */
  stop(): Promise<void>;
}

/** What a command that ends by itself leaves behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function startOutport(options: OutportOptions = {}): Promise<OutportProcess> {
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'outport-test-')));
  let { child, addresses } = await launch(directory, options, { graphql: '0', aws: '0' });
  const kill = async (signal: NodeJS.Signals) => {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) return ended;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code, endedBy] = await exited;
    return code ?? endedBy;
  };
  return {
    get graphqlUrl() {
      return addresses.graphqlUrl;
    },
    get websocketUrl() {
      return addresses.websocketUrl;
    },
    get awsEndpoint() {
      return addresses.awsEndpoint;
    },
    get issuer() {
      return addresses.issuer;
    },
    get token() {
      return addresses.token;
    },
    directory,
    kill,
    async mint(claims) {
      const reply = await fetch(`${addresses.issuer}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(claims),
      });
      const { access_token } = (await reply.json()) as { access_token: string };
      return access_token;
    },
    async restart() {
      await kill('SIGTERM');
      const ports = { graphql: new URL(addresses.graphqlUrl).port, aws: new URL(addresses.awsEndpoint).port };
      ({ child, addresses } = await launch(directory, options, ports));
    },
    async stop() {
      await kill('SIGTERM');
      if (!options.directory) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Runs `outport` with arguments with which it ends by itself. */
export async function runOutport(...args: string[]): Promise<Finished> {
  const child = fork(COMMAND, args, { silent: true });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}

async function launch(directory: string, options: OutportOptions, ports: { graphql: string; aws: string }) {
  const args = ['serve', '--json', '--data', directory, '--port', ports.graphql, '--aws-port', ports.aws];
  if (options.verifySignatures) args.push('--verify-signatures');
  if (options.allowLocalWebhooks) args.push('--allow-local-webhooks');
  for (const [name, value] of Object.entries(options.params ?? {})) args.push('--param', `${name}=${value}`);
  // Forked, so that it ends when the test's process does, however that comes about.
  const child = fork(SERVE_COMMAND, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  return { child, addresses: JSON.parse(await firstLine(child)) as Addresses };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.on('data', (chunk) => {
      printed += chunk;
      if (printed.includes('\n')) resolve(printed.slice(0, printed.indexOf('\n')));
    });
    child.once('exit', (code, signal) => reject(new Error(`Outport ended before it was ready (${signal ?? code})`)));
  });
}

async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  let read = '';
  for await (const chunk of stream ?? []) read += chunk;
  return read;
}
