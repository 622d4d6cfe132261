import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { compareKeys, compareRows, endOfRow, hashAt, rowBytes } from './rows.ts';

/** Rows are sorted as numbers: 24 bits of hash and 24 of the place. */
const ROWS_MAX = 2 ** 24;
/** What sorting takes for a row beside its bytes. */
const ENTRY_BYTES = 32;
/** Runs that are merged at once: a file descriptor and a chunk each. */
const RUNS_MAX = 64;
const CHUNK_BYTES = 256 * 1024;
const NO_ROWS = Buffer.alloc(0);

/** Where a row is. It stays valid until the next one is asked for. */
export interface RowPlace {
  readonly rows: Buffer;
  readonly at: number;
}

/**
 * Sorts rows by key in bounded memory, keeping of equal keys the row of the last object, and the last one of that: what
 * does not fit is written as sorted runs into a directory of its own, which the caller removes.
 */
export class RowSorter {
  readonly #directory: string;
  readonly #memoryBytes: number;
  #byteCount = 0;
  /** Of each row its chunk and where it begins there, in the order in which they came. */
  #places: RowPlace[] = [];
  /** Paths, in the order in which their rows came. */
  #runs: string[] = [];
  #runCount = 0;

  constructor(options: { readonly directory: string; readonly memoryBytes: number }) {
    this.#directory = options.directory;
    this.#memoryBytes = options.memoryBytes;
  }

  /** Takes rows over: they must not be changed any more. */
  add(rows: Buffer): void {
    this.#byteCount += rows.length;
    for (let at = 0; at < rows.length; at = endOfRow(rows, at)) this.#places.push({ rows, at });
    const isFull = this.#byteCount + this.#places.length * ENTRY_BYTES > this.#memoryBytes;
    if (isFull || this.#places.length > ROWS_MAX / 2) this.#spill();
  }

  /** Call it once, after the last `add`. */
  *sorted(): Generator<RowPlace> {
    if (this.#runs.length === 0) {
      yield* this.#inMemory();
      return;
    }
    this.#spill();
    yield* merged(this.#runs);
  }

  *#inMemory(): Generator<RowPlace> {
    const places = this.#places;
    const order = Float64Array.from(places, ({ rows, at }, place) => hashAt(rows, at) * ROWS_MAX + place).sort();
    const placeAt = (position: number) => places[(order[position] ?? 0) % ROWS_MAX] ?? { rows: NO_ROWS, at: 0 };
    for (let from = 0, to = 0; from < order.length; from = to) {
      const hash = Math.floor((order[from] ?? 0) / ROWS_MAX);
      for (to = from + 1; to < order.length && Math.floor((order[to] ?? 0) / ROWS_MAX) === hash; ) to += 1;
      if (to === from + 1) {
        yield placeAt(from);
        continue;
      }
      // Sorting is stable, so rows of one object and key stay in the order in which they came.
      const same = Array.from({ length: to - from }, (_, n) => placeAt(from + n));
      same.sort((a, b) => compareRows(a.rows, a.at, b.rows, b.at));
      for (const [index, place] of same.entries()) {
        const next = same[index + 1];
        if (next === undefined || compareKeys(place.rows, place.at, next.rows, next.at) !== 0) yield place;
      }
    }
  }

  #spill(): void {
    if (this.#places.length > 0) this.#runs.push(this.#writeRun(this.#inMemory()));
    this.#byteCount = 0;
    this.#places = [];
    if (this.#runs.length < RUNS_MAX) return;
    const spent = this.#runs;
    this.#runs = [this.#writeRun(merged(spent))];
    for (const run of spent) rmSync(run);
  }

  #writeRun(places: Iterable<RowPlace>): string {
    mkdirSync(this.#directory, { recursive: true });
    const file = path.join(this.#directory, `run-${this.#runCount++}`);
    const fd = openSync(file, 'wx');
    try {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      let filled = 0;
      for (const { rows, at } of places) {
        const end = endOfRow(rows, at);
        for (let from = at; from < end; ) {
          const copied = rows.copy(chunk, filled, from, end);
          from += copied;
          filled += copied;
          if (filled < CHUNK_BYTES) continue;
          writeAll(fd, chunk);
          filled = 0;
        }
      }
      writeAll(fd, chunk.subarray(0, filled));
    } finally {
      closeSync(fd);
    }
    return file;
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(fd, bytes, from);
}

/** The rows of all runs in order, those of later runs after those of earlier ones; of equal keys the last. */
function* merged(paths: readonly string[]): Generator<RowPlace> {
  const runs = paths.map((file) => new RunReader(file));
  try {
    for (;;) {
      let first: RunReader | undefined;
      for (const run of runs) {
        if (run.rows.length > 0 && (first === undefined || compareHeads(run, first) < 0)) first = run;
      }
      if (first === undefined) return;
      // Of the runs that have this key, the one whose row counts is taken last.
      const key = first;
      let last = first;
      const same = runs.filter((run) => run.rows.length > 0 && run.hash === key.hash && haveSameKey(run, key));
      for (const run of same) if (compareHeads(run, last) >= 0) last = run;
      yield last;
      for (const run of same) run.next();
    }
  } finally {
    for (const run of runs) run.close();
  }
}

const compareHeads = (a: RunReader, b: RunReader): number => a.hash - b.hash || compareRows(a.rows, a.at, b.rows, b.at);
const haveSameKey = (a: RunReader, b: RunReader): boolean => compareKeys(a.rows, a.at, b.rows, b.at) === 0;

/** Reads a run row by row. At its end it has no bytes. */
class RunReader implements RowPlace {
  readonly #fd: number;
  rows: Buffer = NO_ROWS;
  at = 0;
  /** Of the row at `at`. */
  hash = 0;

  constructor(file: string) {
    this.#fd = openSync(file, 'r');
    this.#settle();
  }

  next(): void {
    this.at = endOfRow(this.rows, this.at);
    this.#settle();
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Makes the whole next row be there. */
  #settle(): void {
    let needed = rowBytes(this.rows, this.at);
    while (needed === undefined || this.at + needed > this.rows.length) {
      const left = this.rows.subarray(this.at);
      const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, needed ?? 0) + left.length);
      left.copy(chunk);
      const got = readSync(this.#fd, chunk, left.length, chunk.length - left.length, null);
      this.rows = chunk.subarray(0, left.length + got);
      this.at = 0;
      if (got === 0) {
        if (left.length > 0) throw new Error('A run of sorted rows ends within a row.');
        return;
      }
      needed = rowBytes(this.rows, 0);
    }
    this.hash = hashAt(this.rows, this.at);
  }
}
