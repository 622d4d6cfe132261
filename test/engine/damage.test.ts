import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DamagedError } from '../../src/engine/index.ts';
import { change, itemsOf, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { NaiveHistory } from './support/naive-history.ts';
import { exportLines } from './support/read-export.ts';

const START = { timeMicros: 1_000_000, sequence: 1 };
const COMMITS = 30;
const limits = { ...TINY_LIMITS, newBaseLogBytes: 2_000 };

/**
 * A closed directory with two bases and logs after each, and what it has to say. After either base an item of it changes in
 * each partition, so that all of its index is read.
 */
async function closedBackups(folder: string): Promise<{ directory: string; history: NaiveHistory }> {
  const directory = path.join(folder, 'original');
  const backups = await openInProcess(directory, { limits });
  const items = Array.from({ length: 24 }, (_, n) => [{ pk: `pk${n}`, sk: 0 }, `base ${n}`] as const);
  const history = new NaiveHistory(
    START,
    items.map(([key, value]) => change(START, key, value)),
  );
  await backups.start('table', { ...START, periodDays: 35 }, itemsOf(items));
  for (let n = 1; n <= COMMITS; n++) {
    const at = { sequence: START.sequence + n, timeMicros: START.timeMicros + n };
    const changes = [
      change(at, { pk: `pk${(n * 7) % 30}`, sk: 0 }, n % 5 === 0 ? null : `value ${n} ${'x'.repeat(n)}`),
    ];
    await backups.append('table', changes);
    history.commit(changes);
    if (n === 20) await backups.maintain(at.timeMicros);
  }
  await backups.close();
  return { directory, history };
}

function tableFiles(directory: string): string[] {
  const tables = path.join(directory, 'tables');
  return readdirSync(tables).flatMap((table) =>
    readdirSync(path.join(tables, table)).map((name) => path.join(tables, table, name)),
  );
}

const EMPTY_FRAME_BYTES = 12;
/** After how many commits the table is exported: before, at and after the second base. */
const EXPORTED_COMMITS = [0, 10, 19, 20, 25, COMMITS];

test('a flipped bit anywhere is reported with its file, or done without, and never accepted', async () => {
  const folder = temporaryFolder();
  const { directory, history } = await closedBackups(folder);
  const files = tableFiles(directory).map((file) => path.relative(directory, file));
  expect(files.filter((file) => file.endsWith('.index'))).toHaveLength(8);

  /** What came of it when the table was exported several times from a copy with that bit flipped. */
  async function exportsOfDamaged(file: string, offset: number, bit: number) {
    const copy = path.join(folder, 'copy');
    rmSync(copy, { recursive: true, force: true });
    await cp(directory, copy, { recursive: true });
    const bytes = readFileSync(path.join(copy, file));
    bytes.writeUInt8(bytes.readUInt8(offset) ^ (1 << bit), offset);
    writeFileSync(path.join(copy, file), bytes);
    const backups = await openInProcess(copy, { limits });
    const damages: DamagedError[] = [];
    for (const commit of EXPORTED_COMMITS) {
      const timeMicros = START.timeMicros + commit;
      try {
        const lines = await exportLines(backups, 'table', timeMicros, path.join(folder, 'export'));
        expect(lines).toEqual(history.filesAt(timeMicros));
      } catch (error) {
        if (!(error instanceof DamagedError)) throw error;
        damages.push(error);
      }
    }
    const [storage] = backups.storage(START.timeMicros + COMMITS);
    // A base that an export could do without is named here only.
    const avoided = storage?.state === 'SOUND' ? storage.bases.flatMap(({ damage }) => damage ?? []) : [];
    await backups.close();
    for (const damage of [...damages, ...avoided]) {
      expect(damage.file).toBe(path.join(copy, file));
      expect(damage.offset).toBeLessThanOrEqual(offset);
    }
    return damages.length > 0 ? 'REPORTED' : avoided.length > 0 ? 'AVOIDED' : 'UNNOTICED';
  }

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files.filter((file) => statSync(path.join(directory, file)).size > 0)),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(7),
      async (file, where, bit) => {
        const { size } = statSync(path.join(directory, file));
        const offset = Math.floor(where * size);

        const outcome = await exportsOfDamaged(file, offset, bit);

        // What follows the last change of a log only says that it was acknowledged. All else is read.
        const isUnread = path.basename(file).startsWith('log-') && offset >= size - EMPTY_FRAME_BYTES;
        expect(outcome === 'UNNOTICED').toBe(isUnread);
        // Only what an older base and the log hold, too, can be done without.
        if (outcome === 'AVOIDED') expect(path.basename(file)).toMatch(/^base-21-/);
      },
    ),
    { numRuns: 80 },
  );
}, 240_000);

