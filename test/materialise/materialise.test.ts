import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folderOnDisk, foldersOnDisk, type MaterialiseOptions, materialise } from '../../src/materialise/index.ts';
import { temporaryFolder } from '../engine/support/in-process.ts';
import { readItems } from './support/read-materialised.ts';
import { writeExport } from './support/written-exports.ts';

const workerFile = path.resolve('build/cli/export-worker.mjs');
const START_MS = Date.parse('2026-11-01T00:00:00Z');
const HOUR_MS = 3_600_000;

const fromFolders = (folders: readonly string[], directory: string, more: Partial<MaterialiseOptions> = {}) =>
  materialise({ folders: folders.map(folderOnDisk), form: 'dynamodb-json', directory, workerFile, ...more });

type Item = Record<string, Record<string, unknown>>;
const itemOf = (pk: number, value: string): Item => ({
  pk: { S: `p${pk}` },
  sk: { N: `${pk % 3}` },
  value: { S: value },
});
const keysOf = ({ pk, sk }: Item) => ({ pk, sk });
const full = (items: Iterable<Item>) => [...items].map((Item) => JSON.stringify({ Item }));

test('a chain gives the table at each of its ends, as a naive replay has it', async () => {
  const changeArbitrary = fc.record({ pk: fc.nat(9), value: fc.option(fc.string({ unit: 'grapheme' })) });
  const windowArbitrary = fc.record({
    changes: fc.array(changeArbitrary, { maxLength: 12 }),
    withOldImages: fc.boolean(),
  });
  const folder = temporaryFolder();
  let run = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(changeArbitrary, { maxLength: 12 }),
      fc.array(windowArbitrary, { maxLength: 4 }),
      async (first, windows) => {
        const root = path.join(folder, `${run++}`);
        const state = new Map<number, Item>();
        const apply = (changes: typeof first) => {
          for (const { pk, value } of changes) {
            if (value === null) state.delete(pk);
            else state.set(pk, itemOf(pk, value));
          }
        };
        const states: string[][] = [];
        const remember = () => states.push([...state.values()].map((item) => JSON.stringify(item)).sort());

        apply(first);
        remember();
        const lines = full(state.values());
        // A file of nothing, too, as a partition without items has.
        const folders = [
          writeExport(root, { id: 'full', toMs: START_MS, files: [lines.slice(0, 3), [], lines.slice(3)] }),
        ];
        for (const [n, { changes, withOldImages }] of windows.entries()) {
          const before = new Map(state);
          apply(changes);
          remember();
          const records = [...new Set(changes.map(({ pk }) => pk))].flatMap((pk) => {
            const [OldImage, NewImage] = [before.get(pk), state.get(pk)];
            const image = NewImage ?? OldImage;
            if (image === undefined) return [];
            const Metadata = { WriteTimestampMicros: { N: '1768386096366933' } };
            return [JSON.stringify({ Metadata, Keys: keysOf(image), ...(withOldImages && { OldImage }), NewImage })];
          });
          const fromMs = START_MS + n * HOUR_MS;
          folders.push(writeExport(root, { id: `i${n}`, fromMs, toMs: fromMs + HOUR_MS, files: [[], records] }));
        }

        // In whatever order they are named.
        const shuffled = folders.toReversed();
        for (const [n, expected] of states.entries()) {
          const directory = path.join(root, `out-${n}`);
          const made = await fromFolders(shuffled, directory, { atMs: START_MS + n * HOUR_MS });
          expect(readItems(directory)).toEqual(expected);
          expect(made.itemCount).toBe(expected.length);
          expect(made.exports).toHaveLength(n + 1);
        }
      },
    ),
    { numRuns: 12 },
  );
});

test('what was materialised is a full export that a chain may begin with', async () => {
  const root = temporaryFolder();
  const folders = [
    writeExport(root, { id: 'full', toMs: START_MS, files: [full([itemOf(1, 'a'), itemOf(2, 'b')])] }),
    writeExport(root, {
      id: 'first',
      fromMs: START_MS,
      toMs: START_MS + HOUR_MS,
      files: [[JSON.stringify({ Keys: keysOf(itemOf(1, '')) })]],
    }),
  ];
  const compacted = path.join(root, 'compacted');
  await fromFolders(folders, compacted);
  const next = writeExport(root, {
    id: 'second',
    fromMs: START_MS + HOUR_MS,
    toMs: START_MS + 2 * HOUR_MS,
    files: [[JSON.stringify({ Keys: keysOf(itemOf(3, '')), NewImage: itemOf(3, 'c') })]],
  });

  // What lies below one folder may be named together.
  expect((await foldersOnDisk(path.join(root, 'lake'))).map(({ name }) => path.basename(name))).toEqual([
    'first',
    'full',
    'second',
  ]);
  expect(await foldersOnDisk(compacted)).toMatchObject([{ name: compacted }]);
  await fromFolders([compacted, next], path.join(root, 'out'));

  expect(readItems(path.join(root, 'out'))).toEqual(
    [itemOf(2, 'b'), itemOf(3, 'c')].map((item) => JSON.stringify(item)),
  );
});

