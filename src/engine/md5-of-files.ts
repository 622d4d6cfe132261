import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { Md5Lanes } from './md5-lanes.ts';
import { BLOCK_BYTES, LANES } from './md5-module.ts';

/** Bytes that are read of a file at once. */
const READ_BYTES = 64 * 1024;
/** The mark and the length that end a message (RFC 1321, 3.1 and 3.2). */
const PADDING_BYTES = 9;

/** What a block takes in all lanes at once, in blocks that OpenSSL hashes in that time. */
const LANES_COST = 8 / 3;

/** Kept by the thread for its next files. */
let lanes: Md5Lanes | undefined;
let memory: Buffer | undefined;

/** A file and how long it is. */
export interface SizedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * The MD5 of each file, in hexadecimal. Up to eight are read and hashed at once, in about the time of three; those that would
 * leave most lanes empty are hashed by OpenSSL. Synchronous: it is for a thread of its own.
 */
export function md5OfFiles(files: readonly SizedFile[]): string[] {
  const bySize = [...files.keys()].sort((a, b) => (files[b]?.sizeBytes ?? 0) - (files[a]?.sizeBytes ?? 0));
  const aloneCount = countHashedAlone(bySize.map((index) => files[index]?.sizeBytes ?? 0));
  const digests: string[] = [];
  for (const index of bySize.slice(0, aloneCount)) digests[index] = md5OfFile(files[index]?.path ?? '');
  // The longest first, so that those that end last are short.
  const others = bySize.slice(aloneCount);
  const inLanes = md5sInLanes(others.map((index) => files[index]?.path ?? ''));
  for (const [n, index] of others.entries()) digests[index] = inLanes[n] ?? '';
  return digests;
}

/** How many of the longest files are not worth a lane. Sizes are in descending order. */
export function countHashedAlone(sizes: readonly number[]): number {
  let rest = sizes.reduce((sum, size) => sum + size, 0);
  let alone = 0;
  let best = { count: 0, cost: Number.POSITIVE_INFINITY };
  for (let count = 0; count <= sizes.length; count++) {
    const cost = alone + LANES_COST * Math.max(sizes[count] ?? 0, rest / LANES);
    if (cost < best.cost) best = { count, cost };
    alone += sizes[count] ?? 0;
    rest -= sizes[count] ?? 0;
  }
  return best.count;
}

function md5OfFile(path: string): string {
  memory ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const hash = createHash('md5');
  const fd = openSync(path, 'r');
  try {
    for (let got = readSync(fd, memory); got > 0; got = readSync(fd, memory)) hash.update(memory.subarray(0, got));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

function md5sInLanes(paths: readonly string[]): string[] {
  const digests: string[] = [];
  if (paths.length === 0) return digests;
  lanes ??= new Md5Lanes(READ_BYTES + BLOCK_BYTES);
  const waiting = [...paths.entries()];
  const reading = new Map<number, LaneReader>();
  try {
    for (;;) {
      for (let lane = 0; lane < LANES && waiting.length > 0; lane++) {
        const next = waiting[0];
        if (next === undefined || reading.has(lane)) continue;
        waiting.shift();
        reading.set(lane, new LaneReader(...next, lanes.memoryOf(lane)));
        lanes.begin(lane);
      }
      if (reading.size === 0) return digests;
      const readers = [...reading.values()];
      const blockCount = Math.min(...readers.map((reader) => reader.blocks()));
      lanes.compress(
        Array.from({ length: LANES }, (_, lane) => reading.get(lane)?.offset ?? 0),
        blockCount,
      );
      for (const [lane, reader] of reading) {
        reader.offset += blockCount * BLOCK_BYTES;
        if (!reader.ended) continue;
        digests[reader.index] = lanes.digestHex(lane);
        reader.close();
        reading.delete(lane);
      }
    }
  } finally {
    for (const reader of reading.values()) reader.close();
  }
}

/** A file on its way through a lane. */
class LaneReader {
  readonly index: number;
  /** Where in the lane's memory the next block is. */
  offset = 0;
  readonly #fd: number;
  readonly #memory: Uint8Array;
  #filled = 0;
  #fileBytes = 0;
  #padded = false;

  constructor(index: number, file: string, memory: Uint8Array) {
    this.index = index;
    this.#memory = memory;
    this.#fd = openSync(file, 'r');
  }

  get ended(): boolean {
    return this.#padded && this.offset === this.#filled;
  }

  /** How many blocks lie ready, at least one. */
  blocks(): number {
    if (this.offset === this.#filled) this.#refill();
    return (this.#filled - this.offset) / BLOCK_BYTES;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #refill(): void {
    this.offset = 0;
    this.#filled = 0;
    while (this.#filled < READ_BYTES && !this.#padded) {
      const got = readSync(this.#fd, this.#memory, this.#filled, READ_BYTES - this.#filled, null);
      this.#filled += got;
      this.#fileBytes += got;
      if (got === 0) this.#pad();
    }
  }

  #pad(): void {
    const end = Math.ceil((this.#filled + PADDING_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
    const memory = Buffer.from(this.#memory.buffer, this.#memory.byteOffset, end);
    memory.fill(0, this.#filled).writeUInt8(0x80, this.#filled);
    memory.writeBigUInt64LE(8n * BigInt(this.#fileBytes), end - 8);
    this.#filled = end;
    this.#padded = true;
  }
}
