type Task = (signal: AbortSignal) => Promise<void>;

/** Work that is done now and then in the background, one round at a time, until it is stopped. */
export class Maintenance {
  readonly #tasks: readonly Task[];
  readonly #timer: NodeJS.Timeout;
  readonly #stopped = new AbortController();
  #round: Promise<void> | undefined;

  constructor(intervalMs: number, tasks: readonly Task[]) {
    this.#tasks = tasks;
    this.#timer = setInterval(() => {
      this.#round ??= this.#run().finally(() => {
        this.#round = undefined;
      });
    }, intervalMs).unref();
  }

  /** Resolves when the task under way has ended, which its signal asks it to do soon. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    await this.#round;
  }

  /** A task that fails is tried again in the next round and keeps no other from its turn. */
  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    for (const task of this.#tasks) {
      if (signal.aborted) return;
      await task(signal).catch((error: unknown) => {
        if (!signal.aborted) console.error('outport: maintenance of the tables failed', error);
      });
    }
  }
}
