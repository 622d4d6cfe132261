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

export function decodeBlocks(bytes: Buffer): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < bytes.length; ) {
    const itemsFrom = endOfExtent(bytes, at) + BLOCK_BYTES;
    const itemsTo = itemsFrom + bytes.readUInt32LE(itemsFrom - BLOCK_BYTES);
    const { storedBytes, rawBytes, rawCrc, itemCount, first, last } = extentAt(bytes, at);
    // Named one by one: spreading would take as long as all the rest.
    const items = bytes.subarray(itemsFrom, itemsTo);
    blocks.push({ storedBytes, rawBytes, rawCrc, itemCount, first, last, items });
    at = itemsTo;
  }
  return blocks;
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
