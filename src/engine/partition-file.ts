import path from 'node:path';
import { crc32 } from 'node:zlib';
import { type Block, type BlockItem, decodeBlock, encodeBlock, encodeItems } from './block.ts';
import { DamagedError } from './errors.ts';
import { encodeFrame, readFrames } from './frames.ts';
import { deflatePiece, GZIP_HEADER, GzipMember } from './gzip-member.ts';
import { SequentialReader, SequentialWriter } from './sequential-file.ts';

export interface WrittenPartition {
  /** File name of the data file. */
  readonly data: string;
  readonly itemCount: number;
  readonly sizeBytes: number;
  readonly logicalBytes: number;
  readonly md5: Uint8Array;
  /** Length of the index, zero when there is none. */
  readonly indexBytes: number;
}

/** A partition of a base: its data file, which is a finished export of that partition, and the index of its blocks. */
export interface BasePartition {
  /** Path of the data file. */
  readonly data: string;
  readonly sizeBytes: number;
  readonly indexBytes: number;
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
  readonly #data: SequentialWriter;
  readonly #index: SequentialWriter | undefined;
  readonly #member: GzipMember;
  #lines: Buffer[] = [];
  #items: BlockItem[] = [];
  #lineBytes = 0;
  #itemCount = 0;

  constructor(
    data: string,
    options: { readonly level: number; readonly pieceBytes: number; readonly indexed: boolean },
  ) {
    this.#path = data;
    this.#level = options.level;
    this.#pieceBytes = options.pieceBytes;
    this.#data = new SequentialWriter(data);
    this.#index = options.indexed ? new SequentialWriter(indexOf(data)) : undefined;
    this.#member = new GzipMember(this.#data);
  }

  add(position: string, line: Buffer): void {
    this.#lines.push(line);
    this.#items.push({ position, lineBytes: line.length });
    this.#lineBytes += line.length;
    if (this.#lineBytes >= this.#pieceBytes) this.#endBlock();
  }

  /** Takes a block of a base as it is. */
  copy(block: Block, stored: Buffer): void {
    this.#endBlock();
    this.#append(block, stored);
  }

  /** Durable when it returns. */
  finish(): WrittenPartition {
    this.#endBlock();
    const written = this.#member.finish();
    this.#data.sync();
    this.#index?.sync();
    return {
      ...written,
      data: path.basename(this.#path),
      itemCount: this.#itemCount,
      indexBytes: this.#index?.byteCount ?? 0,
    };
  }

  close(): void {
    this.#data.close();
    this.#index?.close();
  }

  #endBlock(): void {
    const first = this.#items[0];
    const last = this.#items.at(-1);
    if (first === undefined || last === undefined) return;
    const { stored, rawBytes, rawCrc } = deflatePiece(Buffer.concat(this.#lines, this.#lineBytes), this.#level);
    this.#append(
      {
        storedBytes: stored.length,
        storedCrc: crc32(stored),
        rawBytes,
        rawCrc,
        itemCount: this.#items.length,
        first: first.position,
        last: last.position,
        items: this.#index ? encodeItems(this.#items) : Buffer.alloc(0),
      },
      stored,
    );
    this.#lines = [];
    this.#items = [];
    this.#lineBytes = 0;
  }

  #append(block: Block, stored: Buffer): void {
    this.#member.append({ stored, rawBytes: block.rawBytes, rawCrc: block.rawCrc });
    this.#index?.write(encodeFrame(encodeBlock(block)));
    this.#itemCount += block.itemCount;
  }
}

/** A block whose neighbours changed around it and left it small is written anew, so that bases do not fragment. */
export function isFragment(block: Block, pieceBytes: number): boolean {
  return block.rawBytes < pieceBytes / 2;
}

/** The blocks of a base's partition in order, each with its deflated bytes, verified. */
export function* readBlocks(base: BasePartition): Generator<{ readonly block: Block; readonly stored: Buffer }> {
  const index = new SequentialReader(indexOf(base.data), base.indexBytes);
  const data = new SequentialReader(base.data, base.sizeBytes);
  try {
    data.read(GZIP_HEADER.length);
    for (const frame of readFrames(index)) {
      const block = decodeBlock(frame);
      const { offset } = data;
      const stored = data.read(block.storedBytes);
      if (crc32(stored) !== block.storedCrc) throw new DamagedError(base.data, offset, 'wrong checksum');
      yield { block, stored };
    }
  } finally {
    index.close();
    data.close();
  }
}
