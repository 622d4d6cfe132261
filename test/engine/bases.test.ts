import { mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Backups } from '../../src/engine/index.ts';
import { change, itemsOf, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { exportLines } from './support/read-export.ts';

const DAY_MICROS = 86_400_000_000;
const START = { timeMicros: 100 * DAY_MICROS, sequence: 0, periodDays: 35 };

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

const basesOf = (directory: string) => filesOf(directory).filter((file) => file.endsWith('-0.json.gz')).length;

/** Appends one change a day of about 100 bytes each, and maintains after each. */
async function appendDaily(backups: Backups, days: number, itemCount: number): Promise<void> {
  const from = backups.appendedThrough('table') ?? 0;
  for (let sequence = from + 1; sequence <= from + days; sequence++) {
    const timeMicros = START.timeMicros + sequence * DAY_MICROS;
    await backups.append('table', [
      change({ sequence, timeMicros }, { pk: `pk${sequence % itemCount}`, sk: 0 }, 'value'),
    ]);
    await backups.maintain(timeMicros);
  }
}

test('a base is built once the log has outgrown the last one, and what the window left behind is removed', async () => {
  const directory = path.join(temporaryFolder(), 'backups');
  const backups = await openInProcess(directory, { limits: { ...TINY_LIMITS, logFileBytes: 200 } });
  const items = Array.from({ length: 20 }, (_, n) => [{ pk: `pk${n}`, sk: 0 }, 'value'] as const);
  await backups.start('table', START, itemsOf(items));
  expect(basesOf(directory)).toBe(1);

  await appendDaily(backups, 5, 20);
  expect(basesOf(directory)).toBe(1);
  await appendDaily(backups, 30, 20);
  const bases = basesOf(directory);
  expect(bases).toBeGreaterThan(1);
  expect(bases).toBeLessThan(8);

  await appendDaily(backups, 100, 20);
  const sizeOf = () => filesOf(directory).reduce((sum, file) => sum + statSync(file).size, 0);
  const size = sizeOf();
  await appendDaily(backups, 200, 20);
  expect(basesOf(directory)).toBeLessThan(8);
  expect(sizeOf()).toBeLessThan(size * 1.5);
});

test('bases that are made of one another do not fall into small pieces', async () => {
  const folder = temporaryFolder();
  const limits = { ...TINY_LIMITS, newBaseLogBytes: 0, pieceBytes: 2_000 };
  const backups = await openInProcess(path.join(folder, 'backups'), { limits });
  await backups.start('table', START, itemsOf([]));
  const exportSize = async (timeMicros: number) => {
    const target = path.join(folder, 'target');
    mkdirSync(target, { recursive: true });
    const result = await backups.export({ tableId: 'table', timeMicros, format: 'DYNAMODB_JSON', directory: target });
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
