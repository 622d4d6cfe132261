import type { Change } from './index.ts';
import { Mutex } from './mutex.ts';

interface Append {
  readonly changes: readonly Change[];
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

type Write = (changes: readonly Change[]) => Promise<void>;

/**
 * Runs what is done to one table one after another, in the order it came. Appends that wait beside one another are
 * written as one, so that any number of callers shares an fdatasync.
 */
export class TableQueue {
  readonly #mutex = new Mutex();
  /** The appends that the last task in the queue will make, as long as others may join them. */
  #joinable: Append[] | undefined;

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#joinable = undefined;
    return this.#mutex.run(task);
  }

  append(changes: readonly Change[], write: Write): Promise<void> {
    return new Promise((resolve, reject) => {
      const append = { changes, resolve, reject };
      if (this.#joinable) {
        this.#joinable.push(append);
        return;
      }
      const group = [append];
      this.#joinable = group;
      void this.#mutex.run(() => {
        if (this.#joinable === group) this.#joinable = undefined;
        return writeTogether(group, write);
      });
    });
  }
}

/** When they fail together each is tried alone: nobody's append fails for another's. What was written is then skipped. */
async function writeTogether(group: readonly Append[], write: Write): Promise<void> {
  if (group.length > 1) {
    const isWritten = await write(group.flatMap(({ changes }) => changes)).then(
      () => true,
      () => false,
    );
    if (isWritten) {
      for (const { resolve } of group) resolve();
      return;
    }
  }
  for (const { changes, resolve, reject } of group) await write(changes).then(resolve, reject);
}
