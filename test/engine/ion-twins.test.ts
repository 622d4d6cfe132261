import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Backups } from '../../src/engine/index.ts';
import { change, itemsOf, type Key, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { exportLines, linesOf } from './support/read-export.ts';
import { objectOfIonLine, objectOfJsonLine, objectsOf } from './support/read-ion.ts';

const START = { timeMicros: 1_000_000, sequence: 0, periodDays: 1 };
const DAY_MICROS = 24 * 3_600_000_000;
const key = (n: number): Key => ({ pk: `pk${n}`, sk: n });
const items = Array.from({ length: 1_000 }, (_, n) => [key(n), `value ${n}`] as const);

const filesOf = (folder: string) =>
  readdirSync(path.join(folder, 'backups', 'tables'), { recursive: true }).map(String);
const twinsOf = (folder: string) =>
  filesOf(folder)
    .filter((name) => name.endsWith('.ion.gz'))
    .sort();

async function ionLines(backups: Backups, folder: string, timeMicros: number): Promise<string[]> {
  const directory = path.join(folder, 'ion');
  return (
    await linesOf(backups, { exportType: 'FULL_EXPORT', tableId: 'table', timeMicros, format: 'ION', directory })
  ).flat();
}

async function expectSameAsJson(backups: Backups, folder: string, timeMicros: number): Promise<void> {
  const json = (await exportLines(backups, 'table', timeMicros, path.join(folder, 'json'))).flat();
  const ion = await ionLines(backups, folder, timeMicros);
  expect(objectsOf(ion, objectOfIonLine)).toEqual(objectsOf(json, objectOfJsonLine));
}

/** What waits on the promise goes on when it is opened. */
function closedGate() {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open: () => open() };
}

test('a line reads as in the guide', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  const image =
    '{"Authors":{"SS":["Author1","Author2"]},"Id":{"N":"103"},"InPublication":{"BOOL":false},' +
    '"PageCount":{"N":"600"},"Price":{"N":"2000"},"Title":{"S":"x"}}';
  await backups.start(
    'table',
    START,
    (async function* () {
      yield [{ partitionHash: '0123456789abcdef', key: 'N103', image }];
    })(),
  );

  expect(await ionLines(backups, folder, START.timeMicros)).toEqual([
    '$ion_1_0 {Item:{Authors:$dynamodb_SS::["Author1","Author2"],Id:103.,InPublication:false,PageCount:6d2,Price:2d3,Title:"x"}}',
  ]);
});

test('a base is turned into Ion once, also for exports at the same time and after a restart', async () => {
  const folder = temporaryFolder();
  let jobs = 0;
  const options = {
    beforeJob: async () => {
      jobs += 1;
    },
  };
  const backups = await openInProcess(path.join(folder, 'backups'), options);
  await backups.start('table', START, itemsOf(items));
  await backups.append('table', [change({ sequence: 1, timeMicros: 1_000_001 }, key(3), 'changed')]);
  expect(twinsOf(folder)).toEqual([]);

  jobs = 0;
  const both = ['one', 'two'].map((name) => ionLines(backups, path.join(folder, name), 1_000_001));
  const [one, two] = await Promise.all(both);

  expect(one).toEqual(two);
  expect(one).toContain('$ion_1_0 {Item:{pk:"pk3",sk:3.,value:"changed"}}');
  // Four partitions of the twin, and four of each export.
  expect(jobs).toBe(12);
  await expectSameAsJson(backups, folder, 1_000_001);
  const twins = twinsOf(folder);
  expect(twins).toHaveLength(4);

  await backups.close();
  const reopened = await openInProcess(path.join(folder, 'backups'), options);
  jobs = 0;
  await expectSameAsJson(reopened, folder, 1_000_000);
  expect(jobs).toBe(8);
  expect(twinsOf(folder)).toEqual(twins);
});