test('a file that is gone or cut short is reported', async () => {
  const folder = temporaryFolder();
  const { directory } = await closedBackups(folder);
  const sealed = tableFiles(directory).find((file) => file.endsWith('log-1'));
  const index = tableFiles(directory).find((file) => file.endsWith('base-1-0-0.json.gz.index'));
  if (!sealed || !index) throw new Error('The history has other files than expected');
  const backups = await openInProcess(directory, { limits });
  const exportAt = (timeMicros: number) =>
    exportLines(backups, 'table', timeMicros, path.join(folder, 'export')).catch((error: unknown) => error);

  rmSync(index);
  expect(await exportAt(START.timeMicros + 15)).toMatchObject({ code: 'DAMAGED', file: index, offset: 0 });

  truncateSync(sealed, 100);
  expect(await exportAt(START.timeMicros + 15)).toMatchObject({ code: 'DAMAGED', file: sealed, offset: 100 });
});

test('a damaged base is done without where an older one and the log can make the same, and replaced by the next', async () => {
  const folder = temporaryFolder();
  const { directory, history } = await closedBackups(folder);
  const backups = await openInProcess(directory, { limits: { ...limits, newBaseLogBytes: 10 } });
  const exportAt = (timeMicros: number) => exportLines(backups, 'table', timeMicros, path.join(folder, 'export'));
  const damaged = tableFiles(directory).filter((file) => /base-21-\d-\d+\.json\.gz\.index$/.test(file));
  for (const file of damaged) truncateSync(file, 20);

  for (const commit of [COMMITS, 22, 10]) {
    const timeMicros = START.timeMicros + commit;
    expect(await exportAt(timeMicros)).toEqual(history.filesAt(timeMicros));
  }
  const basesNow = () => {
    const [storage] = backups.storage(START.timeMicros + COMMITS);
    return storage?.state === 'SOUND' ? storage.bases.map(({ damage }) => damage?.file) : undefined;
  };
  expect(basesNow()).toEqual([undefined, expect.stringMatching(/base-21-\d-\d+\.json\.gz\.index$/)]);

  await backups.maintain(START.timeMicros + COMMITS);
  expect(basesNow()?.at(-1)).toBeUndefined();
  expect(await exportAt(START.timeMicros + COMMITS)).toEqual(history.filesAt(START.timeMicros + COMMITS));
  await backups.close();

  const log = tableFiles(directory).find((file) => file.endsWith('log-1')) ?? '';
  truncateSync(log, 100);
  const reopened = await openInProcess(directory, { limits });
  const failed = exportLines(reopened, 'table', START.timeMicros + 22, path.join(folder, 'export'));
  await expect(failed).rejects.toMatchObject({ code: 'DAMAGED', file: expect.stringContaining('base-21-') });
});

test('one damaged table does not keep the others from being maintained', async () => {
  const folder = temporaryFolder();
  const { directory } = await closedBackups(folder);
  const backups = await openInProcess(directory, { limits: TINY_LIMITS });
  await backups.start('healthy', { ...START, periodDays: 35 }, itemsOf([]));
  for (const table of ['table', 'healthy']) {
    const at = { sequence: 100, timeMicros: START.timeMicros + 100 };
    await backups.append(table, [change(at, { pk: 'a', sk: 0 }, 'x'.repeat(5_000))]);
  }
  for (const file of tableFiles(directory)) if (file.includes('/table.') && file.endsWith('.index')) rmSync(file);

  await expect(backups.maintain(START.timeMicros)).rejects.toThrow(
    /base-\d+-0-\d+\.json\.gz\.index is damaged at byte 0/,
  );

  expect(tableFiles(directory).some((file) => file.includes('/healthy.') && file.includes('base-100-0-0'))).toBe(true);
});

