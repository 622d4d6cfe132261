import path from 'node:path';
import { type Block, decodeItems } from './block.ts';
import { ChangeSorter, readRecords } from './change-sorter.ts';
import { inflatePiece } from './gzip-member.ts';
import type { LogRecord } from './log-record.ts';
import {
  type BasePartition,
  isFragment,
  PartitionWriter,
  readBlocks,
  type WrittenPartition,
} from './partition-file.ts';
import { Peekable } from './peekable.ts';
import { SequentialReader } from './sequential-file.ts';

/** Data files of a table: an on-demand table has four partitions (facts §3.2), each a quarter of the hashes. */
export const PARTITION_COUNT = 4;

/** Everything a job needs, as plain data: it crosses to a worker thread. */
export interface RestoreJob {
  /** The partitions of the base, or none: the logs hold all there is. */
  readonly base: readonly BasePartition[];
  /** The log files since the base in order, each with the bytes of it that are complete. */
  readonly logs: ReadonlyArray<{ readonly path: string; readonly byteCount: number }>;
  /** The last microsecond whose changes count; Infinity takes the logs whole. */
  readonly throughMicros: number;
  /** Where the data files are written, and their names, one a partition. */
  readonly directory: string;
  readonly names: readonly string[];
  /** Whether each gets the index that lets it serve as a base. */
  readonly indexed: boolean;
  /** Of zlib, 1 to 9, for lines that are deflated anew. */
  readonly compressionLevel: number;
  /** An empty folder for what does not fit into memory. The caller removes it. */
  readonly scratchDirectory: string;
  readonly sortMemoryBytes: number;
  /** Lines that are deflated together. */
  readonly pieceBytes: number;
}

/**
 * Writes a table as it was at a time: the base, with the changes of the logs up to then. Both exports and new bases are
 * made by it. Throws `DamagedError` when a stored byte is wrong. Synchronous: it is for a thread of its own.
 */
export function restore(job: RestoreJob): WrittenPartition[] {
  const changes = new Peekable(sortChanges(job));
  return job.names.map((name, partition) => {
    const writer = new PartitionWriter(path.join(job.directory, name), {
      level: job.compressionLevel,
      pieceBytes: job.pieceBytes,
      indexed: job.indexed,
    });
    try {
      const base = job.base[partition];
      for (const { block, stored } of base ? readBlocks(base) : []) {
        addNewItems(writer, changes, block.first);
        const next = changes.peek();
        const untouched = next === undefined || next.position > block.last;
        if (untouched && !isFragment(block, job.pieceBytes)) writer.copy(block, stored);
        else rewriteBlock(writer, changes, block, stored);
      }
      addNewItems(writer, changes, endOf(partition));
      return writer.finish();
    } finally {
      writer.close();
    }
  });
}

function sortChanges(job: RestoreJob): Generator<LogRecord> {
  const sorter = new ChangeSorter({ scratchDirectory: job.scratchDirectory, memoryBytes: job.sortMemoryBytes });
  for (const log of job.logs) {
    const reader = new SequentialReader(log.path, log.byteCount);
    try {
      for (const record of readRecords(reader)) {
        // Times never decrease within a log, so nothing further on can count either.
        if (record.timeMicros > job.throughMicros) break;
        sorter.add(record);
      }
    } finally {
      reader.close();
    }
  }
  return sorter.sorted();
}

/** Adds the changes before `end`, none of which is an item of the base. */
function addNewItems(writer: PartitionWriter, changes: Peekable<LogRecord>, end: string): void {
  for (let next = changes.peek(); next && next.position < end; next = changes.peek()) {
    if (next.line) writer.add(next.position, next.line);
    changes.take();
  }
}

function rewriteBlock(writer: PartitionWriter, changes: Peekable<LogRecord>, block: Block, stored: Buffer): void {
  const lines = inflatePiece(stored, block.rawBytes);
  let at = 0;
  for (const { position, lineBytes } of decodeItems(block.items)) {
    addNewItems(writer, changes, position);
    const change = changes.peek()?.position === position ? changes.take() : undefined;
    const line = change ? change.line : lines.subarray(at, at + lineBytes);
    if (line) writer.add(position, line);
    at += lineBytes;
  }
}

/** The position that all of a partition's are below. Positions begin with a hexadecimal hash. */
function endOf(partition: number): string {
  const digitsEach = 16 / PARTITION_COUNT;
  return partition === PARTITION_COUNT - 1 ? 'g' : ((partition + 1) * digitsEach).toString(16);
}
