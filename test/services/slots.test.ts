import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WaitingExport } from '../../src/records/export-records.ts';
import { type Ledger, readLedger, readLedgers } from '../../src/records/ledger.ts';
import {
  bytesInFlight,
  claimOf,
  exportsInFlight,
  exportsInFlightOf,
  startsWithinDay,
} from '../../src/services/admission.ts';
import type { Outport } from '../../src/services/outport.ts';
import { countSlot, giveBackSlot, takeSlot } from '../../src/services/slots.ts';
import { tableOf } from '../../src/services/table-arn.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { Crash } from '../support/crash.ts';
import { scheduledTable } from '../support/scheduled-table.ts';
import { waitingExport } from '../support/waiting-export.ts';

let plane: TestControlPlane;
let outport: Outport;
beforeAll(async () => {
  plane = await startControlPlane();
  outport = {
    ...plane.outport,
    limits: { maxExports: 4, maxBytes: 100 },
    quotas: [
      { owner: 'team:red', maxExports: 2, maxStartsPerDay: 3 },
      { owner: 'person:https://id.example|ann', maxExports: 1, maxStartsPerDay: null },
    ],
  };
});
afterAll(() => plane.close());

let accounts = 0;
/** Exports of a ledger that no other run has used: what each is of, and whose, is always the same. */
function freshExports(): Record<string, WaitingExport> {
  accounts += 1;
  const tableArn = `arn:aws:dynamodb:eu-central-1:${String(accounts).padStart(12, '0')}:table/orders`;
  const of = (id: string, tableSizeBytes: number, team: string | null, subject: string) =>
    waitingExport({ id, tableArn, tableSizeBytes, team, subject });
  return {
    a: of('a', 10, 'red', 'ann'),
    b: of('b', 40, 'red', 'bob'),
    c: of('c', 60, 'red', 'bob'),
    d: of('d', 10, 'red', 'bob'),
    e: of('e', 100, 'blue', 'cid'),
    f: of('f', 150, 'blue', 'ann'),
    g: of('g', 1, null, 'ann'),
    h: of('h', 1, null, 'dan'),
  };
}

const IDS = Object.keys(freshExports());

/** What holds of a ledger at every moment, however it came about. */
function expectWithinLimits(ledger: Ledger, now: Date): void {
  const { limits } = outport;
  expect(exportsInFlight(ledger)).toBeLessThanOrEqual(limits.maxExports);
  expect(exportsInFlight(ledger) === 1 || bytesInFlight(ledger) <= limits.maxBytes).toBe(true);
  for (const { owner, maxExports, maxStartsPerDay } of outport.quotas) {
    expect(exportsInFlightOf(ledger, owner)).toBeLessThanOrEqual(maxExports ?? Number.POSITIVE_INFINITY);
    expect(startsWithinDay(ledger, owner, now).length).toBeLessThanOrEqual(maxStartsPerDay ?? Number.POSITIVE_INFINITY);
  }
}

const operation = fc.record({ type: fc.constantFrom('TAKE', 'TAKE', 'GIVE_BACK'), id: fc.constantFrom(...IDS) });

