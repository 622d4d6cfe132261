import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Catalogue, placeCatalogue, stageCatalogue } from './catalogue.ts';
import { ChangeLog, type LogPoint } from './change-log.ts';
import { syncDirectory } from './durable-files.ts';
import { encodeFrame } from './frames.ts';
import type { BaseItem, StartOptions } from './index.ts';
import type { Limits } from './limits.ts';
import { encodeRecord, toRecord } from './log-record.ts';
import type { Restorer } from './restorer.ts';
import { TableBackups } from './table-backups.ts';

const SPOOL_FRAME_BYTES = 1024 * 1024;

interface TableStart extends StartOptions {
  readonly tableId: string;
  readonly tablesDirectory: string;
  readonly items: AsyncIterable<BaseItem>;
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
    const spool = await spoolItems(path.join(directory, 'spool'), start, start.items);
    const base = await start.restorer.writeBase({ base: [], logs: [spool] }, start, directory);
    await rm(spool.path);
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

/** Writes the items of a snapshot as a log that puts each of them, for a job to sort. */
async function spoolItems(
  file: string,
  at: LogPoint,
  items: AsyncIterable<BaseItem>,
): Promise<{ readonly path: string; readonly byteCount: number }> {
  const handle = await open(file, 'w');
  try {
    let byteCount = 0;
    let frame: Buffer[] = [];
    let frameBytes = 0;
    const writeFrame = async () => {
      const bytes = encodeFrame(Buffer.concat(frame));
      await handle.writeFile(bytes);
      byteCount += bytes.length;
      frame = [];
      frameBytes = 0;
    };
    for await (const { partitionHash, key, image } of items) {
      const { timeMicros, sequence } = at;
      const record = encodeRecord(toRecord({ timeMicros, sequence, partitionHash, key, newImage: image }));
      frame.push(record);
      frameBytes += record.length;
      if (frameBytes >= SPOOL_FRAME_BYTES) await writeFrame();
    }
    await writeFrame();
    return { path: file, byteCount };
  } finally {
    await handle.close();
  }
}
