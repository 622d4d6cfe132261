/** Runs the tasks of one name one after another, in the order they came; tasks of different names side by side. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const result = (this.#tails.get(name) ?? Promise.resolve()).then(task);
    const tail = result.catch(() => undefined);
    this.#tails.set(name, tail);
    try {
      return await result;
    } finally {
      if (this.#tails.get(name) === tail) this.#tails.delete(name);
    }
  }

  /** Resolves when every task that is waiting now has run. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
