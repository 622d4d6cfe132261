import path from 'node:path';
import { crc32 } from 'node:zlib';
import { appendBlock, appendGroup, type Block, type BlockGroup, type Extent } from './block.ts';
import { combineCrc } from './crc-combine.ts';
import { FrameBuffer } from './frames.ts';
import { GzipMember } from './gzip-member.ts';
import { indexOf, type Segment } from './segment.ts';
import { SequentialWriter } from './sequential-file.ts';

/** About half a MiB of lines: enough for one call of zlib to cost little beside what it does, little enough to hold. */
const GROUP_BLOCKS = 64;

/** What a segment is before its MD5 is known. */
export type UnhashedSegment = Omit<Segment, 'md5Hex'>;

/** Writes one data file, and its index if it has one, of pieces in order of position. */
export class SegmentWriter {
  readonly #path: string;
  readonly #member: GzipMember;
  readonly #index: IndexWriter | undefined;
  #itemCount = 0;
  #first = '';
  #last = '';

  constructor(data: string, { indexed }: { readonly indexed: boolean }) {
    this.#path = data;
    this.#member = new GzipMember(data, { checked: indexed });
    this.#index = indexed ? new IndexWriter(indexOf(data)) : undefined;
  }

  /** Length of the data file so far. */
  get sizeBytes(): number {
    return this.#member.sizeBytes;
  }

  /** Blocks that are neighbours, and the extent that they are together. */
  appendBlocks(blocks: readonly Block[], extent: Extent, stored: Buffer): void {
    let from = 0;
    if (this.#index) {
      for (const block of blocks) {
        this.#index.add(block, stored.subarray(from, from + block.storedBytes));
        from += block.storedBytes;
      }
    }
    this.append(extent, stored);
  }

  /** What no index has to know. */
  append({ rawBytes, rawCrc, itemCount, first, last }: Extent, stored: Buffer): void {
    this.#member.append({ stored, rawBytes, rawCrc });
    if (this.#itemCount === 0) this.#first = first;
    this.#last = last;
    this.#itemCount += itemCount;
  }

  finish(): UnhashedSegment {
    const index = this.#index?.finish() ?? { indexBytes: 0, directoryBytes: 0 };
    const ends = this.#index ? { first: this.#first, last: this.#last } : { first: '', last: '' };
    const data = path.basename(this.#path);
    return { ...this.#member.finish(), ...index, ...ends, data, itemCount: this.#itemCount };
  }

  close(): void {
    this.#member.close();
    this.#index?.close();
  }
}

/** Writes the index of a segment: a frame a group of blocks, and at the end one that lists the groups. */
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
