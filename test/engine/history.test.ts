import { cp, readdir, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Backups, Change, ExportRequest, IncrementalExportRequest } from '../../src/engine/index.ts';
import { change, itemsOf, type Key, TINY_LIMITS } from './support/changes.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { NaiveHistory } from './support/naive-history.ts';
import { inPartitions, linesOf } from './support/read-export.ts';
import { objectOfIonLine, objectOfJsonLine, objectsOf } from './support/read-ion.ts';

type Format = ExportRequest['format'];
type View = IncrementalExportRequest['view'];

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
const formatArbitrary = fc.constantFrom('DYNAMODB_JSON' as const, 'ION' as const);
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
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('export' as const),
      table: tableArbitrary,
      format: formatArbitrary,
      /** Where between the start and now: of a full export the second, of an incremental one both. */
      at: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      view: fc.option(fc.constantFrom('NEW_IMAGE' as const, 'NEW_AND_OLD_IMAGES' as const)),
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
        return this.#export(step);
      default:
        return step satisfies never;
    }
  }

  /**
   * Exports every table now, at times at which something happened, and just before them; and what changed between each of
   * these times and the next: together these windows are the whole history.
   */
  async end(): Promise<void> {
    for (const [table, history] of this.#histories) {
      const moments = [history.start, ...history.changes].flatMap(({ timeMicros }) => [timeMicros - 1, timeMicros]);
      const distinct = [...new Set([...moments, this.#nowMicros])];
      const step = Math.ceil(distinct.length / END_EXPORTS_MAX);
      const times = distinct.filter((_, index) => index % step === 0);
      for (const timeMicros of times) await this.#compareAt(table, timeMicros, 'DYNAMODB_JSON');
      const ends = [...times.filter((time) => time > history.start.timeMicros), this.#nowMicros + 1];
      for (const [index, toMicros] of ends.entries()) {
        const fromMicros = ends[index - 1] ?? history.start.timeMicros;
        await this.#compareBetween(table, { fromMicros, toMicros }, 'DYNAMODB_JSON', 'NEW_AND_OLD_IMAGES');
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

  async #export({ table, format, at, view }: Step & { readonly kind: 'export' }): Promise<void> {
    const start = this.#histories.get(table)?.start.timeMicros ?? this.#nowMicros;
    const times = at.map((share) => start + Math.round(share * (this.#nowMicros - start)));
    const [fromMicros, lastMicros] = [Math.min(...times), Math.max(...times)];
    if (view === null) await this.#compareAt(table, lastMicros, format);
    else await this.#compareBetween(table, { fromMicros, toMicros: lastMicros + 1 }, format, view);
  }

  async #compareAt(tableId: string, timeMicros: number, format: Format): Promise<void> {
    const directory = path.join(this.#folder, 'export');
    const request: ExportRequest = { exportType: 'FULL_EXPORT', tableId, timeMicros, format, directory };
    await this.#compare(request, timeMicros, (history) => history.filesAt(timeMicros));
  }

  async #compareBetween(
    tableId: string,
    window: { readonly fromMicros: number; readonly toMicros: number },
    format: Format,
    view: View,
  ): Promise<void> {
    const directory = path.join(this.#folder, 'export');
    const output = { tableId, format, directory, view, keyNames: ['pk', 'sk'] };
    await this.#compare({ exportType: 'INCREMENTAL_EXPORT', ...window, ...output }, window.fromMicros, (history) =>
      history.filesBetween(window.fromMicros, window.toMicros, view),
    );
  }

  /** `sinceMicros` is the earliest time that the export needs. */
  async #compare(
    request: ExportRequest,
    sinceMicros: number,
    expectedOf: (history: NaiveHistory) => string[][],
  ): Promise<void> {
    const window = this.backups.window(request.tableId, this.#nowMicros);
    const history = this.#histories.get(request.tableId);
    const exported = linesOf(this.backups, request).then((files) => comparable(inPartitions(files), request.format));
    if (window === undefined || history === undefined) {
      expect([window, history]).toEqual([undefined, undefined]);
      await expect(exported).rejects.toMatchObject({ code: 'BACKUPS_OFF' });
      return;
    }
    expect(window).toEqual({
      earliestMicros: Math.max(history.start.timeMicros, this.#nowMicros - PERIOD_DAYS * DAY_MICROS),
      latestMicros: this.#nowMicros,
    });
    if (sinceMicros < history.start.timeMicros) {
      await expect(exported).rejects.toMatchObject({ code: 'TIME_OUTSIDE_HISTORY' });
      return;
    }
    const files = await exported.catch((error) => {
      // Before the window there may be history left or not, but never a wrong answer.
      if (sinceMicros < window.earliestMicros && error.code === 'TIME_OUTSIDE_HISTORY') return undefined;
      throw error;
    });
    if (files) expect(files).toEqual(comparableNaive(expectedOf(history), request.format));
  }
}

/** Ion is compared as what ion-js makes of it, DynamoDB JSON to the byte. */
function comparable(files: string[][], format: Format): (string | object)[][] {
  return files.map((lines) => (format === 'ION' ? objectsOf(lines, objectOfIonLine) : lines));
}

function comparableNaive(files: string[][], format: Format): (string | object)[][] {
  return files.map((lines) => (format === 'ION' ? objectsOf(lines, objectOfJsonLine) : lines));
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
}, 300_000);