test('exports that are no chain are refused with what does not fit', async () => {
  const root = temporaryFolder();
  const written = (id: string, fromHour: number | undefined, toHour: number, tableId?: string) =>
    writeExport(root, {
      id,
      ...(fromHour !== undefined && { fromMs: START_MS + fromHour * HOUR_MS }),
      ...(tableId !== undefined && { tableId }),
      toMs: START_MS + toHour * HOUR_MS,
      files: [[]],
    });
  const [base, first, third, overlapping] = [
    written('full', undefined, 0),
    written('1', 0, 1),
    written('3', 2, 3),
    written('o', 0, 2),
  ];
  const refused = (folders: string[], more?: Partial<MaterialiseOptions>) => {
    const directory = path.join(root, 'out');
    return fromFolders(folders, directory, more).then(
      () => 'not refused',
      (error: unknown) => {
        expect(error).toMatchObject({ name: 'MaterialiseError' });
        expect(existsSync(directory) ? readdirSync(directory) : []).toEqual([]);
        return error instanceof Error ? error.message.replaceAll(`${root}/lake/AWSDynamoDB/`, '') : '';
      },
    );
  };

  expect(await refused([base, first, third])).toBe(
    'There is a gap between 2026-11-01T00:00:00.000Z – 2026-11-01T01:00:00.000Z (1) and 2026-11-01T02:00:00.000Z – 2026-11-01T03:00:00.000Z (3).',
  );
  expect(await refused([base, third])).toContain('a gap between the state at 2026-11-01T00:00:00.000Z (full) and');
  expect(await refused([base, first, overlapping])).toContain('an overlap between');
  expect(await refused([first])).toBe('None is a full export.');
  expect(await refused([base, written('another', undefined, 1)])).toContain('are both full exports');
  expect(await refused([base, written('of-another', 0, 1, 'another-table')])).toContain('are of different tables');
  expect(await refused([base, first], { atMs: START_MS + 1 })).toBe(
    'The chain has no end at 2026-11-01T00:00:00.001Z.',
  );
  expect(await refused([path.join(root, 'nowhere')])).toContain('manifest-summary.json could not be read');
  expect(await refused([base], { form: 'parquet' })).toContain('There are no items');
});

test('what is not as its manifest says is refused, and nothing is left of it', async () => {
  const root = temporaryFolder();
  const lines = full([itemOf(1, 'a'), itemOf(2, 'b')]);
  const home = () => writeExport(root, { id: 'full', toMs: START_MS, files: [lines] });
  const dataFile = path.join(root, 'lake/AWSDynamoDB/full/data/full-0.json.gz');
  const refused = async (spoil: (folder: string) => void) => {
    const folder = home();
    spoil(folder);
    const directory = path.join(root, 'out');
    const error = await fromFolders([folder], directory).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'MaterialiseError' });
    if (existsSync(directory)) expect(readdirSync(directory)).toEqual([]);
    return error instanceof Error ? error.message : '';
  };
  const changeText = (file: string, from: string, to: string) =>
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));

  expect(await refused((folder) => changeText(path.join(folder, 'manifest-files.json'), '2', '3'))).toMatch(
    /the MD5 of manifest-files\.json is .{24}, and should be .{24}\.$/,
  );
  expect(await refused((folder) => rmSync(path.join(folder, 'manifest-summary.md5')))).toContain(
    'manifest-summary.md5 could not be read',
  );
  expect(await refused(() => writeFileSync(dataFile, readFileSync(dataFile).subarray(0, -9)))).toContain(
    'data/full-0.json.gz could not be read: unexpected end of file',
  );
  expect(await refused(() => rmSync(dataFile))).toContain('data/full-0.json.gz could not be read: ENOENT');
  const other = path.join(root, 'other');
  writeExport(other, { id: 'full', toMs: START_MS, files: [full([itemOf(1, 'a')])] });
  const otherFile = readFileSync(path.join(other, 'lake/AWSDynamoDB/full/data/full-0.json.gz'));
  expect(await refused(() => writeFileSync(dataFile, otherFile))).toMatch(/its MD5 is .{24}, and should be .{24}\.$/);
  expect(await fromFolders([home()], path.join(root, 'out'))).toMatchObject({ itemCount: 2 });
});
