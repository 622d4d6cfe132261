import path from 'node:path';
import { crc32 } from 'node:zlib';
import {
  appendBlock,
  appendGroup,
  appendItem,
  type Block,
  type BlockGroup,
  decodeBlocks,
  decodeGroups,
  type Extent,
  endOfItem,
  positionAt,
} from './block.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { combineCrc } from './crc-combine.ts';
import { DamagedError } from './errors.ts';
import { FrameBuffer, readFrame } from './frames.ts';
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
  /** Length of the frame at its end that lists its groups of blocks. */
  readonly directoryBytes: number;
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
  copyBlock(block: Block, stored: Buffer): void {
    if (this.#index) this.#endBlock();
    this.#index?.add(block, stored);
    this.#append(block, stored);
  }

  /** The same for a whole group, in a file without an index: that would need its blocks. */
  copyGroup(group: BlockGroup, stored: Buffer): void {
    if (this.#index) throw new TypeError('An index has to know each block');
    this.#append(group, stored);
  }

  finish(): WrittenPartition {
    this.#endBlock();
    const index = this.#index?.finish() ?? { indexBytes: 0, directoryBytes: 0 };
    return { ...this.#member.finish(), ...index, data: path.basename(this.#path), itemCount: this.#itemCount };
  }

  close(): void {
    this.#member.close();
    this.#index?.close();
  }

  #endBlock(): void {
    const itemCount = this.#pendingItems;
    if (itemCount === 0) return;
    const { stored, ...piece } = deflatePiece(this.#lines.bytes, this.#level);
    const { bytes } = this.#items;
    const ends = this.#index ? { first: positionAt(bytes, 0), last: lastPosition(bytes) } : NO_ENDS;
    const extent = { ...piece, ...ends, storedBytes: stored.length, itemCount };
    this.#index?.add({ ...extent, items: deflateItems(bytes) }, stored);
    this.#append(extent, stored);
    this.#lines.clear();
    this.#items.clear();
    this.#pendingItems = 0;
  }

  #append({ rawBytes, rawCrc, itemCount }: Extent, stored: Buffer): void {
    this.#member.append({ stored, rawBytes, rawCrc });
    this.#itemCount += itemCount;
  }
}

const NO_ENDS = { first: '', last: '' };

function lastPosition(items: Buffer): string {
  let last = 0;
  for (let at = 0; at < items.length; at = endOfItem(items, at)) last = at;
  return positionAt(items, last);
}

function deflateItems(items: Buffer): Buffer {
  return deflatePiece(items, 6).stored;
}

/** Writes the index of a base's partition: a frame a group of blocks, and at the end one that lists the groups. */
class IndexWriter {
  readonly #file: SequentialWriter;
  readonly #blocks = new FrameBuffer(64 * 1024);
  readonly #directory = new FrameBuffer(64 * 1024);
  #group: Omit<BlockGroup, 'frameBytes'> | undefined;
  #blockCount = 0;

  constructor(file: string) {
    this.#file = new SequentialWriter(file);
  }

  add(block: Block, stored: Buffer): void {
    appendBlock(this.#blocks.records, block);
    const { storedBytes, rawBytes, rawCrc, itemCount, storedCrc, first } = this.#group ?? {
      ...NO_EXTENT,
      first: block.first,
    };
    this.#group = {
      storedBytes: storedBytes + block.storedBytes,
      rawBytes: rawBytes + block.rawBytes,
      rawCrc: combineCrc(rawCrc, block.rawCrc, block.rawBytes),
      itemCount: itemCount + block.itemCount,
      storedCrc: crc32(stored, storedCrc),
      first,
      last: block.last,
    };
    this.#blockCount += 1;
    if (this.#blockCount === GROUP_BLOCKS) this.#endGroup();
  }

  finish(): { readonly indexBytes: number; readonly directoryBytes: number } {
    this.#endGroup();
    const directory = this.#directory.seal();
    this.#file.write(directory);
    this.#file.flush();
    return { indexBytes: this.#file.byteCount, directoryBytes: directory.length };
  }

  close(): void {
    this.#file.close();
  }

  #endGroup(): void {
    if (this.#group === undefined) return;
    const frame = this.#blocks.seal();
    this.#file.write(frame);
    appendGroup(this.#directory.records, { ...this.#group, frameBytes: frame.length });
    this.#blocks.clear();
    this.#group = undefined;
    this.#blockCount = 0;
  }
}

const NO_EXTENT = { storedBytes: 0, rawBytes: 0, rawCrc: 0, itemCount: 0, storedCrc: 0 };

/** A block whose neighbours changed around it and left it small is written anew, so that bases do not fragment. */
export function isFragment(block: Block, pieceBytes: number): boolean {
  return block.rawBytes < pieceBytes / 2;
}

/** A group of a base, its deflated bytes, verified and valid until the next group, and what reads its blocks. */
export interface ReadGroup {
  readonly group: BlockGroup;
  readonly stored: Buffer;
  /** Decoded only where it is asked for: a group that is copied whole does without. */
  readonly blocks: () => readonly Block[];
}

/** The groups of a base's partition in order, or the wanted ones; whether one is wanted is asked when its turn has come. */
export function* readGroups(
  base: BasePartition,
  isWanted: (group: BlockGroup) => boolean = () => true,
): Generator<ReadGroup> {
  const groups = readDirectory(base);
  const index = new SequentialReader(indexOf(base.data), base.indexBytes, true);
  const data = new SequentialReader(base.data, base.sizeBytes, true);
  try {
    data.skip(GZIP_HEADER.length);
    let frameFrom = 0;
    for (const group of groups) {
      const { offset } = data;
      if (isWanted(group)) {
        const stored = data.read(group.storedBytes);
        if (crc32(stored) !== group.storedCrc) throw new DamagedError(base.data, offset, 'wrong checksum');
        const from = frameFrom;
        yield {
          group,
          stored,
          blocks: () => {
            index.skip(from - index.offset);
            return decodeBlocks(readFrame(index));
          },
        };
      } else {
        data.skip(group.storedBytes);
      }
      frameFrom += group.frameBytes;
    }
  } finally {
    index.close();
    data.close();
  }
}

function readDirectory({ data, indexBytes, directoryBytes }: BasePartition): BlockGroup[] {
  const reader = new SequentialReader(indexOf(data), indexBytes);
  try {
    reader.skip(indexBytes - directoryBytes);
    return decodeGroups(readFrame(reader));
  } finally {
    reader.close();
  }
}
