import { Worker } from 'node:worker_threads';
import { BackupError, DamagedError } from './errors.ts';
import type { Limits } from './limits.ts';
import type { WrittenPartition } from './partition-file.ts';
import type { RestoreJob } from './restore.ts';

/** Runs jobs each in a worker thread of its own, a limited number at once, in the order they came. */
export class WorkerThreads {
  readonly #workerFile: URL | string;
  readonly #concurrentMax: number;
  readonly #queuedMax: number;
  readonly #queue: Array<() => void> = [];
  readonly #closed = new AbortController();
  readonly #jobs = new Set<Promise<unknown>>();
  #running = 0;

  constructor(options: { readonly workerFile: URL | string } & Pick<Limits, 'concurrentJobs' | 'queuedJobs'>) {
    this.#workerFile = options.workerFile;
    this.#concurrentMax = options.concurrentJobs;
    this.#queuedMax = options.queuedJobs;
  }

  /** Rejects with the signal's reason when aborted, whether the job waits or runs. */
  async run(job: RestoreJob, signal?: AbortSignal): Promise<WrittenPartition[]> {
    const written = this.#runInTurn(job, signal);
    this.#jobs.add(written);
    try {
      return await written;
    } finally {
      this.#jobs.delete(written);
    }
  }

  /** Ends running and waiting jobs with an error; resolves once their threads are gone. */
  async close(): Promise<void> {
    this.#closed.abort(new BackupError('CLOSED', 'The backups were closed before the job was finished'));
    await Promise.allSettled(this.#jobs);
  }

  async #runInTurn(job: RestoreJob, signal?: AbortSignal): Promise<WrittenPartition[]> {
    const stop = signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal;
    await this.#turn(stop);
    try {
      stop.throwIfAborted();
      return await runInThread(this.#workerFile, job, stop);
    } finally {
      // The place is handed on rather than freed: nobody who comes meanwhile can take it from the first in the queue.
      const next = this.#queue.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #turn(stop: AbortSignal): Promise<void> {
    stop.throwIfAborted();
    if (this.#running < this.#concurrentMax) {
      this.#running += 1;
      return;
    }
    if (this.#queue.length >= this.#queuedMax) {
      throw new BackupError('TOO_MANY_JOBS', `${this.#queuedMax} exports and base builds are waiting already`);
    }
    await new Promise<void>((resolve, reject) => {
      const start = () => {
        stop.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(start), 1);
        reject(stop.reason);
      };
      this.#queue.push(start);
      stop.addEventListener('abort', leave, { once: true });
    });
  }
}

function runInThread(workerFile: URL | string, job: RestoreJob, stop: AbortSignal): Promise<WrittenPartition[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile, { workerData: job });
    let settle = () => reject(new Error('The worker thread ended without a result'));
    const abort = () => {
      settle = () => reject(stop.reason);
      void worker.terminate();
    };
    stop.addEventListener('abort', abort, { once: true });
    worker.once('message', (written: WrittenPartition[]) => {
      settle = () => resolve(written);
    });
    worker.once('error', (error) => {
      settle = () => reject(revive(error));
    });
    // Settled only once the thread is gone, so that nobody removes files under one that still writes.
    worker.once('exit', () => {
      stop.removeEventListener('abort', abort);
      settle();
    });
  });
}

/** An error loses its class on the way out of a thread, but not its fields. */
function revive(error: Error): Error {
  if (!('file' in error && 'offset' in error && 'reason' in error)) return error;
  const { file, offset, reason } = error;
  return typeof file === 'string' && typeof offset === 'number' && typeof reason === 'string'
    ? new DamagedError(file, offset, reason)
    : error;
}
