import { type IncrementalJob, writeIncrement } from './incremental.ts';
import type { WrittenPartition } from './partition-file.ts';
import { type RestoreJob, restore } from './restore.ts';
import { type RewriteJob, rewrite } from './rewrite.ts';

/** What a thread may be given to do: write a partition. */
export type Job = RestoreJob | RewriteJob | IncrementalJob;

/** Does a job on this thread: it may hold it for long. Throws as the job's function does. */
export async function runJob(job: Job): Promise<WrittenPartition> {
  switch (job.kind) {
    case 'restore':
      return restore(job);
    case 'rewrite':
      return rewrite(job);
    case 'incremental':
      return writeIncrement(job);
    default:
      return job satisfies never;
  }
}
