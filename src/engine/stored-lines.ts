import { type Block, endOfItem, lineBytesAt, positionAt, type Range } from './block.ts';
import { inflatePieces } from './gzip-member.ts';
import type { Segment } from './segment.ts';
import { readGroups } from './segment-reader.ts';

/** About what the index entries of a block take; where they take more, zlib allocates once more. */
const ITEMS_BYTES = 4096;

/** An item's place and its line. */
export interface StoredLine {
  readonly position: string;
  readonly line: Buffer;
}

export interface StoredBlock {
  readonly block: Block;
  readonly stored: Buffer;
}

/** The items of a base's partition in order, or only those of one partition key hash. */
export function* storedLines(base: readonly Segment[], partitionHash = ''): Generator<StoredLine> {
  const mayHold = ({ first, last }: Range) =>
    last >= partitionHash && first.slice(0, partitionHash.length) <= partitionHash;
  for (const stored of storedBlocks(base, mayHold)) {
    for (const item of linesOf(stored)) if (item.position.startsWith(partitionHash)) yield item;
  }
}

/** The wanted blocks of a base's partition in order. Whether one is wanted is asked again when its turn has come. */
export function* storedBlocks(base: readonly Segment[], isWanted: (range: Range) => boolean): Generator<StoredBlock> {
  for (const { blocks, stored } of readGroups(base, isWanted)) {
    let from = 0;
    for (const block of blocks()) {
      const to = from + block.storedBytes;
      if (isWanted(block)) yield { block, stored: stored.subarray(from, to) };
      from = to;
    }
  }
}

/** The items of a block. */
export function* linesOf({ block, stored }: StoredBlock): Generator<StoredLine> {
  const lines = inflatePieces(stored, block.rawBytes);
  const items = inflatePieces(block.items, ITEMS_BYTES);
  let from = 0;
  for (let at = 0; at < items.length; at = endOfItem(items, at)) {
    const to = from + lineBytesAt(items, at);
    yield { position: positionAt(items, at), line: lines.subarray(from, to) };
    from = to;
  }
}
