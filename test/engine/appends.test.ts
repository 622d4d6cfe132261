import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readFrames } from '../../src/engine/frames.ts';
import { DEFAULT_LIMITS } from '../../src/engine/limits.ts';
import { SequentialReader } from '../../src/engine/sequential-file.ts';
import { change, imageOf, itemsOf, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { exportLines } from './support/read-export.ts';

const START = { timeMicros: 1_000_000, sequence: 0, periodDays: 35 };
const KEY = { pk: 'a', sk: 1 };
const changeAt = (sequence: number) =>
  change({ sequence, timeMicros: START.timeMicros + sequence }, KEY, `${sequence}`);

async function started(limits = DEFAULT_LIMITS) {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'backups');
  const backups = await openInProcess(directory, { limits });
  await backups.start('table', START, itemsOf([]));
  const table = path.join(directory, 'tables', `${readdirSync(path.join(directory, 'tables'))[0]}`);
  const linesAt = async (timeMicros: number) =>
    (await exportLines(backups, 'table', timeMicros, path.join(folder, 'export'))).flat();
  return { backups, table, linesAt };
}

/** The frames of changes in a log: each was made durable by a call of its own. The empty frame behind them is not synced. */
function framesOf(log: string): number {
  const reader = new SequentialReader(log, statSync(log).size);
  try {
    return [...readFrames(reader)].filter((payload) => payload.length > 0).length;
  } finally {
    reader.close();
  }
}

test('appends that wait beside one another become durable together', async () => {
  const { backups, table, linesAt } = await started();

  await Promise.all(Array.from({ length: 200 }, (_, n) => backups.append('table', [changeAt(n + 1)])));

  expect(backups.appendedThrough('table')).toBe(200);
  expect(framesOf(path.join(table, 'log-0'))).toBe(1);
  expect(await linesAt(START.timeMicros + 77)).toEqual([`{"Item":${imageOf(KEY, '77')}}`]);
});

test('an append that is wrong fails alone, and one that was sent before is skipped', async () => {
  const { backups, linesAt } = await started();
  const wrong = { ...changeAt(3), partitionHash: 'none' };
  const early = { ...changeAt(5), timeMicros: START.timeMicros - 1 };

  const appends = [[changeAt(1), changeAt(2)], [wrong], [changeAt(2)], [changeAt(4)], [early], [changeAt(6)]];
  const ends = await Promise.allSettled(appends.map((changes) => backups.append('table', changes)));

  expect(ends.map((end) => (end.status === 'fulfilled' ? 'durable' : String(end.reason)))).toEqual([
    'durable',
    'TypeError: Not a partition hash: none',
    'durable',
    'durable',
    `RangeError: Change 5 at ${early.timeMicros} cannot follow change 4 at ${changeAt(4).timeMicros}`,
    'durable',
  ]);
  expect(backups.appendedThrough('table')).toBe(6);
  expect(await linesAt(START.timeMicros + 6)).toEqual([`{"Item":${imageOf(KEY, '6')}}`]);
});

test('appends keep their place among the other calls on the table', async () => {
  const { backups } = await started(TINY_LIMITS);

  const ends = await Promise.allSettled([
    backups.append('table', [changeAt(1)]),
    backups.append('table', [changeAt(2)]),
    backups.stop('table'),
    backups.append('table', [changeAt(3)]),
    backups.start('table', { ...START, sequence: 3 }, itemsOf([])),
    backups.append('table', [changeAt(4)]),
  ]);

  expect(ends.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(ends[3]).toMatchObject({ reason: { code: 'BACKUPS_OFF' } });
});
