import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DamagedError, openBackups } from '../../src/engine/index.ts';
import type { RestoreJob } from '../../src/engine/restore.ts';
import { WorkerThreads } from '../../src/engine/worker-threads.ts';
import { change, imageOf, itemsOf } from './support/changes.ts';
import { temporaryFolder } from './support/in-process.ts';
import { exportLines } from './support/read-export.ts';

const WORKER_FILE = path.resolve('build/cli/export-worker.mjs');

/** A worker that writes its directory into a file, and ends once a file `go` lies there. */
const WAITING_WORKER = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync, existsSync } from 'node:fs';
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ directory, scratchDirectory }) => {
      appendFileSync(scratchDirectory + '/begun', directory + '\\n');
      const poll = setInterval(() => {
        if (!existsSync(scratchDirectory + '/go')) return;
        clearInterval(poll);
        if (directory === 'fails late') setTimeout(() => { throw new Error('after the result'); });
        if (directory === 'fails') throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
        parentPort.postMessage({ segments: directory });
        appendFileSync(scratchDirectory + '/posted', '');
      }, 5);
    });
  `)}`,
);
/** Runs a job of a waiting worker, which returns its directory. */
const run = (workers: WorkerThreads, job: RestoreJob, signal?: AbortSignal) => workers.run(job, () => {}, signal);
const LIMITS = { concurrentJobs: 1, queuedJobs: 4, smallJobBytes: 100 };

function waitingJob(scratchDirectory: string, directory: string, logBytes = 0): RestoreJob {
  return {
    kind: 'restore',
    format: 'DYNAMODB_JSON',
    partition: 0,
    base: [],
    logs: [{ path: 'log', byteCount: logBytes }],
    throughMicros: 0,
    indexed: false,
    compressionLevel: 1,
    sortMemoryBytes: 1,
    pieceBytes: 1,
    segmentBytes: 1,
    directory,
    scratchDirectory,
  };
}

const begun = (folder: string) =>
  existsSync(path.join(folder, 'begun'))
    ? readFileSync(path.join(folder, 'begun'), 'utf8').split('\n').slice(0, -1)
    : [];

test('jobs wait for their turn in order, can be aborted in the queue and at work, and fail alone', async () => {
  const folder = temporaryFolder();
  const workers = new WorkerThreads({ workerFile: WAITING_WORKER, ...LIMITS });
  const atWork = new AbortController();
  const inQueue = new AbortController();
  const aborted = [
    run(workers, waitingJob(folder, 'aborted at work'), atWork.signal),
    run(workers, waitingJob(folder, 'aborted in the queue'), inQueue.signal),
  ];
  const others = ['first', 'fails', 'last'].map((name) => run(workers, waitingJob(folder, name)));
  await expect(run(workers, waitingJob(folder, 'too many'))).rejects.toMatchObject({ code: 'TOO_MANY_JOBS' });

  await expect.poll(() => begun(folder)).toEqual(['aborted at work']);
  inQueue.abort(new Error('changed my mind'));
  await expect(aborted[1]).rejects.toThrow('changed my mind');
  atWork.abort(new Error('no longer needed'));
  await expect(aborted[0]).rejects.toThrow('no longer needed');
  writeFileSync(path.join(folder, 'go'), '');
  const outcomes = await Promise.allSettled(others);

  expect(begun(folder)).toEqual(['aborted at work', 'first', 'fails', 'last']);
  expect(outcomes).toMatchObject([
    { status: 'fulfilled', value: 'first' },
    { status: 'rejected', reason: { message: 'disk full', code: 'ENOSPC' } },
    { status: 'fulfilled', value: 'last' },
  ]);
  await workers.close();
});

test('a thread that fails after its result has come is replaced for the next job', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'go'), '');
  const workers = new WorkerThreads({ workerFile: WAITING_WORKER, ...LIMITS });

  expect(await run(workers, waitingJob(folder, 'fails late'))).toBe('fails late');

  // The first of these may still meet the thread that is about to end.
  await expect.poll(() => run(workers, waitingJob(folder, 'next'))).toBe('next');
  await workers.close();
});

