import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Catalogue, placeCatalogue, stageCatalogue } from './catalogue.ts';
import { ChangeLog, type LogPoint } from './change-log.ts';
import { syncDirectory } from './durable-files.ts';
import type { BaseItem, Change, StartOptions } from './index.ts';
import type { Limits } from './limits.ts';
import type { Restorer } from './restorer.ts';
import { spoolChanges } from './spool.ts';
import { TableBackups } from './table-backups.ts';

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
    const spools = await spoolChanges(directory, changesOf(start, start.items));
    const base = await start.restorer.writeFirstBase(spools, start, directory);
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

/** A snapshot as changes that put each of its items. */
async function* changesOf(
  { timeMicros, sequence }: LogPoint,
  batches: AsyncIterable<readonly BaseItem[]>,
): AsyncGenerator<Change[]> {
  for await (const batch of batches) {
    yield batch.map(({ partitionHash, key, image }) => ({ timeMicros, sequence, partitionHash, key, newImage: image }));
  }
}
