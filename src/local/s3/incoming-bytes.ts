import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type ChecksumAlgorithm, createDigest } from './checksums.ts';
import type { ObjectFiles } from './object-files.ts';

/** Bytes that have been written, durable, to a path under `.incoming`. */
export interface IncomingBytes {
  readonly path: string;
  readonly sizeBytes: number;
  readonly digests: Digests;
}

export interface Digests {
  readonly md5: Buffer;
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, Buffer>;
}

/** The MD5 and checksums of bytes as they pass by, a piece at a time. */
export class Meter {
  sizeBytes = 0;
  readonly #md5 = createHash('md5');
  readonly #checksums;

  constructor(algorithms: Iterable<ChecksumAlgorithm>) {
    this.#checksums = [...new Set(algorithms)].map((algorithm) => ({ algorithm, digest: createDigest(algorithm) }));
  }

  async *measure(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
    for await (const chunk of content) {
      this.sizeBytes += chunk.length;
      this.#md5.update(chunk);
      for (const { digest } of this.#checksums) digest.update(chunk);
      yield chunk;
    }
  }

  /** To be asked once, at the end. */
  async digests(): Promise<Digests> {
    const checksums = new Map<ChecksumAlgorithm, Buffer>();
    for (const { algorithm, digest } of this.#checksums) checksums.set(algorithm, Buffer.from(await digest.digest()));
    return { md5: this.#md5.digest(), checksums };
  }
}

/** Streams bytes into a new durable file under `.incoming`; nothing is left of it when the content or `verify` throws. */
export async function writeIncoming(
  content: AsyncIterable<Buffer>,
  files: ObjectFiles,
  algorithms: Iterable<ChecksumAlgorithm>,
  verify: (sizeBytes: number, digests: Digests) => void = () => undefined,
): Promise<IncomingBytes> {
  const meter = new Meter(algorithms);
  const path = files.newIncomingPath();
  try {
    await pipeline(meter.measure(content), createWriteStream(path, { flags: 'wx', flush: true }));
    const digests = await meter.digests();
    verify(meter.sizeBytes, digests);
    return { path, sizeBytes: meter.sizeBytes, digests };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
