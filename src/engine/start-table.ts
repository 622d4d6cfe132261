import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Catalogue, placeCatalogue, stageCatalogue } from './catalogue.ts';
import { ChangeLog, type LogPoint } from './change-log.ts';
import { syncDirectory } from './durable-files.ts';
import { FrameBuffer } from './frames.ts';
import type { BaseItem, Change, StartOptions } from './index.ts';
import type { Limits } from './limits.ts';
import { appendRecord } from './log-record.ts';
import { PARTITIONS, partitionOf } from './partitions.ts';
import type { Restorer } from './restorer.ts';
import { TableBackups } from './table-backups.ts';

const SPOOL_FRAME_BYTES = 1024 * 1024;

interface TableStart extends StartOptions {
  readonly tableId: string;
  readonly tablesDirectory: string;
  readonly items: AsyncIterable<readonly BaseItem[]>;
  readonly limits: Limits;
  readonly restorer: Restorer;
}

/** Builds the first base and an empty log in a new directory. The backups are on once its catalogue is in place. */
export async function startTable(start: TableStart): Promise<TableBackups> {
  const { tableId, tablesDirectory, limits, timeMicros, sequence, periodDays } = start;
  // A directory of its own for each start: exports may still read what an earlier one left.
  const directory = path.join(tablesDirectory, `${tableId}.${randomUUID()}`);
  await mkdir(directory);
  try {
    const spools = await spoolItems(directory, start, start.items);
    const base = await start.restorer.writeFirstBase(
      spools.map((spool) => ({ path: spool.path, byteCount: spool.byteCount })),
      start,
      directory,
    );
    for (const spool of spools) await rm(spool.path);
    const log = { name: `log-${sequence}` };
    const changeLog = await ChangeLog.create(path.join(directory, log.name), { sequence, timeMicros });
    const catalogue: Catalogue = {
      tableId,
      periodDays,
      earliestMicros: timeMicros,
      generations: [{ sequence, timeMicros, base, log }],
    };
    await stageCatalogue(directory, catalogue);
    await syncDirectory(tablesDirectory);
    await placeCatalogue(directory);
    return new TableBackups(directory, catalogue, changeLog, limits);
  } catch (cause) {
    await rm(directory, { recursive: true });
    throw cause;
  }
}

/** Writes the items of a snapshot as logs that put each of them, one a partition, for jobs to sort. */
async function spoolItems(
  directory: string,
  at: LogPoint,
  items: AsyncIterable<readonly BaseItem[]>,
): Promise<Spool[]> {
  const spools: Spool[] = [];
  try {
    for (const partition of PARTITIONS) spools.push(await Spool.create(path.join(directory, `spool-${partition}`)));
    const { timeMicros, sequence } = at;
    for await (const batch of items) {
      for (const { partitionHash, key, image } of batch) {
        const spool = spools[partitionOf(partitionHash.charCodeAt(0))];
        if (spool === undefined) throw new TypeError(`Not a partition hash: ${partitionHash}`);
        // Awaited only when there is something to wait for: there are millions of items.
        if (spool.add({ timeMicros, sequence, partitionHash, key, newImage: image })) await spool.write();
      }
    }
    for (const spool of spools) await spool.write();
    return spools;
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
