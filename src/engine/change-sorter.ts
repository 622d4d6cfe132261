import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ByteBuffer } from './byte-buffer.ts';
import { FrameBuffer, readFrames } from './frames.ts';
import { endOfRecord, type LogRecord, positionFrom, positionOf, positionTo, recordAt } from './log-record.ts';
import { hexDigit } from './partitions.ts';
import { Peekable } from './peekable.ts';
import { SequentialReader, SequentialWriter } from './sequential-file.ts';

/** What sorting takes for a record beside its bytes. */
const ENTRY_BYTES = 32;
/** Runs that are merged at once: a file descriptor and a read buffer each. */
const RUNS_MAX = 64;
const RUN_FRAME_BYTES = 256 * 1024;
/**
 * Digits of a position's hash that are compared as a number, and what that is multiplied by to add the place of a record:
 * together they are 52 bits, which a double holds.
 */
const PREFIX_DIGITS = 7;
const RECORDS_MAX = 2 ** 24;

/** Where an encoded record is, and its position where that is known. */
interface Place {
  readonly records: Buffer;
  readonly at: number;
  readonly position?: string | undefined;
}

/**
 * Sorts the changes of a log by position, keeping the newest of each item, in bounded memory: what does not fit is
 * spilled as sorted runs into the scratch directory, which the caller removes. Records are kept as they are encoded, in
 * one piece of memory, and sorted as numbers made of the first digits of their positions.
 */
export class ChangeSorter {
  readonly #scratchDirectory: string;
  readonly #memoryBytes: number;
  readonly #expectedBytes: number;
  #records: ByteBuffer | undefined;
  /** Where each record begins, in the order in which they came. */
  #starts: number[] = [];
  /** Oldest first. */
  #runs: { readonly path: string; readonly byteCount: number }[] = [];
  #runCount = 0;

  /** `expectedBytes`: the most that will be added, where that is known to be less than what memory takes. */
  constructor(options: {
    readonly scratchDirectory: string;
    readonly memoryBytes: number;
    readonly expectedBytes?: number;
  }) {
    this.#scratchDirectory = options.scratchDirectory;
    this.#memoryBytes = options.memoryBytes;
    this.#expectedBytes = options.expectedBytes ?? options.memoryBytes;
  }

  /** Takes a copy of the record at `at`. To be called in the order of the log. */
  add(records: Buffer, at: number): void {
    const to = endOfRecord(records, at);
    // Reserved at once: growing would hold it twice for a while. Node.js fills it with zeros, so no more than is needed.
    this.#records ??= new ByteBuffer(Math.min(this.#memoryBytes, this.#expectedBytes));
    const bytes = this.#records.length + (this.#starts.length + 1) * ENTRY_BYTES + (to - at);
    if (this.#starts.length > 0 && (bytes > this.#memoryBytes || this.#starts.length === RECORDS_MAX)) this.#spill();
    this.#starts.push(this.#records.length);
    this.#records.append(records, at, to);
  }

  /** The newest change of each item, in order of position. Call it once, after the last `add`. */
  *sorted(): Generator<LogRecord> {
    if (this.#runs.length > 0) {
      this.#spill();
      this.#records = undefined;
    }
    const places = this.#runs.length > 0 ? this.#mergeRuns() : this.#inMemory();
    for (const { records, at, position } of places) yield recordAt(records, at, position);
  }

  *#inMemory(): Generator<Place> {
    const records = this.#records?.bytes ?? Buffer.alloc(0);
    const starts = this.#starts;
    const keys = new Float64Array(starts.length);
    // By its index: `entries` makes an array for each.
    for (let place = 0; place < starts.length; place++) {
      keys[place] = prefixOf(records, starts[place] ?? 0) * RECORDS_MAX + place;
    }
    keys.sort();
    const startOf = (key = 0) => starts[key % RECORDS_MAX] ?? 0;
    const prefixAt = (index: number) => Math.floor((keys[index] ?? Number.NaN) / RECORDS_MAX);
    for (let from = 0, to = 0; from < keys.length; from = to) {
      const prefix = prefixAt(from);
      for (to = from + 1; prefixAt(to) === prefix; ) to += 1;
      if (to === from + 1) {
        yield { records, at: startOf(keys[from]) };
        continue;
      }
      const same: Place[] = [];
      for (let index = from; index < to; index++) {
        const at = startOf(keys[index]);
        // As strings they are compared in a fifth of the time, and made only once.
        same.push({ records, at, position: positionOf(records, at) });
      }
      // Sorting is stable, so the changes of an item stay in the order in which they came.
      same.sort(byPosition);
      for (const [index, place] of same.entries()) {
        const next = same[index + 1];
        if (next === undefined || next.position !== place.position) yield place;
      }
    }
  }

  #spill(): void {
    this.#runs.push(this.#writeRun(this.#inMemory()));
    this.#starts = [];
    this.#records?.clear();
    if (this.#runs.length === RUNS_MAX) this.#runs = [this.#writeRun(this.#mergeRuns())];
  }

  #writeRun(places: Iterable<Place>): { readonly path: string; readonly byteCount: number } {
    mkdirSync(this.#scratchDirectory, { recursive: true });
    const file = path.join(this.#scratchDirectory, `run-${this.#runCount++}`);
    const writer = new SequentialWriter(file);
    const frame = new FrameBuffer(RUN_FRAME_BYTES);
    try {
      for (const { records, at } of places) {
        frame.records.append(records, at, endOfRecord(records, at));
        if (frame.payloadBytes < RUN_FRAME_BYTES) continue;
        writer.write(frame.seal());
        frame.clear();
      }
      writer.write(frame.seal());
      writer.flush();
      return { path: file, byteCount: writer.byteCount };
    } finally {
      writer.close();
    }
  }

  *#mergeRuns(): Generator<Place> {
    const readers = this.#runs.map((run) => new SequentialReader(run.path, run.byteCount));
    try {
      const runs = readers.map((reader) => new Peekable(placesIn(reader)));
      for (;;) {
        let newest: Place | undefined;
        for (const run of runs) {
          const place = run.peek();
          if (place && (newest === undefined || compare(place, newest) <= 0)) newest = place;
        }
        if (newest === undefined) return;
        for (const run of runs) {
          const place = run.peek();
          if (place && compare(place, newest) === 0) run.take();
        }
        yield newest;
      }
    } finally {
      for (const reader of readers) reader.close();
    }
  }
}

/** The first digits of a record's position as a number. */
function prefixOf(records: Buffer, at: number): number {
  const from = positionFrom(at);
  let prefix = 0;
  for (let digit = from; digit < from + PREFIX_DIGITS; digit++) prefix = 16 * prefix + hexDigit(records[digit] ?? 0);
  return prefix;
}

function byPosition({ position: a = '' }: Place, { position: b = '' }: Place): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compare(a: Place, b: Place): number {
  const [atA, atB] = [a.at, b.at];
  return a.records.compare(
    b.records,
    positionFrom(atB),
    positionTo(b.records, atB),
    positionFrom(atA),
    positionTo(a.records, atA),
  );
}

function* placesIn(reader: SequentialReader): Generator<Place> {
  for (const records of readFrames(reader)) {
    for (let at = 0; at < records.length; at = endOfRecord(records, at)) yield { records, at };
  }
}
