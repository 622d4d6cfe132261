import { cp } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { change, itemsOf, TINY_LIMITS } from './support/changes.ts';
import { failAfter, heal } from './support/faulty-disk.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { NaiveHistory } from './support/naive-history.ts';
import { exportLines } from './support/read-export.ts';

vi.mock('node:fs', async (original) => (await import('./support/faulty-disk.ts')).onFaultyDisk(await original()));
vi.mock('node:fs/promises', async (original) =>
  (await import('./support/faulty-disk.ts')).onFaultyDisk(await original()),
);

const START = { timeMicros: 1_700_000_000_000_000, sequence: 1 };
const HOUR_MICROS = 3_600_000_000;
const KEYS = Array.from({ length: 15 }, (_, n) => ({ pk: `pk${n}`, sk: 0 }));

const stepArbitrary = fc.record({
  /** What is done while the disk may fail. */
  kind: fc.constantFrom('append', 'append', 'append', 'maintain', 'period', 'export'),
  writes: fc.array(fc.tuple(fc.nat(KEYS.length - 1), fc.option(fc.string({ maxLength: 40 }), { freq: 4 })), {
    minLength: 1,
    maxLength: 4,
  }),
  /** Calls that change the disk before the one that fails; steps with fewer go well. */
  callsBefore: fc.nat(30),
  code: fc.constantFrom('ENOSPC' as const, 'EIO' as const),
  reopened: fc.boolean(),
});

test('whatever call fails, what was acknowledged stays, and all works again once the disk does', async () => {
  const failures = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { minLength: 5, maxLength: 25, size: 'max' }), async (steps) => {
      const folder = temporaryFolder();
      let { sequence, timeMicros } = START;
      const options = { limits: TINY_LIMITS, now: () => timeMicros / 1000 };
      let directory = path.join(folder, 'backups');
      let backups = await openInProcess(directory, options);
      const items = KEYS.slice(0, 5).map((key) => [key, 'base'] as const);
      const history = new NaiveHistory(
        START,
        items.map(([key, value]) => change(START, key, value)),
      );
      await backups.start('table', { ...START, periodDays: 35 }, itemsOf(items));

      for (const [index, { kind, writes, callsBefore, code, reopened }] of steps.entries()) {
        timeMicros += HOUR_MICROS;
        const changes = writes.map(([key, value]) => {
          sequence += 1;
          return change({ sequence, timeMicros }, KEYS[key] ?? { pk: 'none', sk: 0 }, value);
        });
        const act = {
          append: () => backups.append('table', changes),
          maintain: () => backups.maintain(timeMicros),
          period: () => backups.setPeriod('table', 35),
          export: () => exportLines(backups, 'table', timeMicros, path.join(folder, 'failing')),
        }[kind];

        failAfter(callsBefore, code);
        const error = await act().then(
          () => undefined,
          (cause: unknown) => cause,
        );
        const failed = heal();
        if (failed) failures.set(failed, (failures.get(failed) ?? 0) + 1);
        if (error) expect(String(error), 'only what was injected goes wrong').toContain('was made to fail');
        if (kind === 'append' && error === undefined) expect(backups.appendedThrough('table')).toBe(sequence);

        if (error && reopened) {
          const copy = path.join(folder, `backups-${index}`);
          await cp(directory, copy, { recursive: true });
          await backups.close();
          directory = copy;
          backups = await openInProcess(copy, options);
        }
        // The caller sends again what was not acknowledged.
        await backups.append('table', changes);
        history.commit(changes);
        expect(await exportLines(backups, 'table', timeMicros, path.join(folder, 'export'))).toEqual(
          history.filesAt(timeMicros),
        );
      }
      await backups.maintain(timeMicros);
      const early = START.timeMicros + HOUR_MICROS;
      expect(await exportLines(backups, 'table', early, path.join(folder, 'export'))).toEqual(history.filesAt(early));
      await backups.close();
    }),
    { numRuns: 15 },
  );
  // Had the engine stopped to use one of these, the test would no longer reach it.
  for (const call of ['write', 'datasync', 'rename', 'sync', 'writeSync']) {
    expect([call, failures.get(call) ?? 0]).not.toEqual([call, 0]);
  }
}, 120_000);
