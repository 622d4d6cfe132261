import fc from 'fast-check';
import { expect, test } from 'vitest';
import { historyPosition } from '../../src/records/history.ts';
import { decodeCursor, encodeCursor } from '../../src/services/cursors.ts';
import { readListPage } from '../../src/services/list-page.ts';

const position = fc
  .tuple(
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
    fc.stringMatching(/^exp_[a-z2-7]{26}$/),
  )
  .map(([time, id]) => historyPosition(time.toISOString(), id));
const filter = fc.dictionary(fc.constantFrom('tableArn', 'status', 'list'), fc.option(fc.string(), { nil: null }));

test('a cursor leads back to its position, with its own filter in any order', () => {
  fc.assert(
    fc.property(position, filter, (at, by) => {
      const reordered = Object.fromEntries(Object.entries(by).toReversed());
      expect(decodeCursor(encodeCursor(at, by), reordered)).toBe(at);
    }),
  );
});

test('a cursor is refused with another filter', () => {
  fc.assert(
    fc.property(position, filter, filter, (at, by, other) => {
      fc.pre(JSON.stringify(Object.entries(by).sort()) !== JSON.stringify(Object.entries(other).sort()));
      expect(decodeCursor(encodeCursor(at, by), other)).toBeNull();
    }),
  );
});

test('junk is no cursor', () => {
  fc.assert(
    fc.property(fc.string(), filter, (junk, by) => {
      expect(decodeCursor(junk, by)).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), filter, (value, by) => {
      const cursor = Buffer.from(JSON.stringify(value)).toString('base64url');
      expect(decodeCursor(cursor, by)).toBeNull();
    }),
  );
});

test('pages, one after another, show exactly what fits, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 10 }),
      async (fits, first) => {
        const history = fits.map((fitting, index) => ({ fitting, at: `${index}` }));
        const shown: string[] = [];
        let after = -1;
        for (;;) {
          const rest = history.slice(after + 1);
          const page = await readListPage(
            toAsync(rest),
            ({ at }) => at,
            first,
            ({ fitting }) => fitting,
          );
          expect(page.items.length).toBeLessThanOrEqual(first);
          shown.push(...page.items.map(({ at }) => at));
          if (!page.hasNextPage) break;
          after = Number(page.endPosition);
        }
        expect(shown).toEqual(history.filter(({ fitting }) => fitting).map(({ at }) => at));
      },
    ),
  );
});

test('a page is what it would be if nothing that does not fit were there', async () => {
  const item = fc.record({ fitting: fc.boolean(), at: fc.uuid() });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), async (history, first) => {
      const read = (items: typeof history) =>
        readListPage(
          toAsync(items),
          ({ at }) => at,
          first,
          ({ fitting }) => fitting,
        );
      expect(await read(history)).toEqual(await read(history.filter(({ fitting }) => fitting)));
    }),
  );
});

test('a page looks at a thousand records at most', async () => {
  let lookedAt = 0;
  const endless = (async function* () {
    for (;;) {
      lookedAt += 1;
      yield lookedAt;
    }
  })();
  const page = await readListPage(endless, String, 10, () => false);
  expect(page).toEqual({ items: [], hasNextPage: true, endPosition: '1000' });
  expect(lookedAt).toBeLessThanOrEqual(1_001);
});

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
