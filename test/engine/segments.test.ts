import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Backups } from '../../src/engine/index.ts';
import type { Limits } from '../../src/engine/limits.ts';
import { change, imageOf, itemsOf, type Key, partitionHash, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { exportLines, linesOf, readOnlyMember } from './support/read-export.ts';

const START = { timeMicros: 1_000_000, sequence: 0, periodDays: 35 };
const SEGMENT_BYTES = 2_000;
const limits = {
  ...TINY_LIMITS,
  logFileBytes: 50_000,
  newBaseLogBytes: 0,
  newBaseLogShare: 0,
  sortMemoryBytes: 100_000,
  segmentBytesMin: SEGMENT_BYTES,
  segmentBytesMax: SEGMENT_BYTES,
};
/** A key that is not split may go on for as long as a file is, and a piece is written as a whole. */
const LONGEST_BYTES = 3 * SEGMENT_BYTES + 1_000;

const key = (n: number): Key => ({ pk: `pk${Math.floor(n / 4)}`, sk: n });
/** Text that does not deflate to much less than it is. */
const textOf = (n: number, version = 0) =>
  Buffer.from(`${Math.sin(n + 1 + version / 7)}${Math.cos(n)}`.repeat(2)).toString('base64');
const ITEMS = Array.from({ length: 1_500 }, (_, n) => [key(n), textOf(n)] as const);

interface Opened {
  readonly folder: string;
  readonly backups: Backups;
  /** Appends changes of one time, and returns that. */
  append(changes: readonly (readonly [Key, string | null])[]): Promise<number>;
}

async function opened(items: Iterable<readonly [Key, string]> = ITEMS, other: Partial<Limits> = {}): Promise<Opened> {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'), { limits: { ...limits, ...other } });
  await backups.start('table', START, itemsOf(items));
  let { sequence, timeMicros } = START;
  const append: Opened['append'] = async (changes) => {
    timeMicros += 1;
    const written = changes.map(([each, value]) => change({ sequence: ++sequence, timeMicros }, each, value));
    await backups.append('table', written);
    return timeMicros;
  };
  return { folder, backups, append };
}

const tableFolder = (folder: string) => {
  const [table] = readdirSync(path.join(folder, 'backups', 'tables'));
  return path.join(folder, 'backups', 'tables', `${table}`);
};

const dataFiles = (folder: string) =>
  readdirSync(tableFolder(folder))
    .filter((name) => name.endsWith('.json.gz'))
    .map((name) => path.join(tableFolder(folder), name));

function storedBases(backups: Backups) {
  const [storage] = backups.storage(START.timeMicros);
  return storage?.state === 'SOUND' ? storage.bases : expect.fail('The table is damaged');
}

async function exported(backups: Backups, folder: string, timeMicros: number) {
  const directory = path.join(folder, 'export');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const request = {
    exportType: 'FULL_EXPORT',
    tableId: 'table',
    timeMicros,
    format: 'DYNAMODB_JSON',
    directory,
  } as const;
  const { files } = await backups.export(request);
  return files.map((file) => ({
    ...file,
    path: path.join(directory, file.name),
    ...statSync(path.join(directory, file.name)),
  }));
}

test('a table has files of about one length, and the items of a partition key are in one of them, in order', async () => {
  const { folder, backups } = await opened();

  const files = await exported(backups, folder, START.timeMicros);

  expect(files.length).toBeGreaterThan(20);
  for (const { size } of files) expect(size).toBeLessThan(LONGEST_BYTES);
  const fileOfKey = new Map<string, string>();
  const sortKeys = new Map<string, number[]>();
  for (const file of files) {
    for (const line of (await readOnlyMember(readFileSync(file.path))).split('\n').slice(0, -1)) {
      const { pk, sk } = JSON.parse(line).Item;
      expect(fileOfKey.get(pk.S) ?? file.name).toBe(file.name);
      fileOfKey.set(pk.S, file.name);
      sortKeys.set(pk.S, [...(sortKeys.get(pk.S) ?? []), Number(sk.N)]);
    }
  }
  expect(fileOfKey.size).toBe(ITEMS.length / 4);
  for (const each of sortKeys.values()) expect(each).toEqual([...each].sort((a, b) => a - b));
});

test('the files of a larger table are longer, within bounds', async () => {
  const countOf = async (share: number) => {
    const bounds = { segmentShare: share, segmentBytesMin: 200, segmentBytesMax: 20_000 };
    const { folder, backups } = await opened(ITEMS, bounds);
    const files = await exported(backups, folder, START.timeMicros);
    await backups.close();
    return files.length;
  };

  // A share of each of the four partitions, of which the length is only known about.
  expect(await countOf(1 / 2)).toBeGreaterThanOrEqual(4);
  expect(await countOf(1 / 2)).toBeLessThanOrEqual(4 * 5);
  expect(await countOf(1 / 10)).toBeGreaterThan(4 * 5);
  expect(await countOf(1 / 10)).toBeLessThanOrEqual(4 * 25);
  expect(await countOf(1 / 10_000)).toBeLessThan(500);
});

test('a partition key that is longer than a file takes several', async () => {
  const items = Array.from({ length: 500 }, (_, n) => [{ pk: 'one', sk: n }, textOf(n)] as const);
  const { folder, backups } = await opened(items);

  const files = await exported(backups, folder, START.timeMicros);

  expect(files.length).toBeGreaterThan(5 + 3);
  for (const { size } of files) expect(size).toBeLessThan(LONGEST_BYTES);
  expect(files.reduce((sum, { itemCount }) => sum + itemCount, 0)).toBe(items.length);
});

test('an export links all files but those in which something changed', async () => {
  const { folder, backups, append } = await opened();
  const timeMicros = await append([
    [key(7), 'changed'],
    [key(8), null],
  ]);

  const files = await exported(backups, folder, timeMicros);

  const stored = new Set(dataFiles(folder).map((file) => statSync(file).ino));
  const written = files.filter(({ ino }) => !stored.has(ino));
  expect(new Set([key(7), key(8)].map(({ pk }) => partitionHash(pk))).size).toBe(2);
  expect(written.length).toBeGreaterThanOrEqual(1);
  expect(written.length).toBeLessThanOrEqual(2);
  expect(files).toHaveLength(stored.size);
});

test('a new base has the files of the one before in which nothing changed, and each counts and is kept once', async () => {
  const { folder, backups, append } = await opened();
  const before = dataFiles(folder);
  const timeMicros = await append([[key(7), 'changed']]);
  await backups.maintain(timeMicros);

  const after = dataFiles(folder);
  expect(after.length - before.length).toBe(1);
  const [first, second] = storedBases(backups);
  expect(second?.sizeBytes).toBeLessThan((first?.sizeBytes ?? 0) / 10);
  const onDisk = [...after, ...after.map((file) => `${file}.index`)].reduce(
    (sum, file) => sum + statSync(file).size,
    0,
  );
  expect((first?.sizeBytes ?? 0) + (second?.sizeBytes ?? 0)).toBe(onDisk);

  // The first base is dropped once the window begins after the second: what they share stays.
  const later = timeMicros + 36 * 24 * 3_600_000_000;
  await backups.maintain(later);
  expect(storedBases(backups)).toHaveLength(1);
  expect(dataFiles(folder)).toHaveLength(before.length);
  const lines = (await exportLines(backups, 'table', later, path.join(folder, 'export'))).flat();
  expect(lines).toHaveLength(ITEMS.length);
  expect(lines).toContain(`{"Item":${imageOf(key(7), 'changed')}}`);
});

test('an export of one partition key reads no other segment', async () => {
  const { folder, backups, append } = await opened();
  await append([[key(9), 'changed']]);
  const directory = path.join(folder, 'filtered');
  const { pk } = key(9);
  const request = { tableId: 'table', directory, partitionHash: partitionHash(pk), format: 'DYNAMODB_JSON' } as const;
  const full = { ...request, exportType: 'FULL_EXPORT', timeMicros: START.timeMicros + 1 } as const;
  const window = { fromMicros: START.timeMicros, toMicros: START.timeMicros + 2 };
  const view = { view: 'NEW_AND_OLD_IMAGES', keyNames: ['pk', 'sk'] } as const;
  const increment = { ...request, exportType: 'INCREMENTAL_EXPORT', ...window, ...view } as const;
  const expected = [await linesOf(backups, full), await linesOf(backups, increment)];
  expect(expected.map((files) => files.flat().length)).toEqual([4, 1]);

  const needed: string[] = [];
  for (const file of dataFiles(folder)) {
    if ((await readOnlyMember(readFileSync(file))).includes(`"${pk}"`)) needed.push(file);
    else for (const each of [file, `${file}.index`]) writeFileSync(each, '');
  }

  expect(needed).toHaveLength(1);
  expect([await linesOf(backups, full), await linesOf(backups, increment)]).toEqual(expected);
});

test('segments that grow are split and those that shrink joined, and few are written for few changes', async () => {
  const grown = fc.record({
    /** Where the changes lie: a share of the keys, and how many of them. */
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    count: fc.integer({ min: 1, max: 600 }),
    kind: fc.constantFrom('insert', 'update', 'delete', 'delete'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(grown, { minLength: 1, maxLength: 8 }), async (rounds) => {
      const { folder, backups, append } = await opened(ITEMS.slice(0, 800));
      const state = new Map(ITEMS.slice(0, 800).map(([each, value]) => [each.sk, value]));
      let inserted = 10_000;
      let timeMicros = START.timeMicros;
      for (const [round, { from, count, kind }] of rounds.entries()) {
        // In order of position, so that the changes are neighbours.
        const present = [...state.keys()].sort((a, b) =>
          partitionHash(key(a).pk) < partitionHash(key(b).pk) ? -1 : 1,
        );
        const first = Math.floor(from * present.length);
        const chosen =
          kind === 'insert' ? Array.from({ length: count }, () => inserted++) : present.slice(first, first + count);
        if (chosen.length === 0) continue;
        const changes = chosen.map((n) => [key(n), kind === 'delete' ? null : textOf(n, round + 1)] as const);
        for (const [{ sk }, value] of changes) {
          if (value === null) state.delete(sk);
          else state.set(sk, value);
        }
        timeMicros = await append(changes);
        const before = new Set(dataFiles(folder));
        await backups.maintain(timeMicros);
        const written = dataFiles(folder).filter((file) => !before.has(file));
        // Those that the changes fall into, one after each that has become short, and what one is split into.
        if (kind !== 'insert') expect(written.length).toBeLessThanOrEqual(2 * (chosen.length + 8));

        const files = await exported(backups, folder, timeMicros);
        for (const { size } of files) expect(size).toBeLessThan(LONGEST_BYTES);
        const isShort = files.map(({ size }) => size < SEGMENT_BYTES / 2);
        const isFirst = await Promise.all(files.map(({ path: file }) => firstDigit(file)));
        const neighbours = isShort.filter((short, n) => short && isShort[n + 1] && isFirst[n] === isFirst[n + 1]);
        expect(neighbours).toEqual([]);
      }
      const lines = (await exportLines(backups, 'table', timeMicros, path.join(folder, 'export'))).flat();
      expect(lines.sort()).toEqual([...state].map(([sk, value]) => `{"Item":${imageOf(key(sk), value)}}`).sort());
      await backups.close();
    }),
    { numRuns: 15 },
  );
}, 120_000);

/** The number of the partition that a data file is of; an empty file is that of none. */
async function firstDigit(file: string): Promise<number> {
  const [line] = (await readOnlyMember(readFileSync(file))).split('\n');
  if (!line) return Number.NaN;
  return Math.floor(Number.parseInt(partitionHash(JSON.parse(line).Item.pk.S).charAt(0), 16) / 4);
}

test('files of another version of the format are refused as such', async () => {
  const { folder, backups } = await opened();
  await backups.close();
  const catalogue = path.join(tableFolder(folder), 'catalogue');
  const bytes = readFileSync(catalogue);
  bytes.write('3', 3, 'latin1');
  writeFileSync(catalogue, bytes);

  const reopened = await openInProcess(path.join(folder, 'backups'), { limits });

  await expect(exportLines(reopened, 'table', START.timeMicros, path.join(folder, 'export'))).rejects.toThrow(
    `${catalogue} is damaged at byte 0: written in version 3 of the format, of which this Outport reads 4`,
  );
});
