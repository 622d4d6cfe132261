import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Backups, Change, IncrementalExportRequest } from '../../src/engine/index.ts';
import { attributesOf } from '../../src/engine/json-text.ts';
import { change, imageOf, itemsOf, type Key, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { itemArbitrary } from './support/items.ts';
import { exportLines, linesOf } from './support/read-export.ts';
import { objectOfIonLine, objectOfJsonLine } from './support/read-ion.ts';

const START = { timeMicros: 1_000_000, sequence: 0, periodDays: 35 };
const FOREVER = { fromMicros: START.timeMicros, toMicros: 3_000_000_000_000_000 };
const A = { pk: 'a', sk: 1 };

type Window = Pick<IncrementalExportRequest, 'fromMicros' | 'toMicros'>;
type Options = Partial<Pick<IncrementalExportRequest, 'view' | 'format' | 'keyNames'>>;

async function linesBetween(backups: Backups, directory: string, window: Window, options: Options = {}) {
  const files = await linesOf(backups, {
    exportType: 'INCREMENTAL_EXPORT',
    tableId: 'table',
    view: 'NEW_AND_OLD_IMAGES',
    format: 'DYNAMODB_JSON',
    keyNames: ['pk', 'sk'],
    directory,
    ...window,
    ...options,
  });
  return files.flat();
}

/** Backups of a table with the items, to which each of the changes was made a microsecond after the one before. */
async function tableWith(
  items: readonly (readonly [Key, string])[],
  changes: readonly (readonly [Key, string | null])[],
) {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  await backups.start('table', START, itemsOf(items));
  const written = changes.map(([key, value], index) =>
    change({ sequence: index + 1, timeMicros: START.timeMicros + 1 + index }, key, value),
  );
  await backups.append('table', written);
  const between = (window: Partial<Window>, options?: Options) =>
    linesBetween(backups, path.join(folder, 'export'), { ...FOREVER, ...window }, options);
  return { backups, folder, between };
}

const metadata = (micros: number) => `"Metadata":{"WriteTimestampMicros":{"N":"${micros}"}}`;
const KEYS = '"Keys":{"pk":{"S":"a"},"sk":{"N":"1"}}';

test.each([
  {
    net: 'an insert',
    items: [],
    changes: [[A, 'new'] as const],
    newImage: `{${metadata(1_000_001)},${KEYS},"NewImage":${imageOf(A, 'new')}}`,
    both: `{${metadata(1_000_001)},${KEYS},"NewImage":${imageOf(A, 'new')}}`,
  },
  {
    net: 'an update',
    items: [[A, 'old'] as const],
    changes: [[A, 'between'] as const, [A, 'new'] as const],
    newImage: `{${metadata(1_000_002)},${KEYS},"NewImage":${imageOf(A, 'new')}}`,
    both: `{${metadata(1_000_002)},${KEYS},"OldImage":${imageOf(A, 'old')},"NewImage":${imageOf(A, 'new')}}`,
  },
  {
    net: 'a deletion',
    items: [[A, 'old'] as const],
    changes: [[A, 'between'] as const, [A, null] as const],
    newImage: `{${metadata(1_000_002)},${KEYS}}`,
    both: `{${metadata(1_000_002)},${KEYS},"OldImage":${imageOf(A, 'old')}}`,
  },
  {
    net: 'a deletion and an insert, which is an update',
    items: [[A, 'old'] as const],
    changes: [[A, null] as const, [A, 'new'] as const],
    newImage: `{${metadata(1_000_002)},${KEYS},"NewImage":${imageOf(A, 'new')}}`,
    both: `{${metadata(1_000_002)},${KEYS},"OldImage":${imageOf(A, 'old')},"NewImage":${imageOf(A, 'new')}}`,
  },
  {
    net: 'an update that brings back the old value',
    items: [[A, 'old'] as const],
    changes: [[A, 'new'] as const, [A, 'old'] as const],
    newImage: `{${metadata(1_000_002)},${KEYS},"NewImage":${imageOf(A, 'old')}}`,
    both: `{${metadata(1_000_002)},${KEYS},"OldImage":${imageOf(A, 'old')},"NewImage":${imageOf(A, 'old')}}`,
  },
  { net: 'an insert and a deletion', items: [], changes: [[A, 'new'] as const, [A, null] as const] },
  { net: 'a deletion of nothing', items: [], changes: [[A, null] as const] },
])('$net', async ({ items, changes, newImage, both }) => {
  const { between } = await tableWith(items, changes);

  expect(await between({}, { view: 'NEW_IMAGE' })).toEqual(newImage ? [newImage] : []);
  expect(await between({}, { view: 'NEW_AND_OLD_IMAGES' })).toEqual(both ? [both] : []);
});

test('a record reads as one that DynamoDB wrote, with the attributes of its images in order', async () => {
  const folder = temporaryFolder();
  const backups = await openInProcess(path.join(folder, 'backups'));
  const item = { partitionHash: '0123456789abcdef', key: 'S2/S1' };
  const timeMicros = 1_768_386_096_366_933;
  const before = '{"test":{"S":"1"},"sk":{"S":"1"},"pk":{"S":"2"}}';
  const after = '{"sk":{"S":"1"},"pk":{"S":"2"},"Z":{"M":{"b":{"N":"600"},"a":{"BOOL":true}}},"test":{"S":"2"}}';
  await backups.start(
    'table',
    START,
    (async function* () {
      yield [{ ...item, image: before }];
    })(),
  );
  await backups.append('table', [{ ...item, timeMicros, sequence: 1, newImage: after }]);

  expect(await linesBetween(backups, path.join(folder, 'export'), FOREVER)).toEqual([
    '{"Metadata":{"WriteTimestampMicros":{"N":"1768386096366933"}},"Keys":{"pk":{"S":"2"},"sk":{"S":"1"}},' +
      '"OldImage":{"pk":{"S":"2"},"sk":{"S":"1"},"test":{"S":"1"}},' +
      '"NewImage":{"Z":{"M":{"b":{"N":"600"},"a":{"BOOL":true}}},"pk":{"S":"2"},"sk":{"S":"1"},"test":{"S":"2"}}}',
  ]);
  expect(await linesBetween(backups, path.join(folder, 'export'), FOREVER, { format: 'ION' })).toEqual([
    '$ion_1_0 {Record:{Keys:{pk:"2",sk:"1"},Metadata:{WriteTimestampMicros:1768386096366933.},' +
      'OldImage:{pk:"2",sk:"1",test:"1"},NewImage:{Z:{b:6d2,a:true},pk:"2",sk:"1",test:"2"}}}',
  ]);
});

test('a window has its first microsecond and not its last', async () => {
  const keys = [1, 2, 3].map((sk) => ({ pk: 'a', sk }));
  const { between } = await tableWith(
    [],
    keys.map((key) => [key, 'x'] as const),
  );
  const keysBetween = async (fromMicros: number, toMicros: number) =>
    (await between({ fromMicros, toMicros })).map((line) => Number(JSON.parse(line).Keys.sk.N));

  expect(await keysBetween(1_000_001, 1_000_003)).toEqual([1, 2]);
  expect(await keysBetween(1_000_003, 1_000_004)).toEqual([3]);
  expect(await keysBetween(1_000_000, 1_000_001)).toEqual([]);
  expect(await keysBetween(1_000_000, 1_000_004)).toEqual([1, 2, 3]);
});

test('a window outside of the history, or without a moment, is refused', async () => {
  const folder = temporaryFolder();
  const nowMicros = 2_000_000;
  const backups = await openInProcess(path.join(folder, 'backups'), { now: () => nowMicros / 1000 });
  await backups.start('table', START, itemsOf([]));
  const between = (fromMicros: number, toMicros: number) =>
    linesBetween(backups, path.join(folder, 'export'), { fromMicros, toMicros });

  await expect(between(999_999, 1_000_001)).rejects.toMatchObject({ code: 'TIME_OUTSIDE_HISTORY' });
  await expect(between(1_000_000, nowMicros + 1_001)).rejects.toMatchObject({ code: 'TIME_OUTSIDE_HISTORY' });
  await expect(between(1_000_001, 1_000_001)).rejects.toThrow(RangeError);
  expect(await between(1_000_000, nowMicros + 1_000)).toEqual([]);
});

test('a full export and the windows after it give any later full export, in whatever steps', async () => {
  const commitArbitrary = fc.uniqueArray(
    fc.record({ sk: fc.nat(12), value: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 })) }),
    { selector: ({ sk }) => sk, minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(commitArbitrary, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.array(fc.nat(40), { minLength: 2, maxLength: 5 }),
      fc.nat(40),
      async (commits, times, maintainAfter) => {
        const folder = temporaryFolder();
        const directory = path.join(folder, 'export');
        const backups = await openInProcess(path.join(folder, 'backups'), { limits: TINY_LIMITS });
        await backups.start('table', START, itemsOf([[A, 'first']]));
        let sequence = 0;
        for (const [index, writes] of commits.entries()) {
          const timeMicros = START.timeMicros + index;
          const changes: Change[] = writes.map(({ sk, value }) => {
            sequence += 1;
            return change({ sequence, timeMicros }, { pk: `pk${sk % 5}`, sk }, value);
          });
          await backups.append('table', changes);
          if (index === maintainAfter) await backups.maintain(timeMicros);
        }
        const moments = times.map((time) => START.timeMicros + Math.min(time, commits.length));
        const ends = [...new Set(moments)].sort((a, b) => a - b);
        const stateAt = async (timeMicros: number) =>
          new Map(
            (await exportLines(backups, 'table', timeMicros, directory)).flat().map((line) => {
              const { Item } = JSON.parse(line);
              return [`${Item.pk.S}/${Item.sk.N}`, Item];
            }),
          );

        let at = ends[0] ?? START.timeMicros;
        const state = await stateAt(at);
        for (const end of ends.slice(1)) {
          const lines = await linesBetween(backups, directory, { fromMicros: at + 1, toMicros: end + 1 });
          for (const { Keys, OldImage, NewImage } of lines.map((line) => JSON.parse(line))) {
            const key = `${Keys.pk.S}/${Keys.sk.N}`;
            expect(OldImage).toEqual(state.get(key));
            if (NewImage === undefined) state.delete(key);
            else state.set(key, NewImage);
          }
          expect(state).toEqual(await stateAt(end));
          at = end;
        }
      },
    ),
    { numRuns: 25 },
  );
}, 300_000);

test('a record in Ion holds what the one in DynamoDB JSON does, whatever the item', async () => {
  const items = fc.sample(itemArbitrary, { numRuns: 200, seed: 1 });
  const folder = temporaryFolder();
  const directory = path.join(folder, 'export');
  const backups = await openInProcess(path.join(folder, 'backups'));
  await backups.start('table', START, itemsOf([]));
  const changes = items.map((item, index) => {
    const written = change(
      { sequence: index + 1, timeMicros: START.timeMicros + 1 },
      { pk: `${index}`, sk: index },
      '',
    );
    return { ...written, newImage: JSON.stringify({ ...item, pk: { S: `${index}` }, sk: { N: `${index}` } }) };
  });
  await backups.append('table', changes);

  const json = await linesBetween(backups, directory, FOREVER);
  const ion = await linesBetween(backups, directory, FOREVER, { format: 'ION' });

  expect(ion.map(objectOfIonLine)).toEqual(json.map(objectOfJsonLine));
  for (const line of json) {
    const names = attributesOf(Buffer.from(line.slice(line.indexOf('"NewImage":') + 11, -1))).map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
  }
});
