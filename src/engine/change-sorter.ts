import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { encodeFrame, readFrames } from './frames.ts';
import { decodeRecords, encodeRecord, type LogRecord } from './log-record.ts';
import { Peekable } from './peekable.ts';
import { SequentialReader, SequentialWriter } from './sequential-file.ts';

/** What an entry of the map costs beside its bytes: about 160 were measured for string keys. */
const ENTRY_BYTES = 200;
/** Runs that are merged at once: a file descriptor and a read buffer each. */
const RUNS_MAX = 64;
const RUN_FRAME_BYTES = 256 * 1024;

/**
 * Sorts the changes of a log by position, keeping the newest of each item, in bounded memory: what does not fit is
 * spilled as sorted runs into the scratch directory, which the caller removes.
 */
export class ChangeSorter {
  readonly #scratchDirectory: string;
  readonly #memoryBytes: number;
  readonly #newest = new Map<string, LogRecord>();
  #bytes = 0;
  /** Oldest first. */
  #runs: { readonly path: string; readonly byteCount: number }[] = [];
  #runCount = 0;

  constructor(options: { readonly scratchDirectory: string; readonly memoryBytes: number }) {
    this.#scratchDirectory = options.scratchDirectory;
    this.#memoryBytes = options.memoryBytes;
  }

  /** Takes the changes in the order of the log. */
  add(record: LogRecord): void {
    const replaced = this.#newest.get(record.position);
    // Copied, as a line is a view of a whole frame and would keep it all in memory.
    this.#newest.set(record.position, { ...record, line: record.line && Buffer.from(record.line) });
    this.#bytes += replaced
      ? (record.line?.length ?? 0) - (replaced.line?.length ?? 0)
      : ENTRY_BYTES + record.position.length + (record.line?.length ?? 0);
    if (this.#bytes > this.#memoryBytes) this.#spill();
  }

  /** The newest change of each item, in order of position. Call it once, after the last `add`. */
  *sorted(): Generator<LogRecord> {
    if (this.#runs.length === 0) {
      yield* this.#inMemory();
      return;
    }
    this.#spill();
    yield* this.#mergeRuns();
  }

  #inMemory(): LogRecord[] {
    return [...this.#newest.values()].sort((a, b) => (a.position < b.position ? -1 : 1));
  }

  #spill(): void {
    this.#runs.push(this.#writeRun(this.#inMemory()));
    this.#newest.clear();
    this.#bytes = 0;
    if (this.#runs.length === RUNS_MAX) this.#runs = [this.#writeRun(this.#mergeRuns())];
  }

  #writeRun(records: Iterable<LogRecord>): { readonly path: string; readonly byteCount: number } {
    mkdirSync(this.#scratchDirectory, { recursive: true });
    const file = path.join(this.#scratchDirectory, `run-${this.#runCount++}`);
    const writer = new SequentialWriter(file);
    try {
      let frame: Buffer[] = [];
      let frameBytes = 0;
      for (const record of records) {
        const bytes = encodeRecord(record);
        frame.push(bytes);
        frameBytes += bytes.length;
        if (frameBytes < RUN_FRAME_BYTES) continue;
        writer.write(encodeFrame(Buffer.concat(frame)));
        frame = [];
        frameBytes = 0;
      }
      writer.write(encodeFrame(Buffer.concat(frame)));
      writer.flush();
      return { path: file, byteCount: writer.byteCount };
    } finally {
      writer.close();
    }
  }

  *#mergeRuns(): Generator<LogRecord> {
    const readers = this.#runs.map((run) => new SequentialReader(run.path, run.byteCount));
    try {
      const runs = readers.map((reader) => new Peekable(readRecords(reader)));
      for (;;) {
        let newest: LogRecord | undefined;
        for (const run of runs) {
          const record = run.peek();
          if (record && (newest === undefined || record.position <= newest.position)) newest = record;
        }
        if (newest === undefined) return;
        for (const run of runs) if (run.peek()?.position === newest.position) run.take();
        yield newest;
      }
    } finally {
      for (const reader of readers) reader.close();
    }
  }
}

/** The records of a file of frames, all or those of one partition, in the order of the file. */
export function* readRecords(reader: SequentialReader, partition?: number): Generator<LogRecord> {
  for (const frame of readFrames(reader)) yield* decodeRecords(frame, partition);
}
