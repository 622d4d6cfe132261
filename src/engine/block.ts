import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** An item's place in a block. */
export interface BlockItem {
  readonly position: string;
  readonly lineBytes: number;
}

/** A piece of a base's data file and what its index knows of it. Blocks follow one another in order of position. */
export interface Block {
  readonly storedBytes: number;
  /** CRC-32 of the deflated bytes: a piece that is copied is verified without inflating it. */
  readonly storedCrc: number;
  readonly rawBytes: number;
  readonly rawCrc: number;
  readonly itemCount: number;
  readonly first: string;
  readonly last: string;
  /** The positions and line lengths, deflated; only a block that changes needs them. */
  readonly items: Buffer;
}

/** Five u32 of the block, the lengths of `first` and `last`, both, then `items`. */
const HEADER_BYTES = 28;
/** Length of position u32, length of line u32, position. */
const ITEM_HEADER_BYTES = 8;

export function encodeBlock(block: Block): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const { storedBytes, storedCrc, rawBytes, rawCrc, itemCount, first, last } = block;
  for (const [field, value] of [
    storedBytes,
    storedCrc,
    rawBytes,
    rawCrc,
    itemCount,
    first.length,
    last.length,
  ].entries())
    header.writeUInt32LE(value, field * 4);
  return Buffer.concat([header, Buffer.from(first + last, 'latin1'), block.items]);
}

export function decodeBlock(bytes: Buffer): Block {
  const firstTo = HEADER_BYTES + bytes.readUInt32LE(20);
  const lastTo = firstTo + bytes.readUInt32LE(24);
  return {
    storedBytes: bytes.readUInt32LE(0),
    storedCrc: bytes.readUInt32LE(4),
    rawBytes: bytes.readUInt32LE(8),
    rawCrc: bytes.readUInt32LE(12),
    itemCount: bytes.readUInt32LE(16),
    first: bytes.toString('latin1', HEADER_BYTES, firstTo),
    last: bytes.toString('latin1', firstTo, lastTo),
    items: bytes.subarray(lastTo),
  };
}

export function encodeItems(items: readonly BlockItem[]): Buffer {
  const parts = items.map(({ position, lineBytes }) => {
    const bytes = Buffer.allocUnsafe(ITEM_HEADER_BYTES + position.length);
    bytes.writeUInt32LE(position.length, 0);
    bytes.writeUInt32LE(lineBytes, 4);
    bytes.write(position, ITEM_HEADER_BYTES, 'latin1');
    return bytes;
  });
  return deflateRawSync(Buffer.concat(parts));
}

export function* decodeItems(deflated: Buffer): Generator<BlockItem> {
  const bytes = inflateRawSync(deflated);
  for (let at = 0; at < bytes.length; ) {
    const to = at + ITEM_HEADER_BYTES + bytes.readUInt32LE(at);
    yield { position: bytes.toString('latin1', at + ITEM_HEADER_BYTES, to), lineBytes: bytes.readUInt32LE(at + 4) };
    at = to;
  }
}