test('one after another, slots are taken and given back as by a naive count', async () => {
  const step = fc.record({
    type: fc.constantFrom('TAKE', 'GIVE_BACK', 'COUNT'),
    id: fc.constantFrom(...IDS),
    hours: fc.nat(9),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const exports = freshExports();
      const running = new Map<string, WaitingExport>();
      const redStartsMs: number[] = [];
      let nowMs = Date.UTC(2026, 0, 1);
      for (const { type, id, hours } of steps) {
        nowMs += hours * 3_600_000;
        const at: Outport = { ...outport, now: () => new Date(nowMs) };
        const record = exports[id];
        if (!record) throw new Error('unknown id');
        const all = [...running.values()];
        const of = (team: string) => all.filter((other) => other.team === team);
        const redToday = redStartsMs.filter((startMs) => startMs > nowMs - 24 * 3_600_000);
        const ann = record.requestedBy?.subject === 'ann';
        const fits =
          !(record.team === 'red' && (of('red').length >= 2 || redToday.length >= 3)) &&
          !(ann && all.some(({ requestedBy }) => requestedBy?.subject === 'ann')) &&
          all.length < 4 &&
          (all.length === 0 ||
            all.reduce((sum, { tableSizeBytes }) => sum + tableSizeBytes, record.tableSizeBytes) <= 100);
        const starts = !running.has(id);
        if (type === 'TAKE') {
          const exceeded = await takeSlot(at, record);
          expect(exceeded === null).toBe(!starts || fits);
          if (exceeded !== null) continue;
        } else if (type === 'COUNT') await countSlot(at, tableOf(record), claimOf(record));
        if (type === 'GIVE_BACK') {
          await giveBackSlot(at, record);
          running.delete(id);
        } else {
          if (starts && record.team === 'red') redStartsMs.push(nowMs);
          running.set(id, record);
        }
      }
      const { a } = exports;
      if (!a) throw new Error('no exports');
      const ledger = await readLedger(outport.table, tableOf(a));
      expect(Object.keys(ledger.exports).sort()).toEqual([...running.keys()].sort());
    }),
    { numRuns: 40 },
  );
});

test('in whatever order processes are served, and wherever they die, no limit is passed and no slot is lost', async () => {
  const process = fc.record({
    operations: fc.array(operation, { maxLength: 6 }),
    crashAt: fc.integer({ min: 1, max: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(process, { minLength: 2, maxLength: 4 }),
      async (scheduler, processes) => {
        const exports = freshExports();
        const [first] = Object.values(exports);
        if (!first) throw new Error('no exports');
        const scope = tableOf(first);
        /** What the processes were told, which is all that they act on. */
        const told: Array<{ id: string; running: boolean }> = [];
        const lives = processes.map(async ({ operations, crashAt }) => {
          const own: Outport = { ...outport, table: scheduledTable(outport.table, scheduler, crashAt) };
          try {
            for (const { type, id } of operations) {
              const record = exports[id];
              if (!record) throw new Error('unknown id');
              if (type === 'GIVE_BACK') await giveBackSlot(own, record);
              else told.push({ id, running: (await takeSlot(own, record)) === null });
              expectWithinLimits(await readLedger(outport.table, scope), new Date());
            }
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
          }
        });
        await scheduler.waitFor(Promise.all(lives));
        const ledger = await readLedger(outport.table, scope);
        expectWithinLimits(ledger, new Date());
        // Nobody was told that an export runs that was never let in.
        for (const { id, running } of told) {
          const released = processes.some(({ operations }) =>
            operations.some((o) => o.type === 'GIVE_BACK' && o.id === id),
          );
          if (running && !released) expect(Object.keys(ledger.exports)).toContain(id);
        }
        // Whatever became of those who took them, the slots are given back by whoever comes next.
        for (const record of Object.values(exports)) await giveBackSlot(outport, record);
        expect((await readLedger(outport.table, scope)).exports).toEqual({});
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

test('of many at once, as many are let in as there is room', async () => {
  const { h } = freshExports();
  if (!h) throw new Error('no exports');
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => takeSlot(outport, { ...h, id: `exp_${n}` })));
  expect(answers.filter((answer) => answer === null)).toHaveLength(4);
  expect(answers.filter((answer) => answer !== null)).toContainEqual({
    scope: 'ACCOUNT_REGION',
    measure: 'EXPORTS',
    inUse: 4,
    max: 4,
    retryAt: null,
  });
  const { account, region } = tableOf(h);
  const ledger = (await readLedgers(outport.table)).find((other) => other.account === account);
  expect(ledger).toMatchObject({ account, region });
  expect(Object.keys(ledger?.exports ?? {})).toHaveLength(4);
});
