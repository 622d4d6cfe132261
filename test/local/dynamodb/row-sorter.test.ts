import { readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowSorter } from '../../../src/local/dynamodb/imports/row-sorter.ts';
import { keyAt, RowBuffer, sizeBytesAt, textAt } from '../../../src/local/dynamodb/imports/rows.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const folder = temporaryDirectory();

const rowArbitrary = fc.record({
  hash: fc.constantFrom('000000', '0000ff', 'a00000', 'ffffff'),
  name: fc.constantFrom('a', 'b', 'bb', 'c'),
  object: fc.nat(3),
  text: fc.string({ unit: 'grapheme', maxLength: 40 }),
});

test('rows are sorted, and of equal keys the last of the last object is kept, however much is spilled', () => {
  let run = 0;
  let spilled = 0;
  fc.assert(
    fc.property(
      fc.array(fc.array(rowArbitrary, { maxLength: 12 }), { maxLength: 90 }),
      fc.constantFrom(100, 1500, 1_000_000),
      (batches, memoryBytes) => {
        const directory = path.join(folder.path, `${run++}`);
        const sorter = new RowSorter({ directory, memoryBytes });
        const expected = new Map<string, { object: number; text: string }>();
        const buffer = new RowBuffer(64);
        for (const batch of batches) {
          for (const { hash, name, object, text } of batch) {
            const key = `${hash}/${name}/`;
            buffer.add({ key, object, text, sizeBytes: text.length });
            if ((expected.get(key)?.object ?? 0) <= object) expected.set(key, { object, text });
          }
          sorter.add(Buffer.from(buffer.take().buffer));
        }

        const sorted = Array.from(sorter.sorted(), ({ rows, at }) => [
          keyAt(rows, at).toString(),
          textAt(rows, at).toString(),
          sizeBytesAt(rows, at),
        ]);

        const keys = [...expected.keys()].sort();
        expect(sorted).toEqual(keys.map((key) => [key, expected.get(key)?.text, expected.get(key)?.text.length]));
        spilled += readdirSync(folder.path).includes(path.basename(directory)) ? 1 : 0;
      },
    ),
    { numRuns: 200 },
  );
  expect(spilled).toBeGreaterThan(20);
});
