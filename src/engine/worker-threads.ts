import { Worker } from 'node:worker_threads';
import { BackupError, DamagedError } from './errors.ts';
import type { Job } from './job.ts';
import type { Limits } from './limits.ts';
import type { OnFile } from './partition-job.ts';
import type { Segment } from './segment.ts';

/** What a thread says of its job: that a file is complete, and in the end what it made. */
export type JobMessage = { readonly file: string } | { readonly segments: Segment[] };

type PoolLimits = Pick<Limits, 'concurrentJobs' | 'queuedJobs' | 'smallJobBytes'>;

/**
 * What a thread reads and writes hangs on small objects, and is freed with them. Collected so often, they hold a seventh less of
 * the memory of an export in which half of the items changed.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 8 };

/**
 * Runs jobs in worker threads. Small jobs have threads of their own, so that the operating system shares the processors
 * between them and large ones: neither kind waits for the other.
 */
export class WorkerThreads {
  readonly #smallJobBytes: number;
  readonly #small: Lane;
  readonly #large: Lane;
  readonly #closed = new AbortController();
  readonly #jobs = new Set<Promise<unknown>>();

  constructor({ workerFile, smallJobBytes, ...limits }: { readonly workerFile: URL | string } & PoolLimits) {
    this.#smallJobBytes = smallJobBytes;
    this.#small = new Lane(workerFile, limits);
    this.#large = new Lane(workerFile, limits);
  }

  /** Rejects with the signal's reason when aborted, whether the job waits or runs. */
  async run(job: Job, onFile: OnFile, signal?: AbortSignal): Promise<Segment[]> {
    const stop = signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal;
    const lane = bytesToRead(job) <= this.#smallJobBytes ? this.#small : this.#large;
    const written = lane.run(job, onFile, stop);
    this.#jobs.add(written);
    try {
      return await written;
    } finally {
      this.#jobs.delete(written);
    }
  }

  /** Ends running and waiting jobs with an error; resolves once all threads are gone. */
  async close(): Promise<void> {
    this.#closed.abort(new BackupError('CLOSED', 'The backups were closed before the job was finished'));
    await Promise.allSettled(this.#jobs);
    await Promise.all([this.#small.close(), this.#large.close()]);
  }
}

function bytesToRead({ base, logs }: Job): number {
  const logBytes = logs.reduce((sum, { byteCount }) => sum + byteCount, 0);
  return base.reduce((sum, { sizeBytes }) => sum + sizeBytes, logBytes);
}

/** Runs a limited number of jobs at once, in the order they came. Threads are kept for the next job. */
class Lane {
  readonly #workerFile: URL | string;
  readonly #concurrentMax: number;
  readonly #queuedMax: number;
  readonly #queue: Array<() => void> = [];
  readonly #idle: Worker[] = [];
  #running = 0;

  constructor(workerFile: URL | string, limits: Pick<Limits, 'concurrentJobs' | 'queuedJobs'>) {
    this.#workerFile = workerFile;
    this.#concurrentMax = limits.concurrentJobs;
    this.#queuedMax = limits.queuedJobs;
  }

  async run(job: Job, onFile: OnFile, stop: AbortSignal): Promise<Segment[]> {
    await this.#turn(stop);
    try {
      stop.throwIfAborted();
      const worker = this.#idle.pop() ?? this.#newWorker();
      const written = await runInThread(worker, job, onFile, stop);
      this.#idle.push(worker);
      return written;
    } finally {
      // The place is handed on rather than freed: nobody who comes meanwhile can take it from the first in the queue.
      const next = this.#queue.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  /** To be called once no job runs or waits. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.map((worker) => worker.terminate()));
  }

  #newWorker(): Worker {
    const worker = new Worker(this.#workerFile, { resourceLimits: RESOURCE_LIMITS });
    // An error after the result has come is nobody's: without a listener it would end the process.
    worker.on('error', () => {});
    worker.on('exit', () => {
      const place = this.#idle.indexOf(worker);
      if (place >= 0) this.#idle.splice(place, 1);
    });
    return worker;
  }

  async #turn(stop: AbortSignal): Promise<void> {
    stop.throwIfAborted();
    if (this.#running < this.#concurrentMax) {
      this.#running += 1;
      return;
    }
    if (this.#queue.length >= this.#queuedMax) {
      throw new BackupError('TOO_MANY_JOBS', `${this.#queuedMax} parts of exports and bases are waiting already`);
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

/** Resolves with the thread ready for another job; when it rejects, the thread is gone. */
function runInThread(worker: Worker, job: Job, onFile: OnFile, stop: AbortSignal): Promise<Segment[]> {
  return new Promise((resolve, reject) => {
    let reason: unknown = new Error('The worker thread ended without a result');
    const abort = () => {
      reason = stop.reason;
      // A result that is on its way must not make a thread that ends look ready for another job.
      worker.off('message', take);
      void worker.terminate();
    };
    const fail = (error: Error) => {
      reason = revive(error);
    };
    // Settled only once the thread is gone, so that nobody removes files under one that still writes.
    const end = () => {
      leave();
      reject(reason);
    };
    const take = (message: JobMessage) => {
      if ('file' in message) {
        onFile(message.file);
        return;
      }
      leave();
      worker.unref();
      resolve(message.segments);
    };
    const leave = () => {
      stop.removeEventListener('abort', abort);
      worker.off('message', take).off('error', fail).off('exit', end);
    };
    stop.addEventListener('abort', abort, { once: true });
    worker.ref();
    worker.on('message', take).on('error', fail).on('exit', end);
    worker.postMessage(job);
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
