import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BackupError } from '../../src/engine/index.ts';
import { change, imageOf, itemsOf, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { exportLines, readExport } from './support/read-export.ts';

const DAY_MICROS = 86_400_000_000;
const START = { timeMicros: 100 * DAY_MICROS, sequence: 10, periodDays: 35 };
const KEY = { pk: 'a', sk: 1 };
const lineOf = (value: string) => `{"Item":${imageOf(KEY, value)}}`;
const tablesIn = (directory: string) => readdirSync(path.join(directory, 'tables'));

/** A job that waits to be let go, and a promise of its having begun. */
function gate() {
  let begin = () => {};
  let letGo = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let closed = false;
  return {
    begun,
    letGo,
    close: () => {
      closed = true;
    },
    beforeJob: async () => {
      if (!closed) return;
      closed = false;
      begin();
      await released;
    },
  };
}

test('an export outlives the stop of its table, and a new start in its place', async () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'backups');
  const { beforeJob, begun, letGo, close } = gate();
  const backups = await openInProcess(directory, { beforeJob });
  await backups.start('table', START, itemsOf([[KEY, 'old']]));
  const target = path.join(folder, 'export');
  mkdirSync(target);

  close();
  const request = {
    exportType: 'FULL_EXPORT',
    tableId: 'table',
    timeMicros: START.timeMicros,
    format: 'DYNAMODB_JSON',
    directory: target,
  } as const;
  const exported = backups.export(request);
  await begun;
  await backups.stop('table');
  await expect(backups.export(request)).rejects.toMatchObject({ code: 'BACKUPS_OFF' });
  await backups.start('table', START, itemsOf([[KEY, 'new']]));
  expect(tablesIn(directory)).toHaveLength(2);
  letGo();

  expect((await readExport(target, await exported)).flat()).toEqual([lineOf('old')]);
  expect(tablesIn(directory)).toHaveLength(1);
  expect((await exportLines(backups, 'table', START.timeMicros, target)).flat()).toEqual([lineOf('new')]);
});

test('an export outlives the trimming of what it reads', async () => {
  const folder = temporaryFolder();
  const { beforeJob, begun, letGo, close } = gate();
  const backups = await openInProcess(path.join(folder, 'backups'), { beforeJob, limits: TINY_LIMITS });
  await backups.start('table', START, itemsOf([[KEY, 'old']]));
  const target = path.join(folder, 'export');
  mkdirSync(target);

  close();
  const exported = backups.export({
    exportType: 'FULL_EXPORT',
    tableId: 'table',
    timeMicros: START.timeMicros,
    format: 'DYNAMODB_JSON',
    directory: target,
  });
  await begun;
  const later = START.timeMicros + DAY_MICROS;
  await backups.append('table', [change({ sequence: 11, timeMicros: later }, KEY, 'x'.repeat(500))]);
  // The first builds the base that the second needs to be able to drop the one before it.
  await backups.maintain(later);
  await backups.maintain(later + 36 * DAY_MICROS);
  const atStart = {
    exportType: 'FULL_EXPORT',
    tableId: 'table',
    timeMicros: START.timeMicros,
    format: 'DYNAMODB_JSON',
    directory: target,
  } as const;
  await expect(backups.export(atStart)).rejects.toMatchObject({ code: 'TIME_OUTSIDE_HISTORY' });
  letGo();

  expect((await readExport(target, await exported)).flat()).toEqual([lineOf('old')]);
  const [table] = tablesIn(path.join(folder, 'backups'));
  const left = readdirSync(path.join(folder, 'backups', 'tables', `${table}`)).filter((name) => name.includes('-10'));
  // The empty files of the partitions that did not change are those of the newer base, too.
  const shared = [1, 2, 3].map((partition) => `base-10-${partition}-0.json.gz`);
  expect(left.sort()).toEqual(shared.flatMap((name) => [name, `${name}.index`]));
});

