import type { ByteBuffer } from './byte-buffer.ts';

/** A piece of a base's data file and what its index knows of it. Blocks follow one another in order of position. */
export interface Block {
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly rawCrc: number;
  readonly itemCount: number;
  readonly first: string;
  readonly last: string;
  /** Its items as `appendItem` writes them, deflated as a piece; only a block that changes needs them. */
  readonly items: Buffer;
}

/** Blocks that are neighbours in the data file. They are read, checked and, where they change, inflated together. */
export interface BlockGroup {
  readonly blocks: readonly Block[];
  /** CRC-32 of the deflated bytes of all of them: pieces that are copied are verified without inflating them. */
  readonly storedCrc: number;
}

/** Four u32 of the block, the lengths of `first`, `last` and `items`, then these three. */
const HEADER_BYTES = 28;
/** Length of position u32, length of line u32, position. */
export const ITEM_HEADER_BYTES = 8;

export function encodeGroup({ blocks, storedCrc }: BlockGroup): Buffer {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(storedCrc);
  return Buffer.concat([crc, ...blocks.map(encodeBlock)]);
}

export function decodeGroup(bytes: Buffer): BlockGroup {
  const blocks: Block[] = [];
  for (let at = 4; at < bytes.length; ) {
    const firstFrom = at + HEADER_BYTES;
    const lastFrom = firstFrom + bytes.readUInt32LE(at + 16);
    const itemsFrom = lastFrom + bytes.readUInt32LE(at + 20);
    const itemsTo = itemsFrom + bytes.readUInt32LE(at + 24);
    blocks.push({
      storedBytes: bytes.readUInt32LE(at),
      rawBytes: bytes.readUInt32LE(at + 4),
      rawCrc: bytes.readUInt32LE(at + 8),
      itemCount: bytes.readUInt32LE(at + 12),
      first: bytes.toString('latin1', firstFrom, lastFrom),
      last: bytes.toString('latin1', lastFrom, itemsFrom),
      items: bytes.subarray(itemsFrom, itemsTo),
    });
    at = itemsTo;
  }
  return { blocks, storedCrc: bytes.readUInt32LE(0) };
}

function encodeBlock({ storedBytes, rawBytes, rawCrc, itemCount, first, last, items }: Block): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + first.length + last.length + items.length);
  let at = 0;
  for (const value of [storedBytes, rawBytes, rawCrc, itemCount, first.length, last.length, items.length]) {
    at = bytes.writeUInt32LE(value, at);
  }
  at += bytes.write(first + last, at, 'latin1');
  items.copy(bytes, at);
  return bytes;
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
