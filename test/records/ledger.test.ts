import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countSlot, type Limits, readLedger, readLedgers, releaseSlot, takeSlot } from '../../src/records/ledger.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';

let plane: TestControlPlane;
let table: RecordsTable;
beforeAll(async () => {
  plane = await startControlPlane();
  table = plane.outport.table;
});
afterAll(() => plane.close());

let accounts = 0;
/** A ledger that no other run has used. */
function freshScope() {
  accounts += 1;
  return { partition: 'aws', account: String(accounts).padStart(12, '0'), region: 'eu-central-1' };
}

const LIMITS: Limits = { maxExports: 3, maxBytes: 100 };
/** An export always asks for the same bytes. */
const BYTES_OF: Record<string, number> = { a: 10, b: 40, c: 60, d: 100, e: 1, f: 150 };
const exportId = fc.constantFrom(...Object.keys(BYTES_OF));
const operation = fc.record({ type: fc.constantFrom('TAKE', 'RELEASE', 'COUNT'), exportId });

test('one after another, slots are taken and given back as by a map', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 15 }), async (operations) => {
      const scope = freshScope();
      const model = new Map<string, number>();
      for (const { type, exportId: id } of operations) {
        const slot = { exportId: id, bytes: BYTES_OF[id] ?? 0 };
        const inUse = [...model.values()].reduce((sum, bytes) => sum + bytes, 0);
        const fits = model.size === 0 || (model.size < LIMITS.maxExports && inUse + slot.bytes <= LIMITS.maxBytes);
        if (type === 'TAKE') {
          const taken = model.has(id) || fits;
          expect(await takeSlot(table, scope, slot, LIMITS)).toBe(taken ? 'TAKEN' : 'FULL');
          if (taken) model.set(id, slot.bytes);
        } else if (type === 'COUNT') {
          await countSlot(table, scope, slot);
          model.set(id, slot.bytes);
        } else {
          await releaseSlot(table, scope, slot);
          model.delete(id);
        }
      }
      const ledger = await readLedger(table, scope);
      expect(ledger?.exports ?? {}).toEqual(Object.fromEntries(model));
      expect(ledger?.count ?? 0).toBe(model.size);
      expect(ledger?.bytes ?? 0).toBe([...model.values()].reduce((sum, bytes) => sum + bytes, 0));
    }),
    { numRuns: 30 },
  );
});

test('however they are interleaved, no limit is passed and the sums are those of the map', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(operation, { maxLength: 8 }), { maxLength: 4 }), async (workers) => {
      const scope = freshScope();
      await Promise.all(
        workers.map(async (operations) => {
          for (const { type, exportId: id } of operations) {
            const slot = { exportId: id, bytes: BYTES_OF[id] ?? 0 };
            if (type === 'RELEASE') await releaseSlot(table, scope, slot);
            else await takeSlot(table, scope, slot, LIMITS);
            const ledger = await readLedger(table, scope);
            if (!ledger) continue;
            const slots = Object.values(ledger.exports);
            expect(ledger.count).toBe(slots.length);
            expect(ledger.bytes).toBe(slots.reduce((sum, bytes) => sum + bytes, 0));
            expect(ledger.count).toBeLessThanOrEqual(LIMITS.maxExports);
            expect(ledger.count === 1 || ledger.bytes <= LIMITS.maxBytes).toBe(true);
          }
        }),
      );
    }),
    { numRuns: 20 },
  );
});

test('of many at once, as many are let in as there is room', async () => {
  const scope = freshScope();
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => takeSlot(table, scope, { exportId: `exp_${n}`, bytes: 1 }, LIMITS)),
  );
  expect(answers.filter((answer) => answer === 'TAKEN')).toHaveLength(LIMITS.maxExports);
  expect(await readLedgers(table)).toContainEqual(expect.objectContaining({ ...scope, count: LIMITS.maxExports }));
});
