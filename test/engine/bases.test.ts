import { mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Backups } from '../../src/engine/index.ts';
import { change, itemsOf, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { exportLines } from './support/read-export.ts';

const HOUR_MICROS = 3_600_000_000;
const DAY_MICROS = 24 * HOUR_MICROS;
const START = { timeMicros: 100 * DAY_MICROS, sequence: 0, periodDays: 35 };

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

const LIMITS = { ...TINY_LIMITS, logFileBytes: 400, newBaseLogBytes: 600 };
const ITEMS = Array.from({ length: 40 }, (_, n) => [{ pk: `pk${n}`, sk: 0 }, 'value '.repeat(10)] as const);

/** Appends one change an hour of about 100 bytes, and maintains after each. Returns the time of the last. */
async function churn(backups: Backups, hours: number): Promise<number> {
  const from = backups.appendedThrough('table') ?? 0;
  let timeMicros = START.timeMicros + from * HOUR_MICROS;
  for (let sequence = from + 1; sequence <= from + hours; sequence++) {
    timeMicros = START.timeMicros + sequence * HOUR_MICROS;
    const key = { pk: `pk${(sequence * 17) % ITEMS.length}`, sk: 0 };
    await backups.append('table', [change({ sequence, timeMicros }, key, `value ${sequence}`)]);
    await backups.maintain(timeMicros);
  }
  return timeMicros;
}

function storageOf(backups: Backups, nowMicros: number) {
  const [storage] = backups.storage(nowMicros);
  if (storage?.state !== 'SOUND') throw new Error('The table is damaged');
  return { ...storage, baseBytes: storage.bases.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

test('forty days of churn: the newest base is fresh, older ones take no more room than the log, and all is bounded', async () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'backups');
  const backups = await openInProcess(directory, { limits: LIMITS });
  const period = { ...START, periodDays: 3 };
  await backups.start('table', period, itemsOf(ITEMS));
  const totals: number[] = [];

  for (let day = 1; day <= 40; day++) {
    const nowMicros = await churn(backups, 24);
    const { bases, baseBytes, logBytes, window } = storageOf(backups, nowMicros);
    const newest = bases.at(-1);
    const largest = Math.max(...bases.map(({ sizeBytes }) => sizeBytes));
    expect(nowMicros - (newest?.timeMicros ?? 0)).toBeLessThan(12 * HOUR_MICROS);
    expect(bases[0]?.timeMicros).toBeLessThanOrEqual(window.earliestMicros);
    expect(baseBytes).toBeLessThan(logBytes + 3 * largest);
    totals.push(baseBytes + logBytes);
  }

  const [afterWindow = 0, atEnd = Number.NaN] = [Math.max(...totals.slice(5, 10)), totals.at(-1)];
  expect(atEnd).toBeLessThan(afterWindow * 1.2);
  const onDisk = filesOf(directory).reduce((sum, file) => sum + statSync(file).size, 0);
  expect(onDisk).toBeLessThan(atEnd + 20_000);

  const nowMicros = START.timeMicros + 40 * DAY_MICROS;
  await backups.setPeriod('table', 1);
  await backups.maintain(nowMicros);
  await backups.maintain(nowMicros + 2 * DAY_MICROS);
  const shrunk = storageOf(backups, nowMicros + 2 * DAY_MICROS);
  expect(shrunk.bases).toHaveLength(1);
  expect(shrunk.baseBytes + shrunk.logBytes).toBeLessThan(atEnd / 2);
});

test('a table that does not change keeps one base, whatever is asked of it', async () => {
  const backups = await openInProcess(path.join(temporaryFolder(), 'backups'), { limits: LIMITS });
  await backups.start('table', START, itemsOf(ITEMS));

  for (let day = 0; day < 50; day++) await backups.maintain(START.timeMicros + day * DAY_MICROS);

  expect(storageOf(backups, START.timeMicros + 50 * DAY_MICROS)).toMatchObject({ bases: [{}], logBytes: 0 });
});

test('bases are not built for more than their share of the time', async () => {
  let nowMillis = START.timeMicros / 1000;
  const backups = await openInProcess(path.join(temporaryFolder(), 'backups'), {
    limits: { ...LIMITS, buildingShareMax: 0.25 },
    now: () => nowMillis,
    // Each of the four partitions takes a second.
    beforeJob: async () => {
      nowMillis += 1_000;
    },
  });
  await backups.start('table', START, itemsOf(ITEMS));
  let sequence = 0;
  const baseAfterChurn = async () => {
    for (let n = 0; n < 10; n++) {
      sequence += 1;
      const at = { sequence, timeMicros: START.timeMicros + sequence };
      await backups.append('table', [change(at, { pk: `pk${n}`, sk: 0 }, 'x'.repeat(100))]);
    }
    await backups.maintain(START.timeMicros + sequence);
    return storageOf(backups, START.timeMicros).bases.at(-1)?.timeMicros === START.timeMicros + sequence;
  };

  expect(await baseAfterChurn()).toBe(true);
  expect(await baseAfterChurn()).toBe(false);
  nowMillis += 11_000;
  expect(await baseAfterChurn()).toBe(false);
  nowMillis += 1_000;
  expect(await baseAfterChurn()).toBe(true);
});

test('bases that are made of one another do not fall into small pieces', async () => {
  const folder = temporaryFolder();
  const limits = { ...TINY_LIMITS, newBaseLogBytes: 0, pieceBytes: 2_000 };
  const backups = await openInProcess(path.join(folder, 'backups'), { limits });
  await backups.start('table', START, itemsOf([]));
  const exportSize = async (timeMicros: number) => {
    const target = path.join(folder, 'target');
    mkdirSync(target, { recursive: true });
    const result = await backups.export({
      exportType: 'FULL_EXPORT',
      tableId: 'table',
      timeMicros,
      format: 'DYNAMODB_JSON',
      directory: target,
    });
    return result.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  };

  for (let sequence = 1; sequence <= 300; sequence++) {
    const at = { sequence, timeMicros: START.timeMicros + sequence };
    await backups.append('table', [change(at, { pk: `pk${sequence}`, sk: 0 }, 'value '.repeat(20))]);
    if (sequence % 10 === 0) await backups.maintain(at.timeMicros);
  }

  const fromBases = await exportSize(START.timeMicros + 300);
  const items = Array.from({ length: 300 }, (_, n) => [{ pk: `pk${n + 1}`, sk: 0 }, 'value '.repeat(20)] as const);
  await backups.stop('table');
  await backups.start('table', START, itemsOf(items));
  expect(fromBases).toBeLessThan((await exportSize(START.timeMicros)) * 1.3);
  expect((await exportLines(backups, 'table', START.timeMicros, path.join(folder, 'export'))).flat()).toHaveLength(300);
});
