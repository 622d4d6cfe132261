import { type IncrementalJob, writeIncrement } from './incremental.ts';
import type { OnFile } from './partition-job.ts';
import { type RestoreJob, restore } from './restore.ts';
import { type RewriteJob, rewrite } from './rewrite.ts';
import type { Segment } from './segment.ts';

/** What a thread may be given to do: write a partition. */
export type Job = RestoreJob | RewriteJob | IncrementalJob;

/** Does a job on this thread: it may hold it for long. Returns the segments it made. Throws as the job's function does. */
export async function runJob(job: Job, onFile: OnFile): Promise<Segment[]> {
  switch (job.kind) {
    case 'restore':
      return restore(job, onFile);
    case 'rewrite':
      return rewrite(job, onFile);
    case 'incremental':
      return writeIncrement(job, onFile);
    default:
      return job satisfies never;
  }
}
