/**
 * Exclusive locks by key, held from before an item is read until its change is durable. The keys of one request are
 * taken in ascending order, so that requests over the same items cannot wait for each other in a circle.
 */
export class KeyLocks {
  readonly #queues = new Map<string, Array<() => void>>();

  async hold<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const held = [...new Set(keys)].sort();
    for (const key of held) {
      const taken = this.#take(key);
      if (taken) await taken;
    }
    try {
      return await task();
    } finally {
      for (const key of held) this.#release(key);
    }
  }

  #take(key: string): Promise<void> | undefined {
    const queue = this.#queues.get(key);
    if (!queue) {
      this.#queues.set(key, []);
      return;
    }
    return new Promise((resolve) => queue.push(resolve));
  }

  #release(key: string): void {
    const queue = this.#queues.get(key);
    const next = queue?.shift();
    if (next) next();
    else this.#queues.delete(key);
  }
}