test('an export that is aborted while it waits for a twin does not keep others from it', async () => {
  const folder = temporaryFolder();
  const gate = closedGate();
  let isGated = false;
  const beforeJob = async () => {
    if (isGated) await gate.promise;
  };
  const backups = await openInProcess(path.join(folder, 'backups'), { beforeJob });
  await backups.start('table', START, itemsOf(items));
  isGated = true;
  const aborted = new AbortController();
  const request = { exportType: 'FULL_EXPORT', tableId: 'table', timeMicros: 1_000_000, format: 'ION' } as const;

  const first = backups.export({ ...request, directory: folder }, { signal: aborted.signal });
  const second = ionLines(backups, folder, 1_000_000);
  aborted.abort(new Error('changed my mind'));

  await expect(first).rejects.toThrow('changed my mind');
  gate.open();
  expect(await second).toHaveLength(items.length);
});

test('a twin goes with its base, and with the backups', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'), { limits: TINY_LIMITS });
  await backups.start('table', START, itemsOf(items.slice(0, 10)));
  await ionLines(backups, folder, START.timeMicros);
  const [first] = twinsOf(folder);

  let timeMicros = START.timeMicros;
  for (let sequence = 1; sequence <= 40; sequence++) {
    timeMicros += DAY_MICROS;
    await backups.append('table', [change({ sequence, timeMicros }, key(sequence), 'x'.repeat(100))]);
    await backups.maintain(timeMicros);
  }

  const twins = twinsOf(folder);
  expect(twins).not.toContain(first);
  // Each base after the first got its twin when it was built: without Ion lines being made of all of it.
  const bases = filesOf(folder).filter((name) => name.endsWith('.json.gz'));
  expect(twins.length).toBe(bases.length);
  await expectSameAsJson(backups, folder, timeMicros);
  expect(twinsOf(folder)).toEqual(twins);
  await backups.stop('table');
  expect(filesOf(folder)).toEqual([]);
});

test('a twin whose table is stopped while it is made serves the export that waits for it', async () => {
  const folder = temporaryFolder();
  const gate = closedGate();
  let isGated = false;
  const beforeJob = async () => {
    if (isGated) await gate.promise;
  };
  const backups = await openInProcess(path.join(folder, 'backups'), { beforeJob });
  await backups.start('table', START, itemsOf(items));
  isGated = true;
  const exported = ionLines(backups, folder, START.timeMicros);
  await backups.stop('table');
  gate.open();

  expect(await exported).toHaveLength(items.length);
  expect(filesOf(folder)).toEqual([]);
});

test('damage in a twin is named, and mended by the next export', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  await backups.start('table', START, itemsOf(items));
  await ionLines(backups, folder, START.timeMicros);
  const damaged = damageATwin(folder);

  await expect(ionLines(backups, folder, START.timeMicros)).rejects.toMatchObject({ code: 'DAMAGED', file: damaged });
  await expectSameAsJson(backups, folder, START.timeMicros);
  expect(twinsOf(folder)).toHaveLength(4);
});

test('damage in a twin does not keep a new base from being built, and is reported once', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'), { limits: TINY_LIMITS });
  await backups.start('table', START, itemsOf(items));
  await ionLines(backups, folder, START.timeMicros);
  const damaged = damageATwin(folder);
  const grow = async (sequence: number) => {
    const changes = Array.from({ length: 500 }, (_, n) =>
      change({ sequence: sequence + n, timeMicros: START.timeMicros + sequence }, key(n), `${sequence}`.repeat(50)),
    );
    await backups.append('table', changes);
  };

  await grow(1);
  await expect(backups.maintain(START.timeMicros)).rejects.toThrow(damaged);
  expect(filesOf(folder).some((name) => name.endsWith('base-500-0-0.json.gz'))).toBe(true);
  await grow(501);
  await backups.maintain(START.timeMicros);
  await expectSameAsJson(backups, folder, START.timeMicros + 1_000);
  await expectSameAsJson(backups, folder, START.timeMicros);
});

/** Changes a byte of one of the twin's files. */
function damageATwin(folder: string): string {
  const file = path.join(folder, 'backups', 'tables', twinsOf(folder)[1] ?? '');
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
  writeFileSync(file, bytes);
  return file;
}
