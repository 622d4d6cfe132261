import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StoredBackups } from '../../src/engine/backups.ts';
import { DEFAULT_LIMITS } from '../../src/engine/limits.ts';
import { WorkerThreads } from '../../src/engine/worker-threads.ts';
import { change, itemsOf } from './support/changes.ts';
import { temporaryFolder } from './support/in-process.ts';
import { readExport } from './support/read-export.ts';

const WORKER_FILE = path.resolve('build/cli/export-worker.mjs');
const START = { timeMicros: 1_700_000_000_000_000, sequence: 1, periodDays: 35 };
const LARGE_ITEMS = 20_000;
const SMALL_ITEMS = 10;
const LARGE_EXPORTS = 20;
const SMALL_EXPORTS = 280;

test('300 exports at once all complete, and those of a small table do not wait for those of a large one', async () => {
  const folder = temporaryFolder();
  const limits = { ...DEFAULT_LIMITS, smallJobBytes: 10_000 };
  const workers = new WorkerThreads({ workerFile: WORKER_FILE, ...limits });
  const backups = await StoredBackups.open({
    directory: path.join(folder, 'backups'),
    now: Date.now,
    limits,
    runJob: (...args) => workers.run(...args),
    endJobs: () => workers.close(),
  });
  onTestFinished(() => backups.close());
  for (const [table, count] of [
    ['large', LARGE_ITEMS],
    ['small', SMALL_ITEMS],
  ] as const) {
    const keys = Array.from({ length: count }, (_, n) => ({ pk: `pk${n}`, sk: 0 }));
    await backups.start(table, START, itemsOf(keys.map((key) => [key, `value ${key.pk} `.repeat(10)])));
    const changes = keys
      .filter((_, n) => n % 10 === 0)
      .map((key, n) => change({ sequence: n + 2, timeMicros: START.timeMicros + 1 }, key, 'changed'));
    await backups.append(table, changes);
  }

  const completed: string[] = [];
  const exports = [
    ...Array.from({ length: LARGE_EXPORTS }, () => 'large'),
    ...Array.from({ length: SMALL_EXPORTS }, () => 'small'),
  ].map(async (tableId, index) => {
    const directory = path.join(folder, `export-${index}`);
    mkdirSync(directory);
    const timeMicros = START.timeMicros + 1;
    const result = await backups.export({
      exportType: 'FULL_EXPORT',
      tableId,
      timeMicros,
      format: 'DYNAMODB_JSON',
      directory,
    });
    completed.push(tableId);
    return { directory, result };
  });
  const results = await Promise.all(exports);

  expect(results.map(({ result }) => result.itemCount)).toEqual([
    ...Array.from({ length: LARGE_EXPORTS }, () => LARGE_ITEMS),
    ...Array.from({ length: SMALL_EXPORTS }, () => SMALL_ITEMS),
  ]);
  for (const index of [0, LARGE_EXPORTS, LARGE_EXPORTS + SMALL_EXPORTS - 1]) {
    const { directory, result } = results[index] ?? expect.fail();
    expect((await readExport(directory, result)).flat()).toHaveLength(result.itemCount);
  }
  // Both kinds were worked on at the same time: in one queue all the large ones, which came first, would be first.
  expect(completed.indexOf('small')).toBeLessThan(LARGE_EXPORTS);
  expect(completed.indexOf('large')).toBeLessThan(SMALL_EXPORTS);
});