test('changes that are committed while backups begin are appended after them', async () => {
  const folder = temporaryFolder();
  const { beforeJob, begun, letGo, close } = gate();
  const backups = await openInProcess(path.join(folder, 'backups'), { beforeJob });

  close();
  const started = backups.start('table', START, itemsOf([[KEY, 'base']]));
  const appended = backups.append('table', [change({ sequence: 11, timeMicros: START.timeMicros + 1 }, KEY, 'then')]);
  await begun;
  expect(backups.appendedThrough('table')).toBeUndefined();
  letGo();
  await Promise.all([started, appended]);

  expect(backups.appendedThrough('table')).toBe(11);
  const lines = await exportLines(backups, 'table', START.timeMicros + 1, path.join(folder, 'export'));
  expect(lines.flat()).toEqual([lineOf('then')]);
});

test('a start whose items fail leaves nothing', async () => {
  const directory = path.join(temporaryFolder(), 'backups');
  const backups = await openInProcess(directory);
  async function* failing() {
    yield* itemsOf([[KEY, 'first']]);
    throw new Error('the table was deleted');
  }

  await expect(backups.start('table', START, failing())).rejects.toThrow('the table was deleted');

  expect(backups.window('table', START.timeMicros)).toBeUndefined();
  expect(tablesIn(directory)).toEqual([]);
});

test('the window follows the period: a shorter one cuts at once, a longer one brings nothing back', async () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'backups');
  const nowMicros = START.timeMicros + 10 * DAY_MICROS;
  const options = { now: () => nowMicros / 1000 };
  const backups = await openInProcess(directory, options);
  await backups.start('table', START, itemsOf([[KEY, 'base']]));
  expect(backups.window('table', START.timeMicros)).toEqual({
    earliestMicros: START.timeMicros,
    latestMicros: START.timeMicros,
  });
  expect(backups.window('table', START.timeMicros + 36 * DAY_MICROS)?.earliestMicros).toBe(
    START.timeMicros + DAY_MICROS,
  );

  await backups.setPeriod('table', 2);
  await backups.setPeriod('table', 35);

  const cut = { earliestMicros: nowMicros - 2 * DAY_MICROS, latestMicros: nowMicros };
  expect(backups.window('table', nowMicros)).toEqual(cut);
  const linesAt = (timeMicros: number) => exportLines(backups, 'table', timeMicros, path.join(folder, 'export'));
  await expect(linesAt(cut.earliestMicros - 1)).rejects.toMatchObject({ code: 'TIME_OUTSIDE_HISTORY' });
  expect((await linesAt(cut.earliestMicros)).flat()).toEqual([lineOf('base')]);
  await expect(linesAt(nowMicros + 1_000)).rejects.toMatchObject({ code: 'TIME_OUTSIDE_HISTORY' });
  await backups.close();
  expect((await openInProcess(directory, options)).window('table', nowMicros)).toEqual(cut);
});

test('what cannot be is refused', async () => {
  const backups = await openInProcess(path.join(temporaryFolder(), 'backups'));
  const at = (sequence: number, afterMicros: number) => ({ sequence, timeMicros: START.timeMicros + afterMicros });
  await backups.start('table', START, itemsOf([]));

  const on = backups.start('table', START, itemsOf([]));
  await expect(on).rejects.toThrow(BackupError);
  await expect(on).rejects.toMatchObject({ code: 'BACKUPS_ON' });
  await expect(backups.start('../table', START, itemsOf([]))).rejects.toThrow(TypeError);
  await expect(backups.append('table', [change(at(11, -1), KEY, 'a')])).rejects.toThrow(RangeError);
  await expect(backups.append('table', [change(at(12, 0), KEY, 'a'), change(at(11, 1), KEY, 'a')])).rejects.toThrow(
    RangeError,
  );
  await expect(backups.append('table', [{ ...change(at(11, 0), KEY, 'a'), key: '\ud800' }])).rejects.toThrow(TypeError);
  await expect(backups.append('table', [{ ...change(at(11, 0), KEY, 'a'), newImage: '{\n}' }])).rejects.toThrow(
    TypeError,
  );
  await expect(backups.append('other', [])).rejects.toMatchObject({ code: 'BACKUPS_OFF' });
  expect(backups.appendedThrough('table')).toBe(10);
  await backups.close();
  await expect(backups.append('table', [])).rejects.toMatchObject({ code: 'CLOSED' });
});
