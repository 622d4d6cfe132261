import type { Change } from '../../../src/engine/index.ts';

/** What a table's backups have to know, in the plainest way there is: every change since the start. */
export class NaiveHistory {
  readonly start: { readonly timeMicros: number; readonly sequence: number };
  readonly #items: readonly Change[];
  #commits: (readonly Change[])[] = [];

  /** Items are given as changes at the start. */
  constructor(start: { readonly timeMicros: number; readonly sequence: number }, items: readonly Change[]) {
    this.start = start;
    this.#items = items;
  }

  get changes(): readonly Change[] {
    return this.#commits.flat();
  }

  commit(changes: readonly Change[]): void {
    this.#commits.push(changes);
  }

  /** Forgets what a crash took: a commit is lost as a whole. */
  loseAfter(sequence: number): void {
    this.#commits = this.#commits.filter((changes) => changes.every((change) => change.sequence <= sequence));
  }

  /** The lines of the four files of an export, in order. */
  filesAt(timeMicros: number): string[][] {
    const items = new Map<string, Change>();
    for (const change of [...this.#items, ...this.changes]) {
      if (change.timeMicros <= timeMicros) items.set(change.key, change);
    }
    const present = [...items.values()].filter(({ newImage }) => newImage !== null);
    present.sort((a, b) => Buffer.compare(Buffer.from(a.partitionHash + a.key), Buffer.from(b.partitionHash + b.key)));
    return ['0123', '4567', '89ab', 'cdef'].map((firstDigits) =>
      present
        .filter(({ partitionHash }) => firstDigits.includes(partitionHash.charAt(0)))
        .map(({ newImage }) => `{"Item":${newImage}}`),
    );
  }
}
