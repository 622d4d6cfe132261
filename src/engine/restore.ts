import path from 'node:path';
import { type Block, endOfItem, lineBytesAt, positionAt } from './block.ts';
import { ChangeCursor } from './change-cursor.ts';
import { ChangeSorter } from './change-sorter.ts';
import { readFrames } from './frames.ts';
import { inflatePieces } from './gzip-member.ts';
import { ionItemLines } from './item-line.ts';
import { endOfRecord, type LogRecord, positionFrom, timeMicrosAt } from './log-record.ts';
import {
  type BasePartition,
  isFragment,
  PartitionWriter,
  readGroups,
  type WrittenPartition,
} from './partition-file.ts';
import { endOf, partitionOf } from './partitions.ts';
import { SequentialReader } from './sequential-file.ts';
import { reuseFiles } from './unchanged-partition.ts';

/** Lines of changes that are held to tell which blocks of a group they touch. Where there are more, all are rewritten. */
const LOOK_AHEAD_BYTES = 4 * 1024 * 1024;
/** About what the index entries of a block take; where they take more, zlib allocates once more. */
const ITEMS_BYTES = 4096;

/** What a job that writes a partition reads and writes, as plain data: it crosses to a worker thread. */
export interface PartitionJob {
  readonly partition: number;
  /** The partition in the base, or undefined: the logs hold all there is. */
  readonly base: BasePartition | undefined;
  /** The log files since the base in order, each with the bytes of it that are complete. */
  readonly logs: ReadonlyArray<{ readonly path: string; readonly byteCount: number }>;
  /** The last microsecond whose changes count; Infinity takes the logs whole. */
  readonly throughMicros: number;
  /** Where the data file is written, and its name. */
  readonly directory: string;
  readonly name: string;
  /** Whether it gets the index that lets it serve as a base. */
  readonly indexed: boolean;
  /** Of zlib, 1 to 9, for lines that are deflated anew. */
  readonly compressionLevel: number;
  /** A folder for what does not fit into memory; created when it is needed. The caller removes it. */
  readonly scratchDirectory: string;
  readonly sortMemoryBytes: number;
  /** Lines that are deflated together. */
  readonly pieceBytes: number;
  /** Items of another partition key hash are passed over. */
  readonly partitionHash?: string;
}

/** A partition of a table as it was, in the format of its base. */
export interface RestoreJob extends PartitionJob {
  readonly kind: 'restore';
  readonly format: 'DYNAMODB_JSON' | 'ION';
}

/**
 * Writes a partition of a table as it was at a time: the base, with the changes of the logs up to then. Both exports and
 * new bases are made by it. Throws `DamagedError` when a stored byte is wrong. Synchronous: it is for a thread of its own.
 */
export function restore(job: RestoreJob): WrittenPartition {
  const changes = new ChangeCursor(job.format === 'ION' ? inIon(sortChanges(job)) : sortChanges(job));
  const target = path.join(job.directory, job.name);
  if (job.base && changes.peek() === undefined) return reuseFiles(job.base, target, job.indexed);
  const writer = new PartitionWriter(target, {
    level: job.compressionLevel,
    pieceBytes: job.pieceBytes,
    indexed: job.indexed,
  });
  try {
    for (const { group, stored, blocks: readBlocks } of job.base ? readGroups(job.base) : []) {
      addNewItems(writer, changes, group.first);
      const next = changes.peek();
      if (!job.indexed && (next === undefined || next.position > group.last)) {
        writer.copyGroup(group, stored);
        continue;
      }
      const blocks = readBlocks();
      const touched = touchedBlocks(blocks, changes, job);
      const inflated = new InflatedBlocks(touched, blocks, stored);
      let from = 0;
      for (const block of blocks) {
        addNewItems(writer, changes, block.first);
        if (touched.has(block)) inflated.rewriteNext(block, writer, changes);
        else writer.copyBlock(block, stored.subarray(from, from + block.storedBytes));
        from += block.storedBytes;
      }
    }
    addNewItems(writer, changes, endOf(job.partition));
    return writer.finish();
  } finally {
    writer.close();
  }
}

/** The log holds DynamoDB JSON, whatever the base does. */
function* inIon(changes: Iterable<LogRecord>): Generator<LogRecord> {
  const ionLine = ionItemLines();
  for (const change of changes) yield change.line ? { ...change, line: ionLine(change.line) } : change;
}

