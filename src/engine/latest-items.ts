import type { Change, ExportResult } from './index.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { Restorer } from './restorer.ts';
import { spoolChanges } from './spool.ts';
import { WorkerThreads } from './worker-threads.ts';

/**
 * Writes what changes leave of their items, the last one of each, as the data files of an export. Memory does not grow with
 * them: they are spooled to disk and sorted there.
 */
export async function writeLatestItems(options: {
  /** In order: of an item, a later change takes the place of an earlier one. Batches of any size. */
  readonly changes: AsyncIterable<readonly Change[]>;
  /** An empty folder for the data files. After a failure it is empty again. */
  readonly directory: string;
  /** An empty folder for what is sorted, which takes as much as the changes, twice. The caller removes it. */
  readonly scratchDirectory: string;
  /** The bundle of `export-worker.ts`. */
  readonly workerFile: URL | string;
}): Promise<ExportResult> {
  const { changes, directory, scratchDirectory, workerFile } = options;
  const logs = await spoolChanges(scratchDirectory, changes);
  const workers = new WorkerThreads({ workerFile, ...DEFAULT_LIMITS });
  try {
    const runJob: WorkerThreads['run'] = (...args) => workers.run(...args);
    return await new Restorer({ scratchDirectory, limits: DEFAULT_LIMITS, runJob }).writeLatest(logs, directory);
  } finally {
    await workers.close();
  }
}