test('a table that cannot be opened is named, keeps no other from being served, and can be started anew', async () => {
  const folder = temporaryFolder();
  const { directory } = await closedBackups(folder);
  const first = await openInProcess(directory, { limits });
  const at = { sequence: 100, timeMicros: START.timeMicros + 100 };
  for (const table of ['no-log', 'healthy']) await first.start(table, { ...at, periodDays: 35 }, itemsOf([]));
  await first.close();
  const fileOf = (table: string, name: string) =>
    tableFiles(directory).find((file) => file.includes(`/${table}.`) && path.basename(file) === name) ?? '';
  const catalogue = fileOf('table', 'catalogue');
  truncateSync(catalogue, 50);
  const log = fileOf('no-log', 'log-100');
  rmSync(log);

  const backups = await openInProcess(directory, { limits });

  const storage = backups.storage(at.timeMicros);
  expect(storage.filter(({ state }) => state === 'SOUND')).toMatchObject([{ tableId: 'healthy' }]);
  expect(storage.filter(({ state }) => state === 'DAMAGED')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ tableId: 'table', damage: new DamagedError(catalogue, 0, 'wrong checksum') }),
      expect.objectContaining({ tableId: 'no-log', damage: new DamagedError(log, 0, 'the file is missing') }),
    ]),
  );
  const exportNow = (table: string) => exportLines(backups, table, at.timeMicros, path.join(folder, 'export'));
  expect(await exportNow('healthy')).toEqual([[], [], [], []]);
  await backups.maintain(at.timeMicros);
  for (const [table, file] of Object.entries({ table: catalogue, 'no-log': log })) {
    expect([backups.window(table, at.timeMicros), backups.appendedThrough(table)]).toEqual([undefined, undefined]);
    await expect(exportNow(table)).rejects.toMatchObject({ code: 'DAMAGED', file });
    await expect(backups.append(table, [])).rejects.toMatchObject({ code: 'DAMAGED', file });
    await expect(backups.start(table, { ...at, periodDays: 35 }, itemsOf([]))).rejects.toMatchObject({
      code: 'BACKUPS_ON',
    });
    await backups.stop(table);
    await backups.start(table, { ...at, periodDays: 35 }, itemsOf([]));
    expect(await exportNow(table)).toEqual([[], [], [], []]);
  }
  expect(existsSync(catalogue)).toBe(false);
});

test('damage to the very last change of a process that was killed is not taken for a torn one', async () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'backups');
  const backups = await openInProcess(directory);
  await backups.start('table', { ...START, periodDays: 35 }, itemsOf([]));
  const at = { sequence: 2, timeMicros: START.timeMicros + 1 };
  await backups.append('table', [change(at, { pk: 'a', sk: 0 }, 'value')]);
  const killed = path.join(folder, 'killed');
  await cp(directory, killed, { recursive: true });
  const log = tableFiles(killed).find((file) => path.basename(file) === 'log-1') ?? '';
  const bytes = readFileSync(log);
  bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60);
  writeFileSync(log, bytes);

  const opened = await openInProcess(killed);

  await expect(exportLines(opened, 'table', at.timeMicros, path.join(folder, 'export'))).rejects.toMatchObject({
    code: 'DAMAGED',
    file: log,
    offset: 0,
  });
});

test('what is neither named nor whole is swept when the directory is opened', async () => {
  const folder = temporaryFolder();
  const { directory } = await closedBackups(folder);
  const [table] = readdirSync(path.join(directory, 'tables'));
  const orphans = [`tables/${table}/base-99-0-0.json.gz`, `tables/${table}/catalogue.new`, 'scratch/run-0'];
  for (const orphan of orphans) writeFileSync(path.join(directory, orphan), 'left by a crash');
  const unfinished = path.join(directory, 'tables', 'other.00000000-0000-4000-8000-000000000000');
  await cp(path.join(directory, 'tables', `${table}`), unfinished, { recursive: true });
  rmSync(path.join(unfinished, 'catalogue'));

  const backups = await openInProcess(directory, { limits });

  expect(orphans.filter((orphan) => existsSync(path.join(directory, orphan)))).toEqual([]);
  expect(existsSync(unfinished)).toBe(false);
  expect(backups.appendedThrough('table')).toBe(START.sequence + COMMITS);
});
