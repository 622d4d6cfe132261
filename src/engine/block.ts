import type { ByteBuffer } from './byte-buffer.ts';
import { combineCrc } from './crc-combine.ts';

/** Items that are neighbours, by the positions of the first and the last of them. */
export interface Range {
  readonly first: string;
  readonly last: string;
}

/** A part of a data file that may be copied as it is: it holds the items of its range and no other. */
export interface Extent extends Range {
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly rawCrc: number;
  readonly itemCount: number;
}

/** A piece of the data file and what its index knows of it. Blocks follow one another in order of position. */
export interface Block extends Extent {
  /** Its items as `appendItem` writes them, deflated as a piece; only a block that changes needs them. */
  readonly items: Buffer;
}

/** Blocks that are neighbours in the data file. They are read and checked, and copied or inflated, together. */
export interface BlockGroup extends Extent {
  /** CRC-32 of the deflated bytes of all of them: what is copied is verified without being inflated. */
  readonly storedCrc: number;
  /** Length of the frame of the index that has its blocks. */
  readonly frameBytes: number;
}

/** The extent that neighbouring blocks are together. */
export function extentOf(blocks: readonly Block[]): Extent {
  let [storedBytes, rawBytes, rawCrc, itemCount] = [0, 0, 0, 0];
  for (const block of blocks) {
    storedBytes += block.storedBytes;
    rawBytes += block.rawBytes;
    rawCrc = combineCrc(rawCrc, block.rawCrc, block.rawBytes);
    itemCount += block.itemCount;
  }
  return { storedBytes, rawBytes, rawCrc, itemCount, first: blocks[0]?.first ?? '', last: blocks.at(-1)?.last ?? '' };
}

/** Four u32 of the extent and the lengths of `first` and `last`; both follow. */
const EXTENT_BYTES = 24;
/** What a block adds to its extent: the length of `items`, which follow. */
const BLOCK_BYTES = 4;
/** What a group adds to its extent: `storedCrc` and `frameBytes`. */
const GROUP_BYTES = 8;
/** Length of position u32, length of line u32, position. */
export const ITEM_HEADER_BYTES = 8;

export function appendBlock(bytes: ByteBuffer, block: Block): void {
  appendExtent(bytes, block);
  bytes.appendUInt32(block.items.length);
  bytes.append(block.items);
}

export function decodeBlocks(bytes: Buffer): IndexedBlock[] {
  const blocks: IndexedBlock[] = [];
  for (let at = 0; at < bytes.length; ) {
    const block = new IndexedBlock(bytes, at);
    blocks.push(block);
    at = block.to;
  }
  return blocks;
}

/**
 * A block as the index has it. Its positions and items are made of the encoded bytes only where they are asked for: most
 * blocks are copied together with their neighbours.
 */
export class IndexedBlock implements Block {
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly rawCrc: number;
  readonly itemCount: number;
  /** Where the block after it begins. */
  readonly to: number;
  readonly #bytes: Buffer;
  readonly #firstFrom: number;
  readonly #lastFrom: number;
  readonly #lastTo: number;

  constructor(bytes: Buffer, at: number) {
    this.storedBytes = bytes.readUInt32LE(at);
    this.rawBytes = bytes.readUInt32LE(at + 4);
    this.rawCrc = bytes.readUInt32LE(at + 8);
    this.itemCount = bytes.readUInt32LE(at + 12);
    this.#bytes = bytes;
    this.#firstFrom = at + EXTENT_BYTES;
    this.#lastFrom = this.#firstFrom + bytes.readUInt32LE(at + 16);
    this.#lastTo = this.#lastFrom + bytes.readUInt32LE(at + 20);
    this.to = this.#lastTo + BLOCK_BYTES + bytes.readUInt32LE(this.#lastTo);
  }

  get first(): string {
    return this.#bytes.toString('latin1', this.#firstFrom, this.#lastFrom);
  }

  get last(): string {
    return this.#bytes.toString('latin1', this.#lastFrom, this.#lastTo);
  }