test('a thread whose result arrives after its job was aborted is not given another one', async () => {
  const folder = temporaryFolder();
  const workers = new WorkerThreads({ workerFile: WAITING_WORKER, ...LIMITS });
  const tooLate = new AbortController();
  const aborted = run(workers, waitingJob(folder, 'aborted'), tooLate.signal);
  const next = run(workers, waitingJob(folder, 'next'));
  await expect.poll(() => begun(folder)).toEqual(['aborted']);

  // This thread does not give way, so that the result waits for it.
  writeFileSync(path.join(folder, 'go'), '');
  const giveUp = Date.now() + 10_000;
  while (!existsSync(path.join(folder, 'posted')) && Date.now() < giveUp);
  tooLate.abort(new Error('no longer needed'));

  await expect(aborted).rejects.toThrow('no longer needed');
  expect(await next).toBe('next');
  await workers.close();
});

test('small jobs do not wait for large ones', async () => {
  const folder = temporaryFolder();
  const small = path.join(folder, 'small');
  mkdirSync(small);
  writeFileSync(path.join(small, 'go'), '');
  const workers = new WorkerThreads({ workerFile: WAITING_WORKER, ...LIMITS });
  const large = ['first', 'second'].map((name) => run(workers, waitingJob(folder, name, 101)));
  await expect.poll(() => begun(folder)).toEqual(['first']);

  expect(await run(workers, waitingJob(small, 'small', 100))).toBe('small');

  expect(begun(folder)).toEqual(['first']);
  writeFileSync(path.join(folder, 'go'), '');
  expect(await Promise.all(large)).toEqual(['first', 'second']);
  await workers.close();
});

test('closing ends the jobs that run and those that wait', async () => {
  const folder = temporaryFolder();
  const workers = new WorkerThreads({ workerFile: WAITING_WORKER, ...LIMITS });
  const jobs = ['running', 'waiting'].map((name) => run(workers, waitingJob(folder, name)));
  const outcomes = Promise.allSettled(jobs);
  await expect.poll(() => begun(folder)).toEqual(['running']);

  await workers.close();

  expect(await outcomes).toMatchObject([{ reason: { code: 'CLOSED' } }, { reason: { code: 'CLOSED' } }]);
  await expect(run(workers, waitingJob(folder, 'late'))).rejects.toMatchObject({ code: 'CLOSED' });
});

test('the bundled worker exports, and reports damage as the error it is', async () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'backups');
  const backups = await openBackups({ directory, workerFile: WORKER_FILE });
  const key = { pk: 'a', sk: 1 };
  const timeMicros = Date.now() * 1000;
  await backups.start('table', { timeMicros, sequence: 1, periodDays: 35 }, itemsOf([[key, 'base']]));
  await backups.append('table', [change({ sequence: 2, timeMicros: timeMicros + 1 }, key, 'updated')]);

  const linesAt = async (time: number) =>
    (await exportLines(backups, 'table', time, path.join(folder, 'export'))).flat();
  expect(await linesAt(timeMicros)).toEqual([`{"Item":${imageOf(key, 'base')}}`]);
  expect(await linesAt(timeMicros + 1)).toEqual([`{"Item":${imageOf(key, 'updated')}}`]);

  const aborted = new AbortController();
  const target = path.join(folder, 'aborted');
  mkdirSync(target);
  const request = {
    exportType: 'FULL_EXPORT',
    tableId: 'table',
    timeMicros,
    format: 'DYNAMODB_JSON',
    directory: target,
  } as const;
  const exported = backups.export(request, { signal: aborted.signal });
  aborted.abort();
  await expect(exported).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(readdirSync(path.join(directory, 'scratch'))).toEqual([]);

  const [table] = readdirSync(path.join(directory, 'tables'));
  const log = path.join(directory, 'tables', `${table}`, 'log-1');
  const bytes = readFileSync(log);
  bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30);
  writeFileSync(log, bytes);
  await expect(linesAt(timeMicros)).rejects.toBeInstanceOf(DamagedError);
  await expect(linesAt(timeMicros)).rejects.toMatchObject({ code: 'DAMAGED', file: log, offset: 0 });
  await backups.close();
});
