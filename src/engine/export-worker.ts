import os from 'node:os';
import { parentPort } from 'node:worker_threads';
import { type Job, runJob } from './job.ts';
import type { JobMessage } from './worker-threads.ts';

/**
 * A thirtieth of the weight of a thread that is not nice: with less, hardly anything more is left to item operations, and
 * a machine whose cores are all busy would hold exports up for very long.
 */
const NICENESS = 15;

// On Linux the priority is that of the calling thread, so exports and bases give way to the operations on items.
// Elsewhere it is that of the process, which has to stay as it is.
if (process.platform === 'linux') os.setPriority(NICENESS);

// An error that is thrown here ends the thread and reaches the parent's `error` event with its code and other fields.
parentPort?.on('message', async (job: Job) => {
  const say = (message: JobMessage) => parentPort?.postMessage(message);
  say({ segments: await runJob(job, (file) => say({ file })) });
});
