import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { EnvironmentOptions } from '../../../src/local/host/execution-environment.ts';
import type { Environment } from '../../../src/local/host/function-runtime.ts';
import type { InvocationResult } from '../../../src/local/host/invocation.ts';
import { RuntimeApi } from './runtime-api.ts';

/** Set by `prepare.ts`: where the archives are unpacked, a folder each, and the program that runs one. */
export const PACKAGES = process.env.OUTPORT_PACKAGES;
const RUNTIME_CLIENT = process.env.OUTPORT_RUNTIME_CLIENT ?? '';

/** An unpacked function in a process of its own, which AWS's runtime interface client runs as it does in Lambda. */
class PackagedEnvironment implements Environment {
  readonly #options: EnvironmentOptions;
  readonly #api: Promise<RuntimeApi>;
  #failed = false;
  #process: ChildProcess | undefined;
  readonly initialized: Promise<void>;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#api = this.#start();
    this.initialized = this.#api.then((api) => api.ready);
  }

  get alive(): boolean {
    return !this.#failed;
  }

  async invoke(event: unknown): Promise<InvocationResult> {
    const api = await this.#api;
    const timeoutMs = this.#options.timeoutSeconds * 1000;
    const timer = setTimeout(() => this.#process?.kill('SIGKILL'), timeoutMs);
    const result = await api.invoke(event, timeoutMs);
    clearTimeout(timer);
    this.#failed ||= api.failed;
    return result;
  }

  async close(): Promise<void> {
    this.#process?.kill('SIGKILL');
    (await this.#api).close();
  }

  async #start(): Promise<RuntimeApi> {
    const { settings, variables, log } = this.#options;
    const api = await RuntimeApi.listen(settings.functionArn);
    const name = settings.functionName.slice(settings.functionName.lastIndexOf('-') + 1);
    const root = path.join(PACKAGES ?? '', name);
    const handler = `build/${name}/index.${settings.handlerName}`;
    this.#process = spawn(process.execPath, [RUNTIME_CLIENT, handler], {
      cwd: root,
      env: { ...variables, _HANDLER: handler, LAMBDA_TASK_ROOT: root, AWS_LAMBDA_RUNTIME_API: api.host },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let lastPrinted = '';
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.pipe(log, { end: false });
      stream?.on('data', (chunk) => {
        lastPrinted = String(chunk);
      });
    }
    this.#process.once('exit', (code, signal) => {
      this.#failed = true;
      const errorMessage = `the runtime ended with ${signal ?? code}: ${lastPrinted}`;
      api.fail({ errorType: 'Runtime.ExitError', errorMessage });
    });
    return api;
  }
}

/** Starts an unpacked function, as `FunctionRuntime` has environments started. */
export const startPackaged = (options: EnvironmentOptions): Environment => new PackagedEnvironment(options);
