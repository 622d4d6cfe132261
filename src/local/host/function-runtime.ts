import { type EnvironmentOptions, ExecutionEnvironment } from './execution-environment.ts';
import type { InvocationResult, InvocationTarget } from './invocation.ts';

/**
 * Environments of one function that run at the same time; further invocations wait their turn. Each is a thread with
 * the whole bundle loaded (about 60 MB), so this bounds memory rather than throughput.
 */
const MAX_ENVIRONMENTS = 4;

/** Invocations that wait for an environment. Lambda's burst limit answers the rest with 429 too. */
const MAX_WAITING = 1_000;

/** A deployed function on this machine: scales out under load and replaces environments that crashed, as Lambda does. */
export class FunctionRuntime implements InvocationTarget {
  readonly #options: EnvironmentOptions;
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #waiting: Array<(environment: ExecutionEnvironment) => void> = [];
  #closed = false;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.settings.functionName;
  }

  /** Starts an environment before it is needed, so that the first caller does not wait for the module to load. */
  warm(): void {
    this.#idle.push(this.#start());
  }

  async invoke(event: unknown): Promise<InvocationResult> {
    if (this.#closed) return { ok: false, error: { errorType: 'ServiceException', errorMessage: 'Shutting down' } };
    if (this.#waiting.length >= MAX_WAITING) {
      return { ok: false, error: { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' } };
    }
    const environment = await this.#acquire();
    const result = await environment.invoke(event);
    this.#release(environment);
    return result;
  }

  /** Stops every environment. Invocations that still run end as `Runtime.ExitError`. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments].map((environment) => environment.close()));
    this.#options.log.end();
  }

  async #acquire(): Promise<ExecutionEnvironment> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.alive) return idle;
      this.#environments.delete(idle);
    }
    if (this.#environments.size < MAX_ENVIRONMENTS) return this.#start();
    return new Promise((turn) => this.#waiting.push(turn));
  }

  #release(environment: ExecutionEnvironment): void {
    if (!environment.alive) this.#environments.delete(environment);
    const next = this.#waiting.shift();
    if (next) next(environment.alive || this.#closed ? environment : this.#start());
    else if (environment.alive) this.#idle.push(environment);
  }

  #start(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment(this.#options);
    this.#environments.add(environment);
    return environment;
  }
}
