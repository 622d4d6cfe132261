import type { Change, IncrementalExportRequest } from '../../../src/engine/index.ts';

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

  /** The lines of the four files of a full export, sorted as text. */
  filesAt(timeMicros: number): string[][] {
    return inFiles([...this.#itemsAt(timeMicros).values()], ({ newImage }) => `{"Item":${newImage}}`);
  }

  /** The lines of the four files of an incremental export. The images of these histories have their attributes in order. */
  filesBetween(fromMicros: number, toMicros: number, view: IncrementalExportRequest['view']): string[][] {
    const before = this.#itemsAt(fromMicros - 1);
    for (const item of this.#items) if (fromMicros === this.start.timeMicros) before.set(item.key, item);
    const written = new Map(
      this.changes.filter((each) => each.timeMicros >= fromMicros && each.timeMicros < toMicros).map((c) => [c.key, c]),
    );
    const records = [...written.values()].filter(({ key, newImage }) => newImage !== null || before.has(key));
    return inFiles(records, ({ key, timeMicros, newImage }) => {
      const old = before.get(key)?.newImage ?? null;
      const { pk, sk } = JSON.parse(newImage ?? old ?? '');
      return JSON.stringify({
        Metadata: { WriteTimestampMicros: { N: String(timeMicros) } },
        Keys: { pk, sk },
        ...(old !== null && view === 'NEW_AND_OLD_IMAGES' && { OldImage: JSON.parse(old) }),
        ...(newImage !== null && { NewImage: JSON.parse(newImage) }),
      });
    });
  }

  #itemsAt(timeMicros: number): Map<string, Change> {
    const items = new Map<string, Change>();
    for (const change of [...this.#items, ...this.changes]) {
      if (change.timeMicros > timeMicros) break;
      if (change.newImage === null) items.delete(change.key);
      else items.set(change.key, change);
    }
    return items;
  }
}

function inFiles(changes: Change[], line: (change: Change) => string): string[][] {
  return ['0123', '4567', '89ab', 'cdef'].map((firstDigits) =>
    changes
      .filter(({ partitionHash }) => firstDigits.includes(partitionHash.charAt(0)))
      .map(line)
      .sort(),
  );
}
