import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { FrameBuffer } from './frames.ts';
import type { Change } from './index.ts';
import { appendRecord } from './log-record.ts';
import type { PartitionJob } from './partition-job.ts';
import { PARTITIONS, partitionOf } from './partitions.ts';

const SPOOL_FRAME_BYTES = 1024 * 1024;

/** Writes changes in their order as logs, one a partition, for jobs to sort. The caller removes them. */
export async function spoolChanges(
  directory: string,
  batches: AsyncIterable<readonly Change[]>,
): Promise<PartitionJob['logs']> {
  const spools: Spool[] = [];
  try {
    for (const partition of PARTITIONS) spools.push(await Spool.create(path.join(directory, `spool-${partition}`)));
    for await (const batch of batches) {
      for (const change of batch) {
        const spool = spools[partitionOf(change.partitionHash.charCodeAt(0))];
        if (spool === undefined) throw new TypeError(`Not a partition hash: ${change.partitionHash}`);
        // Awaited only when there is something to wait for: there are millions of items.
        if (spool.add(change)) await spool.write();
      }
    }
    for (const spool of spools) await spool.write();
    return spools.map(({ path, byteCount }) => ({ path, byteCount }));
  } finally {
    for (const spool of spools) await spool.close();
  }
}

/** A log that is not synced: it is for one job, and gone after it. */
class Spool {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #frame = new FrameBuffer(2 * SPOOL_FRAME_BYTES);
  byteCount = 0;

  private constructor(file: string, handle: FileHandle) {
    this.path = file;
    this.#handle = handle;
  }

  static async create(file: string): Promise<Spool> {
    return new Spool(file, await open(file, 'w'));
  }

  /** Returns whether it is time to write. */
  add(change: Change): boolean {
    appendRecord(this.#frame.records, change);
    return this.#frame.payloadBytes >= SPOOL_FRAME_BYTES;
  }

  async write(): Promise<void> {
    const bytes = this.#frame.seal();
    await this.#handle.writeFile(bytes);
    this.byteCount += bytes.length;
    this.#frame.clear();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
