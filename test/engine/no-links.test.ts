import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { change, imageOf, itemsOf, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { readExport } from './support/read-export.ts';

/** Files that were made durable. */
const synced = new Set<string>();

vi.mock('node:fs', async (original) => ({
  ...(await original<object>()),
  linkSync: () => {
    throw Object.assign(new Error('EXDEV: cross-device link not permitted'), { code: 'EXDEV' });
  },
}));
vi.mock('../../src/engine/durable-files.ts', async (original) => {
  const { syncFile, ...others } = await original<typeof import('../../src/engine/durable-files.ts')>();
  return {
    ...others,
    syncFile: async (file: string) => {
      await syncFile(file);
      synced.add(file);
    },
  };
});

const START = { timeMicros: 1_000_000, sequence: 0, periodDays: 35 };
const key = (n: number) => ({ pk: `pk${n}`, sk: 0 });

test('where a file cannot be linked it is copied, and the copy is made durable', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'), { limits: TINY_LIMITS });
  await backups.start('table', START, itemsOf(Array.from({ length: 200 }, (_, n) => [key(n), `value ${n}`])));
  const at = { sequence: 1, timeMicros: START.timeMicros + 1 };
  await backups.append('table', [change(at, key(7), 'changed')]);
  const directory = path.join(folder, 'export');
  mkdirSync(directory);

  const result = await backups.export({
    exportType: 'FULL_EXPORT',
    tableId: 'table',
    timeMicros: at.timeMicros,
    format: 'DYNAMODB_JSON',
    directory,
  });

  const lines = (await readExport(directory, result)).flat();
  expect(lines).toHaveLength(200);
  expect(lines).toContain(`{"Item":${imageOf(key(7), 'changed')}}`);
  const files = result.files.map(({ name }) => path.join(directory, name));
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) expect([file, synced.has(file), statSync(file).nlink]).toEqual([file, true, 1]);
});
