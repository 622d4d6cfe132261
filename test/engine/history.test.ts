import { cp, readdir, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Backups, Change } from '../../src/engine/index.ts';
import { change, itemsOf, type Key, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { NaiveHistory } from './support/naive-history.ts';
import { exportLines } from './support/read-export.ts';

const HOUR_MICROS = 3_600_000_000;
const DAY_MICROS = 24 * HOUR_MICROS;
const PERIOD_DAYS = 5;
/** Exports of a table at the end of a run, each of which costs some syncs of files. */
const END_EXPORTS_MAX = 12;

const tableArbitrary = fc.constantFrom('table-a', 'table-b');
const writesArbitrary = fc.uniqueArray(
  fc.record({
    key: fc.record({ pk: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'é', '😀'), sk: fc.nat(3) }),
    value: fc.option(fc.string({ unit: 'binary', maxLength: 60 })),
  }),
  { selector: ({ key }) => `${key.pk}/${key.sk}`, minLength: 1, maxLength: 8 },
);
const stepArbitrary = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      table: tableArbitrary,
      afterMicros: fc.constantFrom(0, 1, 2, 1_000, HOUR_MICROS, DAY_MICROS),
      writes: writesArbitrary,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('start' as const), table: tableArbitrary, items: writesArbitrary }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const), table: tableArbitrary }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('maintain' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      table: tableArbitrary,
      tornBytes: fc.nat(400),
      resend: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('export' as const),
      table: tableArbitrary,
      /** Where between the start and now. */
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** Does every step to real backups and to naive histories, and compares them. */
class Comparison {
  readonly #folder: string;
  readonly #histories = new Map<string, NaiveHistory>();
  #directory: string;
  #directoryCount = 0;
  #nowMicros = 1_700_000_000_000_000;
  #sequence = 1;

  private constructor(
    folder: string,
    private backups: Backups,
  ) {
    this.#folder = folder;
    this.#directory = path.join(folder, 'backups');
  }

  static async begin(folder: string): Promise<Comparison> {
    const comparison = new Comparison(folder, await openInProcess(path.join(folder, 'backups'), OPTIONS));
    await comparison.do({ kind: 'start', table: 'table-a', items: [{ key: { pk: 'a', sk: 0 }, value: 'first' }] });
    return comparison;
  }

  async do(step: Step): Promise<void> {
    switch (step.kind) {
      case 'commit':
        return this.#commit(step.table, step.afterMicros, step.writes);
      case 'start':
        return this.#start(step.table, step.items);
      case 'stop':
        await this.backups.stop(step.table);
        this.#histories.delete(step.table);
        return;
      case 'maintain':
        return this.backups.maintain(this.#nowMicros);
      case 'reopen':
        await this.backups.close();
        this.backups = await openInProcess(this.#directory, OPTIONS);
        return;
      case 'crash':
        return this.#crash(step.table, step.tornBytes, step.resend);
      case 'export':
        return this.#export(step.table, step.at);
      default:
        return step satisfies never;
    }
  }

  /** Exports every table now and at times at which something happened, and just before them. */
  async end(): Promise<void> {
    for (const [table, history] of this.#histories) {
      const moments = [history.start, ...history.changes].flatMap(({ timeMicros }) => [timeMicros - 1, timeMicros]);
      const distinct = [...new Set([this.#nowMicros, ...moments])];
      const step = Math.ceil(distinct.length / END_EXPORTS_MAX);
      for (const timeMicros of distinct.filter((_, index) => index % step === 0)) {
        await this.#compare(table, timeMicros);
      }
    }
    await this.backups.close();
  }

  async #start(table: string, items: readonly { key: Key; value: string | null }[]): Promise<void> {
    if (this.#histories.has(table)) return;
    const at = { timeMicros: this.#nowMicros, sequence: this.#sequence };
    const present = items.map(({ key, value }) => [key, value ?? ''] as const);
    await this.backups.start(table, { ...at, periodDays: PERIOD_DAYS }, itemsOf(present));
    this.#histories.set(
      table,
      new NaiveHistory(
        at,
        present.map(([key, value]) => change(at, key, value)),
      ),
    );
  }

  async #commit(table: string, afterMicros: number, writes: readonly { key: Key; value: string | null }[]) {
    this.#nowMicros += afterMicros;
    const changes = writes.map(({ key, value }) => {
      this.#sequence += 1;
      return change({ sequence: this.#sequence, timeMicros: this.#nowMicros }, key, value);
    });
    const history = this.#histories.get(table);
    if (history === undefined) {
      await expect(this.backups.append(table, changes)).rejects.toMatchObject({ code: 'BACKUPS_OFF' });
      return;
    }
    await this.backups.append(table, changes);
    history.commit(changes);
    expect(this.backups.appendedThrough(table)).toBe(this.#sequence);
  }

  /** Goes on with a copy of the directory as a crash may have left it: not closed, and with a torn last log file. */
  async #crash(table: string, tornBytes: number, resend: boolean): Promise<void> {
    this.#directoryCount += 1;
    const copy = path.join(this.#folder, `backups-${this.#directoryCount}`);
    await cp(this.#directory, copy, { recursive: true });
    await this.backups.close();
    const log = await lastLogOf(copy, table);
    if (log) await truncate(log, Math.max(0, (await stat(log)).size - tornBytes));
    this.#directory = copy;
    this.backups = await openInProcess(copy, OPTIONS);

    for (const [each, history] of this.#histories) {
      const through = this.backups.appendedThrough(each) ?? Number.NaN;
      const lost: Change[] = history.changes.filter(({ sequence }) => sequence > through);
      expect(history.start.sequence).toBeLessThanOrEqual(through);
      if (each !== table) expect(lost).toEqual([]);
      if (resend) await this.backups.append(each, history.changes);
      else history.loseAfter(through);
    }
  }

  async #export(table: string, at: number): Promise<void> {
    const history = this.#histories.get(table);
    const from = history?.start.timeMicros ?? this.#nowMicros;
    await this.#compare(table, from + Math.round(at * (this.#nowMicros - from)));
  }

  async #compare(table: string, timeMicros: number): Promise<void> {
    const window = this.backups.window(table, this.#nowMicros);
    const history = this.#histories.get(table);
    const exported = exportLines(this.backups, table, timeMicros, path.join(this.#folder, 'export'));
    if (window === undefined || history === undefined) {
      expect([window, history]).toEqual([undefined, undefined]);
      await expect(exported).rejects.toMatchObject({ code: 'BACKUPS_OFF' });
      return;
    }
    expect(window).toEqual({
      earliestMicros: Math.max(history.start.timeMicros, this.#nowMicros - PERIOD_DAYS * DAY_MICROS),
      latestMicros: this.#nowMicros,
    });
    if (timeMicros >= window.earliestMicros) {
      expect(await exported).toEqual(history.filesAt(timeMicros));
      return;
    }
    if (timeMicros < history.start.timeMicros) {
      await expect(exported).rejects.toMatchObject({ code: 'TIME_OUTSIDE_HISTORY' });
      return;
    }
    // Before the window there may be history left or not, but never a wrong answer.
    const files = await exported.catch((error) => error.code);
    if (files !== 'TIME_OUTSIDE_HISTORY') expect(files).toEqual(history.filesAt(timeMicros));
  }
}

const OPTIONS = { limits: TINY_LIMITS };

async function lastLogOf(directory: string, table: string): Promise<string | undefined> {
  const tables = await readdir(path.join(directory, 'tables'));
  const name = tables.find((each) => each.startsWith(`${table}.`));
  if (name === undefined) return undefined;
  const files = await readdir(path.join(directory, 'tables', name));
  const newest = Math.max(...files.filter((file) => file.startsWith('log-')).map((file) => Number(file.slice(4))));
  return path.join(directory, 'tables', name, `log-${newest}`);
}

test('any history, however interrupted, exports as it was at any microsecond', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 40, size: 'max' }), async (steps) => {
      const comparison = await Comparison.begin(temporaryFolder());
      for (const step of steps) await comparison.do(step);
      await comparison.end();
    }),
    { numRuns: 40 },
  );
}, 120_000);
