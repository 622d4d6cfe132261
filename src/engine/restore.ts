import { type Block, endOfItem, type IndexedBlock, lineBytesAt, positionAt } from './block.ts';
import { ChangeCursor } from './change-cursor.ts';
import { ChangeSorter } from './change-sorter.ts';
import { readFrames } from './frames.ts';
import { inflatePieces } from './gzip-member.ts';
import { ionItemLines } from './item-line.ts';
import { endOfRecord, type LogRecord, positionFrom, timeMicrosAt } from './log-record.ts';
import type { OnFile, PartitionJob } from './partition-job.ts';
import { isFragment, PartitionWriter } from './partition-writer.ts';
import { endOf, partitionOf } from './partitions.ts';
import type { Segment } from './segment.ts';
import { readGroups } from './segment-reader.ts';
import { SequentialReader } from './sequential-file.ts';

/** Lines of changes that are held to tell which blocks of a group they touch. Where there are more, all are rewritten. */
const LOOK_AHEAD_BYTES = 4 * 1024 * 1024;
/** About what the index entries of a block take; where they take more, zlib allocates once more. */
const ITEMS_BYTES = 4096;

/** A partition of a table as it was, in the format of its base. */
export interface RestoreJob extends PartitionJob {
  readonly kind: 'restore';
}

/**
 * Writes a partition of a table as it was at a time: the base, with the changes of the logs up to then. Both exports and
 * new bases are made by it. Throws `DamagedError` when a stored byte is wrong. Synchronous: it is for a thread of its own.
 */
export function restore(job: RestoreJob, onFile: OnFile): Segment[] {
  const changes = new ChangeCursor(job.format === 'ION' ? inIon(sortChanges(job)) : sortChanges(job));
  const writer = new PartitionWriter(job, onFile);
  try {
    for (const [index, segment] of job.base.entries()) {
      const end = job.base[index + 1]?.first ?? endOf(job.partition);
      const next = changes.peek();
      const isChanged = next !== undefined && next.position < end;
      // A base goes on with the next segment after one that has become small: else it would fall into ever more of them.
      if (isChanged || (job.indexed && writer.isFileShort)) restoreSegment(job, segment, changes, writer);
      else writer.keep(segment);
      addNewItems(writer, changes, end);
    }
    addNewItems(writer, changes, endOf(job.partition));
    return writer.finish();
  } finally {
    writer.close();
  }
}

function restoreSegment(job: RestoreJob, segment: Segment, changes: ChangeCursor, writer: PartitionWriter): void {
  writer.beginSegment(segment);
  for (const { group, stored, blocks: readBlocks } of readGroups([segment])) {
    addNewItems(writer, changes, group.first);
    const next = changes.peek();
    if (!job.indexed && (next === undefined || next.position > group.last)) {
      writer.copyGroup(group, stored);
      continue;
    }
    const blocks = readBlocks();
    const touched = touchedBlocks(blocks, changes, job);
    const inflated = new InflatedBlocks(touched, blocks, stored);
    let [runFrom, bytesFrom, bytesTo] = [0, 0, 0];
    /** Copies the blocks up to one that does not just follow them. */
    const copyUpTo = (to: number) => {
      if (to > runFrom) writer.copyBlocks(blocks.slice(runFrom, to), stored.subarray(bytesFrom, bytesTo));
      [runFrom, bytesFrom] = [to, bytesTo];
    };
    for (const [n, block] of blocks.entries()) {
      const isTouched = touched.has(block);
      const change = changes.peek();
      if (isTouched || (change && block.isAfter(change.position))) {
        copyUpTo(n);
        addNewItems(writer, changes, block.first);
      }
      bytesTo += block.storedBytes;
      if (!isTouched) continue;
      inflated.rewriteNext(block, writer, changes);
      [runFrom, bytesFrom] = [n + 1, bytesTo];
    }
    copyUpTo(blocks.length);
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
  const hash = job.partitionHash === undefined ? undefined : Buffer.from(job.partitionHash);
  const isWanted = (records: Buffer, at: number) => {
    const position = positionFrom(at);
    return (
      partitionOf(records.readUInt8(position)) === job.partition &&
      timeMicrosAt(records, at) >= fromMicros &&
      (hash === undefined || hash.compare(records, position, position + hash.length) === 0)
    );
  };
  for (const log of job.logs) {
    const reader = new SequentialReader(log.path, log.byteCount, true);
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
function touchedBlocks(
  blocks: readonly IndexedBlock[],
  changes: ChangeCursor,
  job: RestoreJob,
): ReadonlySet<IndexedBlock> {
  const touched = new Set<IndexedBlock>();
  let ahead = 0;
  let lineBytes = 0;
  let next = changes.peek();
  for (const block of blocks) {
    while (next && lineBytes < LOOK_AHEAD_BYTES && block.isAfter(next.position)) {
      lineBytes += next.line?.length ?? 0;
      ahead += 1;
      next = changes.peek(ahead);
    }
    const changed = next !== undefined && (lineBytes >= LOOK_AHEAD_BYTES || !block.isBefore(next.position));
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
    // In one call: where few blocks are touched, the calls of zlib take longer than what it does.
    const all = Buffer.concat([...pieces, ...items]);
    const inflated = all.length === 0 ? all : inflatePieces(all, rawBytes + items.length * ITEMS_BYTES);
    this.#lines = inflated.subarray(0, rawBytes);
    this.#items = inflated.subarray(rawBytes);
  }

  /** Writes the next touched block with its changes. Lines that stay are copied many at once. */
  rewriteNext(block: Block, writer: PartitionWriter, changes: ChangeCursor): void {
    const lines = this.#lines;
    const items = this.#items;
    writer.reach(block.first);
    let linesFrom = this.#lineAt;
    let itemsFrom = this.#itemAt;
    let lineAt = linesFrom;
    let itemAt = itemsFrom;
    let lastFrom = itemsFrom;
    let itemCount = 0;
    const addRun = () => {
      if (itemCount > 0)
        writer.addRun({ lines, linesFrom, linesTo: lineAt, items, itemsFrom, itemsTo: itemAt, lastFrom, itemCount });
      itemCount = 0;
    };
    for (let index = 0; index < block.itemCount; index++) {
      const lineTo = lineAt + lineBytesAt(items, itemAt);
      if (changes.isAfter(items, itemAt)) {
        itemCount += 1;
        lastFrom = itemAt;
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