  get items(): Buffer {
    return this.#bytes.subarray(this.#lastTo + BLOCK_BYTES, this.to);
  }

  /** Whether it begins after a position. */
  isAfter(position: string): boolean {
    return comparePosition(position, this.#bytes, this.#firstFrom, this.#lastFrom) < 0;
  }

  /** Whether it ends before a position. */
  isBefore(position: string): boolean {
    return comparePosition(position, this.#bytes, this.#lastFrom, this.#lastTo) > 0;
  }
}

/** How a position compares to one that is encoded. Mostly told by the first eight digits of their hashes, without a string. */
function comparePosition(position: string, bytes: Buffer, from: number, to: number): number {
  const high = digitsAt(position, 0) - bytes.readUInt32BE(from);
  if (high !== 0) return high;
  const low = digitsAt(position, 4) - bytes.readUInt32BE(from + 4);
  if (low !== 0) return low;
  const other = bytes.toString('latin1', from, to);
  return position < other ? -1 : position > other ? 1 : 0;
}

/** Four characters of a position as the big-endian number that their bytes are. */
export function digitsAt(position: string, at: number): number {
  return (
    position.charCodeAt(at) * 2 ** 24 +
    ((position.charCodeAt(at + 1) << 16) | (position.charCodeAt(at + 2) << 8) | position.charCodeAt(at + 3))
  );
}

export function appendGroup(bytes: ByteBuffer, group: BlockGroup): void {
  appendExtent(bytes, group);
  bytes.appendUInt32(group.storedCrc);
  bytes.appendUInt32(group.frameBytes);
}

export function decodeGroups(bytes: Buffer): BlockGroup[] {
  const groups: BlockGroup[] = [];
  for (let at = 0; at < bytes.length; ) {
    const extentTo = endOfExtent(bytes, at);
    groups.push({
      ...extentAt(bytes, at),
      storedCrc: bytes.readUInt32LE(extentTo),
      frameBytes: bytes.readUInt32LE(extentTo + 4),
    });
    at = extentTo + GROUP_BYTES;
  }
  return groups;
}

function appendExtent(bytes: ByteBuffer, { storedBytes, rawBytes, rawCrc, itemCount, first, last }: Extent): void {
  for (const value of [storedBytes, rawBytes, rawCrc, itemCount, first.length, last.length]) bytes.appendUInt32(value);
  bytes.appendLatin1(first);
  bytes.appendLatin1(last);
}

function endOfExtent(bytes: Buffer, at: number): number {
  return at + EXTENT_BYTES + bytes.readUInt32LE(at + 16) + bytes.readUInt32LE(at + 20);
}

function extentAt(bytes: Buffer, at: number): Extent {
  const firstFrom = at + EXTENT_BYTES;
  const lastFrom = firstFrom + bytes.readUInt32LE(at + 16);
  return {
    storedBytes: bytes.readUInt32LE(at),
    rawBytes: bytes.readUInt32LE(at + 4),
    rawCrc: bytes.readUInt32LE(at + 8),
    itemCount: bytes.readUInt32LE(at + 12),
    first: bytes.toString('latin1', firstFrom, lastFrom),
    last: bytes.toString('latin1', lastFrom, endOfExtent(bytes, at)),
  };
}

/** Adds an item's place in a block. */
export function appendItem(items: ByteBuffer, position: string, lineBytes: number): void {
  items.appendUInt32(position.length);
  items.appendUInt32(lineBytes);
  items.appendLatin1(position);
}

/** The position of the item whose entry begins at `at`. */
export function positionAt(items: Buffer, at: number): string {
  return items.toString('latin1', at + ITEM_HEADER_BYTES, endOfItem(items, at));
}

/** Where the entry after the one at `at` begins. */
export function endOfItem(items: Buffer, at: number): number {
  return at + ITEM_HEADER_BYTES + items.readUInt32LE(at);
}

/** The length of the line of the item whose entry begins at `at`. */
export function lineBytesAt(items: Buffer, at: number): number {
  return items.readUInt32LE(at + 4);
}
