import path from 'node:path';
import { crc32 } from 'node:zlib';
import { appendItem, type Block, decodeGroup, encodeGroup, endOfItem, positionAt } from './block.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { DamagedError } from './errors.ts';
import { encodeFrame, readFrames } from './frames.ts';
import { deflatePiece, GZIP_HEADER, GzipMember } from './gzip-member.ts';
import { SequentialReader, SequentialWriter } from './sequential-file.ts';

/** About 1 MiB of lines: enough for one call of zlib to cost little beside what it does, little enough to hold. */
const GROUP_BLOCKS = 64;

export interface WrittenPartition {
  /** File name of the data file. */
  readonly data: string;
  readonly itemCount: number;
  readonly sizeBytes: number;
  readonly logicalBytes: number;
  readonly md5Hex: string;
  /**
   * CRC-32 of the data file, if it has an index: it tells four times as fast as the MD5 whether the file is still what was
   * written.
   */
  readonly crc: number;
  /** Length of the index, zero when there is none. */
  readonly indexBytes: number;
}

/** A partition of a base: its data file, which is a finished export of that partition, and the index of its blocks. */
export type BasePartition = Omit<WrittenPartition, 'data'> & {
  /** Path of the data file. */
  readonly data: string;
};

/** Neighbouring items that stay as they are: a range of lines, and the range of their entries in the index. */
export interface ItemRun {
  readonly lines: Buffer;
  readonly linesFrom: number;
  readonly linesTo: number;
  readonly items: Buffer;
  readonly itemsFrom: number;
  readonly itemsTo: number;
  readonly itemCount: number;
}

/** The file beside a data file that knows its blocks. */
export function indexOf(data: string): string {
  return `${data}.index`;
}

/** Writes the data file of one partition, of new lines and of blocks copied from a base, in order of position. */
export class PartitionWriter {
  readonly #path: string;
  readonly #level: number;
  readonly #pieceBytes: number;
  readonly #member: GzipMember;
  readonly #index: IndexWriter | undefined;
  readonly #lines: ByteBuffer;
  readonly #items = new ByteBuffer(4096);
  #itemCount = 0;
  #pendingItems = 0;

  constructor(
    data: string,
    options: { readonly level: number; readonly pieceBytes: number; readonly indexed: boolean },
  ) {
    this.#path = data;
    this.#level = options.level;
    this.#pieceBytes = options.pieceBytes;
    this.#lines = new ByteBuffer(2 * options.pieceBytes);
    this.#member = new GzipMember(data, { checked: options.indexed });
    this.#index = options.indexed ? new IndexWriter(indexOf(data)) : undefined;
  }

  /** Bytes of lines that still go into the piece that was begun. */
  get roomBytes(): number {
    return this.#pieceBytes - this.#lines.length;
  }

  add(position: string, line: Buffer): void {
    this.#lines.append(line);
    if (this.#index) appendItem(this.#items, position, line.length);
    this.#pendingItems += 1;
    if (this.roomBytes <= 0) this.#endBlock();
  }

  addRun(run: ItemRun): void {
    this.#lines.append(run.lines, run.linesFrom, run.linesTo);
    if (this.#index) this.#items.append(run.items, run.itemsFrom, run.itemsTo);
    this.#pendingItems += run.itemCount;
    if (this.roomBytes <= 0) this.#endBlock();
  }

  /**
   * Takes a block of a base as it is. Lines of an export that were added before may then follow it: their order means
   * nothing to its readers, and zlib deflates many together a third faster than the few between two copied blocks.
   */
  copy(block: Block, stored: Buffer): void {
    if (this.#index) this.#endBlock();
    this.#append(block, stored);
  }

  finish(): WrittenPartition {
    this.#endBlock();
    const indexBytes = this.#index?.finish() ?? 0;
    return { ...this.#member.finish(), data: path.basename(this.#path), itemCount: this.#itemCount, indexBytes };
  }

  close(): void {
    this.#member.close();
    this.#index?.close();
  }

  #endBlock(): void {
    const itemCount = this.#pendingItems;
    if (itemCount === 0) return;
    const piece = deflatePiece(this.#lines.bytes, this.#level);
    const { bytes } = this.#items;
    const ends = this.#index
      ? { first: positionAt(bytes, 0), last: lastPosition(bytes), items: deflateItems(bytes) }
      : NO_INDEX;
    this.#append({ ...piece, ...ends, storedBytes: piece.stored.length, itemCount }, piece.stored);
    this.#lines.clear();
    this.#items.clear();
    this.#pendingItems = 0;
  }

  #append(block: Block, stored: Buffer): void {
    this.#member.append({ stored, rawBytes: block.rawBytes, rawCrc: block.rawCrc });
    this.#index?.add(block, stored);
    this.#itemCount += block.itemCount;
  }
}

const NO_INDEX = { first: '', last: '', items: Buffer.alloc(0) };

function lastPosition(items: Buffer): string {
  let last = 0;
  for (let at = 0; at < items.length; at = endOfItem(items, at)) last = at;
  return positionAt(items, last);
}

function deflateItems(items: Buffer): Buffer {
  return deflatePiece(items, 6).stored;
}

/** Writes the index of a base's partition, a frame a group of blocks. */
class IndexWriter {
  readonly #file: SequentialWriter;
  #blocks: Block[] = [];
  #storedCrc = 0;

  constructor(file: string) {
    this.#file = new SequentialWriter(file);
  }

  add(block: Block, stored: Buffer): void {
    this.#blocks.push(block);
    this.#storedCrc = crc32(stored, this.#storedCrc);
    if (this.#blocks.length === GROUP_BLOCKS) this.#endGroup();
  }

  /** Its length. */
  finish(): number {
    if (this.#blocks.length > 0) this.#endGroup();
    this.#file.flush();
    return this.#file.byteCount;
  }

  close(): void {
    this.#file.close();
  }

  #endGroup(): void {
    this.#file.write(encodeFrame(encodeGroup({ blocks: this.#blocks, storedCrc: this.#storedCrc })));
    this.#blocks = [];
    this.#storedCrc = 0;
  }
}

/** A block whose neighbours changed around it and left it small is written anew, so that bases do not fragment. */
export function isFragment(block: Block, pieceBytes: number): boolean {
  return block.rawBytes < pieceBytes / 2;
}

/**
 * The blocks of a base's partition in order, in groups, each with its deflated bytes, verified; or the wanted groups. The
 * bytes of a group are valid until the next one.
 */
export function* readGroups(
  base: BasePartition,
  isWanted: (blocks: readonly Block[]) => boolean = () => true,
): Generator<{
  readonly blocks: readonly Block[];
  readonly stored: Buffer;
}> {
  const index = new SequentialReader(indexOf(base.data), base.indexBytes, true);
  const data = new SequentialReader(base.data, base.sizeBytes, true);
  try {
    data.read(GZIP_HEADER.length);
    for (const frame of readFrames(index)) {
      const { blocks, storedCrc } = decodeGroup(frame);
      const { offset } = data;
      const byteCount = blocks.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
      if (!isWanted(blocks)) {
        data.skip(byteCount);
        continue;
      }
      const stored = data.read(byteCount);
      if (crc32(stored) !== storedCrc) throw new DamagedError(base.data, offset, 'wrong checksum');
      yield { blocks, stored };
    }
  } finally {
    index.close();
    data.close();
  }
}
