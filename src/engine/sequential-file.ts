import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { DamagedError } from './errors.ts';

/** Bytes asked of the file system at once. Calls are synchronous: jobs run in a thread of their own. */
const CHUNK_BYTES = 256 * 1024;

/** Memory of files that were closed, for the next ones: to have new memory filled with zeros takes as long as to use it. */
const spareChunks: Buffer[] = [];
const SPARE_CHUNKS_MAX = 8;

function takeChunk(): Buffer {
  return spareChunks.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
}

function giveBackChunk(chunk: Buffer): void {
  if (chunk.length === CHUNK_BYTES && spareChunks.length < SPARE_CHUNKS_MAX) spareChunks.push(chunk);
}

/** Reads a known number of bytes of a file from its start to its end. */
export class SequentialReader {
  readonly #fd: number;
  #memory: Buffer | undefined;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #fileOffset = 0;

  constructor(
    readonly path: string,
    /** How much of the file is known to be complete; there may be more. */
    readonly byteCount: number,
    /** Whether what was read may be written over by the next read: it saves most of the cost of memory. */
    readonly reusesMemory = false,
  ) {
    try {
      this.#fd = openSync(path, 'r');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
        throw new DamagedError(path, 0, 'the file is missing');
      }
      throw cause;
    }
  }

  /** Offset of the next byte that `read` returns. */
  get offset(): number {
    return this.#fileOffset - (this.#chunk.length - this.#at);
  }

  get remaining(): number {
    return this.byteCount - this.offset;
  }

  /** The next `count` bytes. They stay valid, unless memory is reused. */
  read(count: number): Buffer {
    if (count > this.remaining) {
      throw new DamagedError(this.path, this.offset, `${count} bytes expected, ${this.remaining} left`);
    }
    if (this.#at + count > this.#chunk.length) this.#refill(count);
    const bytes = this.#chunk.subarray(this.#at, this.#at + count);
    this.#at += count;
    return bytes;
  }

  /** Passes over bytes; those that are not in memory yet are not read. */
  skip(count: number): void {
    const inMemory = Math.min(count, this.#chunk.length - this.#at);
    this.#at += inMemory;
    this.#fileOffset += count - inMemory;
  }

  close(): void {
    closeSync(this.#fd);
    if (this.#memory) giveBackChunk(this.#memory);
    this.#memory = undefined;
  }

  #refill(count: number): void {
    const left = this.#chunk.subarray(this.#at);
    const size = Math.min(Math.max(count, CHUNK_BYTES), left.length + this.byteCount - this.#fileOffset);
    const chunk = this.#memoryOf(size);
    left.copy(chunk);
    for (let filled = left.length; filled < size; ) {
      const got = readSync(this.#fd, chunk, filled, size - filled, this.#fileOffset);
      if (got === 0) throw new DamagedError(this.path, this.#fileOffset, `the file ends before byte ${this.byteCount}`);
      filled += got;
      this.#fileOffset += got;
    }
    this.#chunk = chunk;
    this.#at = 0;
  }

  #memoryOf(size: number): Buffer {
    if (!this.reusesMemory) return Buffer.allocUnsafe(size);
    this.#memory ??= takeChunk();
    if (this.#memory.length < size) {
      giveBackChunk(this.#memory);
      this.#memory = Buffer.allocUnsafeSlow(size);
    }
    return this.#memory.subarray(0, size);
  }
}

/** A file of that name that a failed job left may be another name of a file in use, so it is not written into. */
function openNew(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    rmSync(path);
    return openSync(path, 'wx');
  }
}

/** Writes a new file from its start to its end. It is not durable before somebody syncs it. */
export class SequentialWriter {
  readonly #fd: number;
  readonly #chunk = takeChunk();
  readonly #onFlush: ((bytes: Buffer) => void) | undefined;
  #pendingBytes = 0;
  #written = 0;

  /** `onFlush` is shown all bytes in order, in large chunks; they are valid during the call. */
  constructor(path: string, onFlush?: (bytes: Buffer) => void) {
    this.#fd = openNew(path);
    this.#onFlush = onFlush;
  }

  get byteCount(): number {
    return this.#written + this.#pendingBytes;
  }

  write(bytes: Buffer): void {
    if (bytes.length >= CHUNK_BYTES / 4) {
      this.flush();
      this.#emit(bytes);
      return;
    }
    for (let from = 0; from < bytes.length; ) {
      if (this.#pendingBytes === CHUNK_BYTES) this.flush();
      const copied = bytes.copy(this.#chunk, this.#pendingBytes, from);
      this.#pendingBytes += copied;
      from += copied;
    }
  }

  /** Hands what was written to the file system. */
  flush(): void {
    this.#emit(this.#chunk.subarray(0, this.#pendingBytes));
    this.#pendingBytes = 0;
  }

  close(): void {
    closeSync(this.#fd);
    giveBackChunk(this.#chunk);
  }

  #emit(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#fd, bytes, from);
    this.#onFlush?.(bytes);
    this.#written += bytes.length;
  }
}
