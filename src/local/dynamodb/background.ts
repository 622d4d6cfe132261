type Task = (signal: AbortSignal) => Promise<void>;

/** Work that nobody waits for until the end: tasks that are done once, and rounds that come again. */
export class Background {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #rounds: NodeJS.Timeout | undefined;

  /** Starts a task, which its signal asks to stop soon. What is left undone has to be taken up at the next start. */
  start(what: string, task: Task): void {
    const { signal } = this.#closing;
    const run = task(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) console.error(`outport: ${what} failed`, error);
      })
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Does the tasks one after another, again and again. One that fails keeps no other from its turn. */
  repeat(what: string, intervalMs: number, tasks: readonly Task[]): void {
    let isDone = true;
    this.#rounds = setInterval(() => {
      if (!isDone) return;
      isDone = false;
      this.start(what, async (signal) => {
        const failures: unknown[] = [];
        for (const task of tasks) {
          if (signal.aborted) break;
          await task(signal).catch((error: unknown) => failures.push(error));
        }
        isDone = true;
        if (failures.length > 0) throw new AggregateError(failures);
      });
    }, intervalMs).unref();
  }

  /** Resolves when all tasks have ended. */
  async close(): Promise<void> {
    clearInterval(this.#rounds);
    this.#closing.abort();
    await Promise.all(this.#running);
  }
}
