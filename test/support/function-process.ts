import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Events that a process works on at the same time. Lambda gives each only one: more is harder on what they share. */
const EVENTS_AT_ONCE = 12;

/** Imports a function's bundle and answers one event a message. */
const PROGRAM = `
  const { handler } = await import(process.argv[1]);
  const events = [];
  let busy = 0;
  const work = async () => {
    if (busy === ${EVENTS_AT_ONCE}) return;
    busy += 1;
    for (let next = events.shift(); next; next = events.shift()) {
      process.send({ n: next.n, result: await handler(next.event) });
    }
    busy -= 1;
  };
  process.on('message', (message) => {
    events.push(message);
    work();
  });
  process.on('disconnect', () => process.exit());
  process.send({ n: 'ready' });
`;

/** The graphql function as a process of the operating system, as it is deployed. */
export class FunctionProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers>();
  #next = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ n, result }: { n: number; result: APIGatewayProxyStructuredResultV2 }) => {
      this.#waiting.get(n)?.resolve(result);
      this.#waiting.delete(n);
    });
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process has ended'));
      this.#waiting.clear();
    });
  }

  static async start(env: NodeJS.ProcessEnv): Promise<FunctionProcess> {
    const bundle = pathToFileURL(path.resolve('build/graphql/index.mjs')).href;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, bundle], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    return new FunctionProcess(child);
  }

  /** What the function answers; rejects when the process ends before it has. */
  handle(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
    const n = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(n, { resolve, reject });
      this.#child.send({ n, event }, (error) => error && reject(error));
    });
  }

  /** Ends the process where it stands, whatever it was about to do. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

interface PromiseWithResolvers {
  readonly resolve: (result: APIGatewayProxyStructuredResultV2) => void;
  readonly reject: (error: Error) => void;
}
