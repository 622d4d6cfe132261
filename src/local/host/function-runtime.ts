import { type EnvironmentOptions, ExecutionEnvironment } from './execution-environment.ts';
import type { InvocationResult, InvocationTarget } from './invocation.ts';

/** What runs a function's invocations, one at a time. `ExecutionEnvironment` is the one in a thread of this process. */
export interface Environment {
  /** False once it is of no more use. */
  readonly alive: boolean;
  /** Resolves when the function has loaded, or failed to. */
  readonly initialized: Promise<void>;
  invoke(event: unknown): Promise<InvocationResult>;
  close(): Promise<void>;
}

export type StartEnvironment = (options: EnvironmentOptions) => Environment;

const inThread: StartEnvironment = (options) => new ExecutionEnvironment(options);

/**
 * Environments of one function that run at the same time; further invocations wait their turn. Each is a thread with
 * the whole bundle loaded (about 60 MB), so this bounds memory rather than throughput.
 */
const MAX_ENVIRONMENTS = 4;

/** Invocations that wait for an environment. Lambda's burst limit answers the rest with 429 too. */
const MAX_WAITING = 1_000;

const SHUTTING_DOWN: InvocationResult = {
  ok: false,
  error: { errorType: 'ServiceException', errorMessage: 'Shutting down' },
};

/** A deployed function on this machine: scales out under load and replaces environments that crashed, as Lambda does. */
export class FunctionRuntime implements InvocationTarget {
  readonly #options: EnvironmentOptions;
  readonly #startEnvironment: StartEnvironment;
  readonly #environments = new Set<Environment>();
  readonly #idle: Environment[] = [];
  readonly #waiting: Array<(environment: Environment | undefined) => void> = [];
  #closed = false;

  constructor(options: EnvironmentOptions, startEnvironment: StartEnvironment = inThread) {
    this.#options = options;
    this.#startEnvironment = startEnvironment;
  }

  get name(): string {
    return this.#options.settings.functionName;
  }

  /** Starts an environment before it is needed, so that the first caller does not wait for the module to load. */
  warm(): void {
    this.#start();
  }

  async invoke(event: unknown): Promise<InvocationResult> {
    if (this.#closed) return SHUTTING_DOWN;
    if (this.#waiting.length >= MAX_WAITING) {
      return { ok: false, error: { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' } };
    }
    const environment = await this.#acquire();
    if (!environment) return SHUTTING_DOWN;
    const result = await environment.invoke(event);
    this.#release(environment);
    return result;
  }

  /** Stops every environment. Invocations that run end as `Runtime.ExitError`, those that wait are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const turn of this.#waiting.splice(0)) turn(undefined);
    await Promise.all([...this.#environments].map((environment) => environment.close()));
    this.#options.log.end();
  }

  /**
   * An idle environment, else whichever is free first: one that is busy now, or another that is started meanwhile.
   * Lambda would wait for the new one; here it may take a thousand times as long to start as the others to finish.
   * Undefined when the runtime is closed meanwhile.
   */
  async #acquire(): Promise<Environment | undefined> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.alive) return idle;
      this.#environments.delete(idle);
    }
    if (this.#environments.size < MAX_ENVIRONMENTS) this.#start();
    return new Promise((turn) => this.#waiting.push(turn));
  }

  #release(environment: Environment): void {
    if (environment.alive) {
      this.#offer(environment);
    } else {
      this.#environments.delete(environment);
      if (this.#waiting.length > 0) this.#start();
    }
  }

  #offer(environment: Environment): void {
    const next = this.#waiting.shift();
    if (next) next(environment);
    else this.#idle.push(environment);
  }

  #start(): void {
    if (this.#closed) return;
    const environment = this.#startEnvironment(this.#options);
    this.#environments.add(environment);
    // One that failed to load is offered too: whoever waits for it learns why.
    void environment.initialized.then(() => this.#offer(environment));
  }
}
