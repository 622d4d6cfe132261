import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Backups, ExportRequest, IncrementalExportRequest } from '../../src/engine/index.ts';
import { openBackups } from '../../src/engine/index.ts';
import { change, imageOf, itemsOf, type Key, partitionHash } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { linesOf } from './support/read-export.ts';
import { objectOfIonLine, objectOfJsonLine, objectsOf } from './support/read-ion.ts';

const START = { timeMicros: 1_000_000, sequence: 0, periodDays: 35 };
const NOW_MICROS = 1_000_100;

/** Chooses items whose value begins with `prefix`, and shows no more of them than `names`. */
const TRANSFORM_MODULE = `
  export default ({ prefix, names }) => {
    const project = (image) => JSON.stringify(
      Object.fromEntries(Object.entries(JSON.parse(image)).filter(([name]) => names.includes(name))),
    );
    return {
      select: (image) => (JSON.parse(image).value.S.startsWith(prefix) ? project(image) : null),
      project,
    };
  };
`;

interface Filtered {
  readonly folder: string;
  readonly backups: Backups;
  readonly request: Pick<ExportRequest, 'tableId' | 'directory' | 'transform'>;
}

async function filtered(
  items: readonly (readonly [Key, string])[],
  changes: readonly (readonly [Key, string | null])[],
  options: { readonly prefix: string; readonly names: readonly string[] },
): Promise<Filtered> {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  await backups.start('table', START, itemsOf(items));
  const written = changes.map(([key, value], index) =>
    change({ sequence: index + 1, timeMicros: START.timeMicros + 1 + index }, key, value),
  );
  await backups.append('table', written);
  return {
    folder,
    backups,
    request: { tableId: 'table', directory: path.join(folder, 'export'), transform: transformIn(folder, options) },
  };
}

function transformIn(folder: string, options: unknown) {
  const module = path.join(folder, 'transform.mjs');
  writeFileSync(module, TRANSFORM_MODULE);
  return { module, options };
}

const full = { exportType: 'FULL_EXPORT', timeMicros: NOW_MICROS } as const;
const increment = {
  exportType: 'INCREMENTAL_EXPORT',
  fromMicros: START.timeMicros,
  toMicros: NOW_MICROS,
  view: 'NEW_AND_OLD_IMAGES',
  keyNames: ['pk', 'sk'],
} as const satisfies Partial<IncrementalExportRequest>;

const key = (sk: number) => ({ pk: `pk${sk % 7}`, sk });

test('a full export has the items that were selected, as the transform shows them', async () => {
  const items = Array.from({ length: 300 }, (_, n) => [key(n), `${n % 3 === 0 ? 'yes' : 'no'} ${n}`] as const);
  const changes = [
    [key(0), 'no more'],
    [key(1), 'yes now'],
    [key(3), null],
    [key(500), 'yes new'],
    [key(501), 'no'],
  ] as const;
  const { backups, request } = await filtered(items, changes, { prefix: 'yes', names: ['sk'] });

  const json = await linesOf(backups, { ...request, ...full, format: 'DYNAMODB_JSON' });
  const ion = await linesOf(backups, { ...request, ...full, format: 'ION' });

  const expected = [1, 500, ...items.flatMap((_, n) => (n % 3 === 0 && n !== 0 && n !== 3 ? [n] : []))];
  expect(json.flat().sort()).toEqual(expected.map((sk) => `{"Item":{"sk":{"N":"${sk}"}}}`).sort());
  expect(ion.map((lines) => objectsOf(lines, objectOfIonLine))).toEqual(
    json.map((lines) => objectsOf(lines, objectOfJsonLine)),
  );
});

