import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ChangeLog } from '../../src/engine/change-log.ts';
import { change, imageOf, itemsOf, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { exportLines } from './support/read-export.ts';

const START = { timeMicros: 1_000_000, sequence: 1, periodDays: 35 };
const KEY = { pk: 'a', sk: 1 };
const changeAt = (sequence: number) =>
  change({ sequence, timeMicros: START.timeMicros + sequence }, KEY, `${sequence}`);

async function startedBackups(folder: string, options: Parameters<typeof openInProcess>[1] = {}) {
  const directory = path.join(folder, 'backups');
  const backups = await openInProcess(directory, options);
  await backups.start('table', START, itemsOf([[KEY, 'base']]));
  const [table] = readdirSync(path.join(directory, 'tables'));
  return { backups, file: (name: string) => path.join(directory, 'tables', `${table}`, name) };
}

// A device that is always full, which Linux has.
test.skipIf(!existsSync('/dev/full'))('a full disk acknowledges nothing', async () => {
  const log = await ChangeLog.create('/dev/full', START);

  await expect(log.append([changeAt(2)])).rejects.toMatchObject({ code: 'ENOSPC' });

  expect(log).toMatchObject({ byteCount: 0, last: START });
  await log.close();
});

test('a change of the catalogue that could not begin has not happened, and may be tried again', async () => {
  const { backups, file } = await startedBackups(temporaryFolder());
  const nowMicros = START.timeMicros + 10 * 86_400_000_000;
  mkdirSync(file('catalogue.new'));

  await expect(backups.setPeriod('table', 1)).rejects.toMatchObject({ code: 'EISDIR' });

  expect(backups.window('table', nowMicros)?.earliestMicros).toBe(START.timeMicros);
  await backups.append('table', [changeAt(2)]);
  rmSync(file('catalogue.new'), { recursive: true });
  await backups.setPeriod('table', 1);
});

test('a base that was written and could not be named is written again, and the one that it shares files with stays', async () => {
  const folder = temporaryFolder();
  let beforeJob = async () => {};
  const limits = { ...TINY_LIMITS, newBaseLogBytes: 1 };
  const { backups, file } = await startedBackups(folder, { limits, beforeJob: () => beforeJob() });
  await backups.append('table', [changeAt(2)]);
  beforeJob = async () => {
    mkdirSync(file('catalogue.new'), { recursive: true });
  };
  await expect(backups.maintain(START.timeMicros)).rejects.toThrow('EISDIR');
  beforeJob = async () => {};
  rmSync(file('catalogue.new'), { recursive: true });

  await backups.maintain(START.timeMicros);

  expect(backups.storage(START.timeMicros)).toMatchObject([{ bases: [{}, { timeMicros: START.timeMicros + 2 }] }]);
  for (const [timeMicros, value] of [
    [START.timeMicros, 'base'],
    [START.timeMicros + 2, '2'],
  ] as const) {
    const lines = await exportLines(backups, 'table', timeMicros, path.join(folder, 'export'));
    expect(lines.flat()).toEqual([`{"Item":${imageOf(KEY, value)}}`]);
  }
});

test('after a commit that may or may not have happened, changes wait until the catalogue can be read', async () => {
  const folder = temporaryFolder();
  const { backups, file } = await startedBackups(folder);
  const nowMicros = START.timeMicros + 10 * 86_400_000_000;
  const catalogue = readFileSync(file('catalogue'));
  rmSync(file('catalogue'));
  mkdirSync(file('catalogue'));

  await expect(backups.setPeriod('table', 1)).rejects.toMatchObject({ code: 'EISDIR' });
  await expect(backups.append('table', [changeAt(2)])).rejects.toMatchObject({ code: 'EISDIR' });
  const lines = await exportLines(backups, 'table', START.timeMicros, path.join(folder, 'export'));
  expect(lines.flat()).toEqual([`{"Item":${imageOf(KEY, 'base')}}`]);

  rmSync(file('catalogue'), { recursive: true });
  writeFileSync(file('catalogue'), catalogue);
  await backups.append('table', [changeAt(2)]);
  expect(backups.window('table', nowMicros)?.earliestMicros).toBe(START.timeMicros);
  const then = await exportLines(backups, 'table', START.timeMicros + 2, path.join(folder, 'export'));
  expect(then.flat()).toEqual([`{"Item":${imageOf(KEY, '2')}}`]);
});
