import { crc32 } from 'node:zlib';
import { type BlockGroup, decodeBlocks, decodeGroups, type IndexedBlock, type Range } from './block.ts';
import { DamagedError } from './errors.ts';
import { readFrame } from './frames.ts';
import { GZIP_HEADER } from './gzip-member.ts';
import { indexOf, type Segment } from './segment.ts';
import { SequentialReader } from './sequential-file.ts';

/** A group of blocks, its deflated bytes, verified and valid until the next group, and what reads its blocks. */
export interface ReadGroup {
  readonly group: BlockGroup;
  readonly stored: Buffer;
  /** Decoded only where it is asked for: a group that is copied whole does without. */
  readonly blocks: () => readonly IndexedBlock[];
}

/**
 * The groups of segments in order, or the wanted ones. Whether one is wanted is asked when its turn has come, of a whole
 * segment before its index is read.
 */
export function* readGroups(
  segments: readonly Segment[],
  isWanted: (range: Range) => boolean = () => true,
): Generator<ReadGroup> {
  for (const segment of segments) if (segment.itemCount > 0 && isWanted(segment)) yield* readSegment(segment, isWanted);
}

function* readSegment(segment: Segment, isWanted: (range: Range) => boolean): Generator<ReadGroup> {
  const groups = readDirectory(segment);
  const index = new SequentialReader(indexOf(segment.data), segment.indexBytes, true);
  const data = new SequentialReader(segment.data, segment.sizeBytes, true);
  try {
    data.skip(GZIP_HEADER.length);
    let frameFrom = 0;
    for (const group of groups) {
      const { offset } = data;
      if (isWanted(group)) {
        const stored = data.read(group.storedBytes);
        if (crc32(stored) !== group.storedCrc) throw new DamagedError(segment.data, offset, 'wrong checksum');
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

function readDirectory({ data, indexBytes, directoryBytes }: Segment): BlockGroup[] {
  const reader = new SequentialReader(indexOf(data), indexBytes, true);
  try {
    reader.skip(indexBytes - directoryBytes);
    return decodeGroups(readFrame(reader));
  } finally {
    reader.close();
  }
}
