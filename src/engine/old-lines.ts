import type { LogRecord } from './log-record.ts';
import { Peekable } from './peekable.ts';
import type { Segment } from './segment.ts';
import { linesOf, type StoredBlock, storedBlocks } from './stored-lines.ts';

/** Looks up how items of a partition were: as the last change before the time left them, or else as in the base. */
export class OldLines {
  readonly #changes: Peekable<LogRecord>;
  readonly #blocks: Iterator<StoredBlock, undefined>;
  /** The first block that does not end before the position that was asked for last, and its lines once one was needed. */
  #current: StoredBlock | undefined;
  #lines: ReadonlyMap<string, Buffer> | undefined;
  #position = '';

  constructor(base: readonly Segment[], changes: Iterable<LogRecord>) {
    this.#changes = new Peekable(changes);
    this.#blocks = storedBlocks(base, ({ last }) => last >= this.#position);
  }

  /** The line of the item, or null when there was none. Positions have to be asked for in ascending order. */
  at(position: string): Buffer | null {
    this.#position = position;
    for (let next = this.#changes.peek(); next && next.position <= position; next = this.#changes.peek()) {
      if (next.position === position) return next.line;
      this.#changes.take();
    }
    if (this.#current === undefined || this.#current.block.last < position) {
      this.#current = this.#blocks.next().value;
      this.#lines = undefined;
    }
    if (this.#current === undefined || position < this.#current.block.first) return null;
    this.#lines ??= new Map([...linesOf(this.#current)].map((item) => [item.position, item.line]));
    return this.#lines.get(position) ?? null;
  }

  close(): void {
    this.#blocks.return?.();
  }
}
