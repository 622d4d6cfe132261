import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { combineCrc } from './crc-combine.ts';
import { SequentialWriter } from './sequential-file.ts';

/** No flags, no time, unknown system: the header DynamoDB writes (facts §3.3). */
export const GZIP_HEADER = Buffer.from('1f8b08000000000000ff', 'hex');
/** An empty final block: it ends a deflate stream whose pieces all end byte-aligned. */
const END_OF_STREAM = Buffer.from([0x03, 0x00]);

/** Some lines, deflated with no reference to what precedes them and ended byte-aligned: it fits into any member. */
export interface Piece {
  readonly stored: Buffer;
  readonly rawBytes: number;
  readonly rawCrc: number;
}

export function deflatePiece(raw: Buffer, level: number): Piece {
  const stored = deflateRawSync(raw, {
    level,
    // The largest: a tenth faster than the default for large pieces, and no slower for small ones.
    memLevel: constants.Z_MAX_MEMLEVEL,
    finishFlush: constants.Z_FULL_FLUSH,
    // Room for all of it, where it deflates to less than half: zlib then writes into one chunk.
    chunkSize: Math.max(raw.length >>> 1, constants.Z_MIN_CHUNK),
  });
  return { stored, rawBytes: raw.length, rawCrc: crc32(raw) };
}

/** Inflates pieces that were joined: one call for many is twice as fast as one for each. */
export function inflatePieces(stored: Buffer, rawBytes: number): Buffer {
  return inflateRawSync(stored, {
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: Math.max(rawBytes, constants.Z_MIN_CHUNK),
  });
}

/**
 * A file of one gzip member, joined of pieces. One member and not one a piece: Java's `GZIPInputStream` silently stops
 * after the first member of a stream that has no bytes available at that moment.
 */
export class GzipMember {
  readonly #file: SequentialWriter;
  #fileCrc = 0;
  #rawBytes = 0;
  #rawCrc = 0;

  /** `checked`: whether the file's own CRC-32 is wanted. */
  constructor(path: string, { checked }: { readonly checked: boolean }) {
    const addToCrc = (bytes: Buffer) => {
      this.#fileCrc = crc32(bytes, this.#fileCrc);
    };
    this.#file = new SequentialWriter(path, checked ? addToCrc : undefined);
    this.#file.write(GZIP_HEADER);
  }

  /** Length of the file so far. */
  get sizeBytes(): number {
    return this.#file.byteCount;
  }

  append(piece: Piece): void {
    this.#file.write(piece.stored);
    this.#rawCrc = combineCrc(this.#rawCrc, piece.rawCrc, piece.rawBytes);
    this.#rawBytes += piece.rawBytes;
  }

  finish(): { readonly sizeBytes: number; readonly logicalBytes: number; readonly crc: number } {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#rawCrc, 0);
    trailer.writeUInt32LE(this.#rawBytes % 2 ** 32, 4);
    this.#file.write(END_OF_STREAM);
    this.#file.write(trailer);
    this.#file.flush();
    return { sizeBytes: this.#file.byteCount, logicalBytes: this.#rawBytes, crc: this.#fileCrc };
  }

  close(): void {
    this.#file.close();
  }
}
