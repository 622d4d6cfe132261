import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Key } from './support/changes.ts';
import { change, imageOf, itemsOf } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { exportLines, readOnlyMember } from './support/read-export.ts';

const START = { timeMicros: 1_000_000, sequence: 10, periodDays: 35 };
const line = (key: Key, value: string) => `{"Item":${imageOf(key, value)}}`;

test('an empty table gives four empty files, to the byte', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  await backups.start('table', START, itemsOf([]));

  const result = await backups.export({
    exportType: 'FULL_EXPORT',
    tableId: 'table',
    timeMicros: START.timeMicros,
    format: 'DYNAMODB_JSON',
    directory: folder,
  });

  expect(result.itemCount).toBe(0);
  for (const file of result.files) {
    expect(readFileSync(path.join(folder, file.name), 'hex')).toBe('1f8b08000000000000ff03000000000000000000');
    expect(Buffer.from(file.md5).toString('base64')).toBe('FjvgqIxwymKf1RbbqtrZag==');
  }
  expect(result.files).toHaveLength(4);
});

test('the strict reader of these tests takes a file that DynamoDB wrote, and no second member', async () => {
  const real = Buffer.from(
    '1f8b08000000000000ffab56f22c49cd55b2aa562ac80691c14a564a864ab53a4ac5a8dc92d4e2129800985d5b5bcb554d58b31136cd46c4ea3686e936c230cf10494b6d2d17001f45356ec8000000',
    'hex',
  );
  expect((await readOnlyMember(real)).split('\n')[0]).toBe(
    '{"Item":{"pk":{"S":"1"},"sk":{"S":"1"},"test":{"S":"test"}}}',
  );
  await expect(readOnlyMember(Buffer.concat([real, real]))).rejects.toThrow();
});

test('an export has the changes up to its microsecond and none after', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  const key = { pk: 'a', sk: 1 };
  await backups.start('table', START, itemsOf([[key, 'base']]));
  await backups.append('table', [
    change({ sequence: 11, timeMicros: 1_000_001 }, key, 'updated'),
    change({ sequence: 13, timeMicros: 1_000_003 }, key, null),
    change({ sequence: 14, timeMicros: 1_000_003 }, { pk: 'b', sk: 1 }, 'same commit'),
  ]);

  const linesAt = async (timeMicros: number) =>
    (await exportLines(backups, 'table', timeMicros, path.join(folder, 'export'))).flat();
  expect(await linesAt(1_000_000)).toEqual([line(key, 'base')]);
  expect(await linesAt(1_000_001)).toEqual([line(key, 'updated')]);
  expect(await linesAt(1_000_002)).toEqual([line(key, 'updated')]);
  expect(await linesAt(1_000_003)).toEqual([line({ pk: 'b', sk: 1 }, 'same commit')]);
});

test('the items of a partition key are in one file, that of their hash range', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  const keys = Array.from({ length: 3000 }, (_, n) => ({ pk: `pk${n % 100}`, sk: Math.floor(n / 100) }));
  await backups.start('table', START, itemsOf(keys.map((key) => [key, 'x'.repeat(50)])));

  const files = await exportLines(backups, 'table', START.timeMicros, path.join(folder, 'export'));

  const keysOf = (lines: string[]): Key[] =>
    lines.map((text) => JSON.parse(text).Item).map((item) => ({ pk: item.pk.S, sk: Number(item.sk.N) }));
  expect(files.every((lines) => lines.length > 300)).toBe(true);
  for (const partitionKey of new Set(keys.map(({ pk }) => pk))) {
    const found = files.map((lines) => keysOf(lines).filter(({ pk }) => pk === partitionKey));
    expect(found.map(({ length }) => length).sort()).toEqual([0, 0, 0, 30]);
  }
});

test('the pieces of a large base, copied or rewritten, make one member that gunzip takes', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  const keys = Array.from({ length: 5000 }, (_, n) => ({ pk: `pk${n}`, sk: n }));
  const longValue = (key: Key) => `${key.pk} é 😀 ${'x'.repeat(100)}`;
  await backups.start('table', START, itemsOf(keys.map((key) => [key, longValue(key)])));
  const changed = keys[1234] ?? { pk: 'none', sk: 0 };
  await backups.append('table', [change({ sequence: 11, timeMicros: 1_000_001 }, changed, 'new')]);

  const directory = path.join(folder, 'export');
  const files = await exportLines(backups, 'table', 1_000_001, directory);

  const expected = keys.map((key) => line(key, key === changed ? 'new' : longValue(key)));
  expect(files.flat().sort()).toEqual(expected.sort());
  const again = await backups.export({
    exportType: 'FULL_EXPORT',
    tableId: 'table',
    timeMicros: 1_000_001,
    format: 'DYNAMODB_JSON',
    directory,
  });
  const texts = again.files.map(({ name }) => gunzipSync(readFileSync(path.join(directory, name))).toString());
  expect(texts.join('').split('\n').slice(0, -1).sort()).toEqual(files.flat().sort());
});
