/** Work that is done now and then in the background, one round at a time, until it is stopped. */
export class Maintenance {
  readonly #tasks: ReadonlyArray<() => Promise<void>>;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;

  constructor(intervalMs: number, tasks: ReadonlyArray<() => Promise<void>>) {
    this.#tasks = tasks;
    this.#timer = setInterval(() => {
      this.#round ??= this.#run().finally(() => {
        this.#round = undefined;
      });
    }, intervalMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  /** A task that fails is tried again in the next round and keeps no other from its turn. */
  async #run(): Promise<void> {
    for (const task of this.#tasks) {
      await task().catch((error: unknown) => console.error('outport: maintenance of the tables failed', error));
    }
  }
}
