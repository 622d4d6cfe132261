import { digitsAt, ITEM_HEADER_BYTES } from './block.ts';
import type { LogRecord } from './log-record.ts';

/** Taken changes that may still be in the array of those ahead. */
const KEPT_MAX = 256;

/** The changes of a partition in order of position. They can be looked at before they are taken. */
export class ChangeCursor {
  readonly #source: Iterator<LogRecord>;
  #ahead: LogRecord[] = [];
  #at = 0;
  /** The first eight digits of the next change's position as two numbers, which compare as the digits do. */
  #nextHigh = 0;
  #nextLow = 0;

  constructor(changes: Iterable<LogRecord>) {
    this.#source = changes[Symbol.iterator]();
    this.#settle();
  }

  /** The next change, or the one after as many more; undefined where there are none left. */
  peek(ahead = 0): LogRecord | undefined {
    while (this.#at + ahead >= this.#ahead.length && this.#pull());
    return this.#ahead[this.#at + ahead];
  }

  take(): LogRecord | undefined {
    const taken = this.peek();
    this.#at += 1;
    if (this.#at >= KEPT_MAX) {
      this.#ahead = this.#ahead.slice(this.#at);
      this.#at = 0;
    }
    this.#settle();
    return taken;
  }

  /** Whether the next change comes after the item whose index entry begins at `at`. Mostly told without a string. */
  isAfter(items: Buffer, at: number): boolean {
    const next = this.peek();
    if (next === undefined) return true;
    const from = at + ITEM_HEADER_BYTES;
    const high = items.readUInt32BE(from);
    if (high !== this.#nextHigh) return high < this.#nextHigh;
    const low = items.readUInt32BE(from + 4);
    if (low !== this.#nextLow) return low < this.#nextLow;
    return items.toString('latin1', from, from + items.readUInt32LE(at)) < next.position;
  }

  #settle(): void {
    const next = this.peek();
    if (next === undefined) return;
    this.#nextHigh = digitsAt(next.position, 0);
    this.#nextLow = digitsAt(next.position, 4);
  }

  #pull(): boolean {
    const { done, value } = this.#source.next();
    if (done) return false;
    this.#ahead.push(value);
    return true;
  }
}
