import { keyspace } from './keyspace.ts';
import type { Row, Store } from './store.ts';

/** Rows of one physical write. Beyond it waiting commits go into the next one, to bound memory and latency. */
const GROUP_ROWS_MAX = 20_000;

/** One atomic commit while it is put together. */
export interface Commit {
  /** Service time of the commit in microseconds: strictly increasing, also over restarts. */
  readonly timeMicros: number;
  /** The sequence of the next change: strictly increasing over the life of the store. */
  nextSequence(): number;
  /** The last sequence given out so far. */
  readonly lastSequence: number;
  put(key: string, value: string): void;
  del(key: string): void;
  /** Puts `value()` once, after all builds of the group: for totals that many commits of a group add to. */
  atGroupEnd(key: string, value: () => string): void;
}

interface Waiting {
  build(commit: Commit): void;
  /** True when the commit must not share its write. */
  readonly alone: boolean;
  /** Called right after the group is durable and before the next one is written. */
  durable(): void;
  failed(error: unknown): void;
}

/**
 * Group commit: while one synchronous write is on its way to the disk, the commits that arrive wait, and the next write
 * carries all of them. An fsync costs about a millisecond whether it covers one item or a thousand.
 */
export class CommitQueue {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  #timeMicros: number;
  #sequence: number;
  #isWriting = false;
  #durable: () => void = () => undefined;
  #broken: { readonly cause: unknown } | undefined;

  private constructor(store: Store, now: () => number, timeMicros: number, sequence: number) {
    this.#store = store;
    this.#now = now;
    this.#timeMicros = timeMicros;
    this.#sequence = sequence;
  }

  /** @param now wall clock in milliseconds */
  static open(store: Store, now: () => number): CommitQueue {
    const [timeMicros = 0, sequence = 0] = (store.get(keyspace.clock) ?? '0 0').split(' ').map(Number);
    return new CommitQueue(store, now, timeMicros, sequence);
  }

  /**
   * Service time in milliseconds. It never runs behind the last commit, even when the wall clock was set back, so that
   * "now" always includes what has been acknowledged.
   */
  nowMs(): number {
    return Math.max(this.#now(), Math.floor(this.#timeMicros / 1000));
  }

  /** From here on no commit gets a time at or before `timeMicros`, which must not lie beyond the current millisecond. */
  closeThrough(timeMicros: number): void {
    this.#timeMicros = Math.max(this.#timeMicros, timeMicros);
  }

  /**
   * Commits what `build` puts, atomically and durably, and resolves with what it returned. `build` runs when the commit
   * is given its place in the order; a throw there refuses this commit alone.
   */
  commit<T>(build: (commit: Commit) => T): Promise<T> {
    return this.#enqueue(build, false, (result) => result);
  }

  /** Like `commit`, with a write of its own, after which `atBoundary` sees the store exactly as of this commit. */
  commitAlone<T, R>(build: (commit: Commit) => T, atBoundary: (result: T) => R): Promise<R> {
    return this.#enqueue(build, true, atBoundary);
  }

  /** Calls `listener` after every write. */
  onDurable(listener: () => void): void {
    this.#durable = listener;
  }

  /** Resolves when every commit that was asked for before is durable or refused, however many follow. */
  settled(): Promise<void> {
    return this.commit(() => undefined);
  }

  #enqueue<T, R>(build: (commit: Commit) => T, alone: boolean, atBoundary: (result: T) => R): Promise<R> {
    if (this.#broken) return Promise.reject(brokenStore(this.#broken.cause));
    return new Promise((resolve, reject) => {
      let result: T;
      this.#waiting.push({
        alone,
        build: (commit) => {
          result = build(commit);
        },
        durable: () => {
          try {
            resolve(atBoundary(result));
          } catch (error) {
            reject(error);
          }
        },
        failed: reject,
      });
      if (!this.#isWriting) void this.#writeGroups();
    });
  }

  async #writeGroups(): Promise<void> {
    this.#isWriting = true;
    // One turn of the event loop lets requests that arrived together share the first write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const { rows, members } = this.#takeGroup();
      if (members.length === 0) continue;
      try {
        await this.#store.write(rows);
      } catch (cause) {
        // What is on disk is unknown now and memory may be ahead of it: only a restart can tell, so nothing more is taken.
        this.#broken = { cause };
        for (const waiting of [...members, ...this.#waiting.splice(0)]) waiting.failed(brokenStore(cause));
        break;
      }
      for (const member of members) member.durable();
      this.#durable();
    }
    this.#isWriting = false;
  }

  #takeGroup(): { rows: Row[]; members: Waiting[] } {
    const rows: Row[] = [];
    const members: Waiting[] = [];
    const totals = new Map<string, () => string>();
    while (rows.length < GROUP_ROWS_MAX) {
      const next = this.#waiting[0];
      if (!next || (next.alone && members.length > 0)) break;
      this.#waiting.shift();
      const rowsBefore = rows.length;
      try {
        next.build(this.#nextCommit(rows, totals));
        members.push(next);
      } catch (error) {
        rows.length = rowsBefore;
        next.failed(error);
      }
      if (next.alone) break;
    }
    for (const [key, value] of totals) rows.push({ type: 'put', key, value: value() });
    rows.push({ type: 'put', key: keyspace.clock, value: `${this.#timeMicros} ${this.#sequence}` });
    return { rows, members };
  }

  #nextCommit(rows: Row[], totals: Map<string, () => string>): Commit {
    this.#timeMicros = Math.max(this.#now() * 1000, this.#timeMicros + 1);
    const queue = this;
    return {
      timeMicros: this.#timeMicros,
      nextSequence: () => ++queue.#sequence,
      get lastSequence() {
        return queue.#sequence;
      },
      put: (key, value) => rows.push({ type: 'put', key, value }),
      del: (key) => rows.push({ type: 'del', key }),
      atGroupEnd: (key, value) => totals.set(key, value),
    };
  }
}

const brokenStore = (cause: unknown): Error =>
  new Error('The embedded store could not be written; restart after the cause is removed.', { cause });