/** The newest change of each item up to the job's time, and not before another one if given, in order of position. */
export function sortChanges(job: PartitionJob, fromMicros = Number.NEGATIVE_INFINITY): Generator<LogRecord> {
  const sorter = new ChangeSorter({
    scratchDirectory: job.scratchDirectory,
    memoryBytes: job.sortMemoryBytes,
    expectedBytes: job.logs.reduce((sum, { byteCount }) => sum + byteCount, 0),
  });
  const partitionHash = Buffer.from(job.partitionHash ?? '');
  const isWanted = (records: Buffer, at: number) => {
    const position = positionFrom(at);
    return (
      partitionOf(records.readUInt8(position)) === job.partition &&
      timeMicrosAt(records, at) >= fromMicros &&
      partitionHash.compare(records, position, position + partitionHash.length) === 0
    );
  };
  for (const log of job.logs) {
    const reader = new SequentialReader(log.path, log.byteCount);
    try {
      for (const records of readFrames(reader)) {
        for (let at = 0; at < records.length; at = endOfRecord(records, at)) {
          // Times never decrease within a history, so nothing further on can count either.
          if (timeMicrosAt(records, at) > job.throughMicros) return sorter.sorted();
          if (isWanted(records, at)) sorter.add(records, at);
        }
      }
    } finally {
      reader.close();
    }
  }
  return sorter.sorted();
}

/** The blocks of a group that cannot be copied: those that a change falls into, and small ones that a base would keep. */
function touchedBlocks(blocks: readonly Block[], changes: ChangeCursor, job: RestoreJob): ReadonlySet<Block> {
  const touched = new Set<Block>();
  let ahead = 0;
  let lineBytes = 0;
  for (const block of blocks) {
    let next = changes.peek();
    for (; next && lineBytes < LOOK_AHEAD_BYTES; ahead++) {
      next = changes.peek(ahead);
      if (next === undefined || next.position >= block.first) break;
      lineBytes += next.line?.length ?? 0;
    }
    const changed = next !== undefined && (lineBytes >= LOOK_AHEAD_BYTES || next.position <= block.last);
    if (changed || (job.indexed && isFragment(block, job.pieceBytes))) touched.add(block);
  }
  return touched;
}

/** Adds the changes before `end`, none of which is an item of the base. */
function addNewItems(writer: PartitionWriter, changes: ChangeCursor, end: string): void {
  for (let next = changes.peek(); next && next.position < end; next = changes.peek()) {
    if (next.line) writer.add(next.position, next.line);
    changes.take();
  }
}

/** The blocks of a group that change, inflated together. */
class InflatedBlocks {
  readonly #lines: Buffer;
  readonly #items: Buffer;
  #lineAt = 0;
  #itemAt = 0;

  /** `stored` holds the deflated bytes of all blocks. */
  constructor(touched: ReadonlySet<Block>, blocks: readonly Block[], stored: Buffer) {
    const pieces: Buffer[] = [];
    const items: Buffer[] = [];
    let rawBytes = 0;
    let from = 0;
    for (const block of blocks) {
      if (touched.has(block)) {
        pieces.push(stored.subarray(from, from + block.storedBytes));
        items.push(block.items);
        rawBytes += block.rawBytes;
      }
      from += block.storedBytes;
    }
    const none = pieces.length === 0;
    this.#lines = none ? Buffer.alloc(0) : inflatePieces(Buffer.concat(pieces), rawBytes);
    this.#items = none ? Buffer.alloc(0) : inflatePieces(Buffer.concat(items), items.length * ITEMS_BYTES);
  }

  /** Writes the next touched block with its changes. Lines that stay are copied many at once. */
  rewriteNext(block: Block, writer: PartitionWriter, changes: ChangeCursor): void {
    const lines = this.#lines;
    const items = this.#items;
    let linesFrom = this.#lineAt;
    let itemsFrom = this.#itemAt;
    let lineAt = linesFrom;
    let itemAt = itemsFrom;
    let itemCount = 0;
    const addRun = () => {
      if (itemCount > 0)
        writer.addRun({ lines, linesFrom, linesTo: lineAt, items, itemsFrom, itemsTo: itemAt, itemCount });
      itemCount = 0;
    };
    for (let index = 0; index < block.itemCount; index++) {
      const lineTo = lineAt + lineBytesAt(items, itemAt);
      if (changes.isAfter(items, itemAt)) {
        itemCount += 1;
        lineAt = lineTo;
        itemAt = endOfItem(items, itemAt);
        if (lineAt - linesFrom < writer.roomBytes) continue;
        addRun();
      } else {
        addRun();
        const position = positionAt(items, itemAt);
        addNewItems(writer, changes, position);
        const change = changes.peek()?.position === position ? changes.take() : undefined;
        const line = change ? change.line : lines.subarray(lineAt, lineTo);
        if (line) writer.add(position, line);
        lineAt = lineTo;
        itemAt = endOfItem(items, itemAt);
      }
      linesFrom = lineAt;
      itemsFrom = itemAt;
    }
    addRun();
    this.#lineAt = lineAt;
    this.#itemAt = itemAt;
  }
}