test('a record is selected by its new image, of a deletion by its old one, and always has its whole keys', async () => {
  const items = [
    [key(1), 'yes'],
    [key(2), 'no'],
    [key(3), 'yes'],
    [key(4), 'yes'],
    [key(5), 'no'],
  ] as const;
  const changes = [
    [key(1), 'no'],
    [key(2), 'yes'],
    [key(3), 'yes again'],
    [key(4), null],
    [key(5), null],
    [key(6), 'yes'],
    [key(7), 'no'],
  ] as const;
  const { backups, request } = await filtered(items, changes, { prefix: 'yes', names: ['value'] });

  const lines = (await linesOf(backups, { ...request, ...increment, format: 'DYNAMODB_JSON' })).flat();
  const records = lines.map((line) => JSON.parse(line)).sort((a, b) => a.Keys.sk.N - b.Keys.sk.N);

  const image = (value: string) => ({ value: { S: value } });
  const keys = (sk: number) => ({ pk: { S: `pk${sk % 7}` }, sk: { N: String(sk) } });
  expect(records.map(({ Metadata: _, ...record }) => record)).toEqual([
    { Keys: keys(2), OldImage: image('no'), NewImage: image('yes') },
    { Keys: keys(3), OldImage: image('yes'), NewImage: image('yes again') },
    { Keys: keys(4), OldImage: image('yes') },
    { Keys: keys(6), NewImage: image('yes') },
  ]);
});

test('with a partition hash, only what belongs to that partition key is exported', async () => {
  const items = Array.from({ length: 2_000 }, (_, n) => [key(n), `x${'y'.repeat(100)}`] as const);
  const changes = [
    [key(14), 'x changed'],
    [key(15), 'x of another'],
    [key(21), null],
    [key(70_000), 'x new'],
  ] as const;
  const { backups, request } = await filtered(items, changes, { prefix: 'x', names: ['pk', 'sk', 'value'] });
  const output = { ...request, format: 'DYNAMODB_JSON', partitionHash: partitionHash('pk0') } as const;

  const lines = await linesOf(backups, { ...output, ...full });
  const { transform: _, ...unfiltered } = output;
  const records = (await linesOf(backups, { ...output, ...increment })).flat().map((line) => JSON.parse(line));

  const state = new Map(
    items.filter(([{ pk }]) => pk === 'pk0').map(([each, value]) => [each.sk, imageOf(each, value)]),
  );
  state.set(14, imageOf(key(14), 'x changed'));
  state.delete(21);
  state.set(70_000, imageOf(key(70_000), 'x new'));
  expect(lines.flat().sort()).toEqual([...state.values()].map((image) => `{"Item":${image}}`).sort());
  expect(lines.filter((file) => file.length > 0)).toHaveLength(1);
  expect(await linesOf(backups, { ...unfiltered, ...full })).toEqual(lines);
  expect(records.map(({ Keys }) => Number(Keys.sk.N)).sort((a, b) => a - b)).toEqual([14, 21, 70_000]);
});

test('an error of the transform ends the export, and nothing else', async () => {
  const { backups, request } = await filtered([[key(1), 'x']], [], { prefix: 'x', names: [] });
  const broken = transformIn(path.dirname(request.directory), { prefix: '', names: null });

  await expect(linesOf(backups, { ...request, ...full, format: 'ION', transform: broken })).rejects.toThrow(TypeError);
  const missing = { module: path.join(request.directory, 'missing.mjs'), options: {} };
  await expect(linesOf(backups, { ...request, ...full, format: 'ION', transform: missing })).rejects.toThrow(
    'missing.mjs',
  );
  expect((await linesOf(backups, { ...request, ...full, format: 'DYNAMODB_JSON' })).flat()).toEqual(['{"Item":{}}']);
});

test('the bundled worker runs transforms, and goes on after one that failed', async () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'export');
  const workerFile = path.resolve('build/cli/export-worker.mjs');
  const now = () => NOW_MICROS / 1000;
  const backups = await openBackups({ directory: path.join(folder, 'backups'), workerFile, now });
  await backups.start(
    'table',
    START,
    itemsOf([
      [key(1), 'yes'],
      [key(2), 'no'],
    ]),
  );
  const output = { tableId: 'table', directory, format: 'ION' } as const;
  const failing = transformIn(folder, { prefix: '', names: null });
  const working = transformIn(folder, { prefix: 'yes', names: ['value'] });

  await expect(linesOf(backups, { ...full, ...output, transform: failing })).rejects.toThrow(TypeError);
  const lines = await linesOf(backups, { ...full, ...output, transform: working });

  expect(lines.flat()).toEqual(['$ion_1_0 {Item:{value:"yes"}}']);
  await backups.close();
});
