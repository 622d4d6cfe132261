import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { removeCatalogue } from './catalogue.ts';
import { syncDirectory } from './durable-files.ts';
import { BackupError, DamagedError } from './errors.ts';
import type {
  Backups,
  BackupWindow,
  BaseItem,
  Change,
  ExportRequest,
  ExportResult,
  StartOptions,
  TableStorage,
} from './index.ts';
import { IonTwins } from './ion-twins.ts';
import type { Limits } from './limits.ts';
import { Mutex } from './mutex.ts';
import { copiesBlocks, Restorer, type RunJob } from './restorer.ts';
import { hasFile } from './segment.ts';
import { startTable } from './start-table.ts';
import { type RestoreAlternatives, type RestoreSources, TableBackups } from './table-backups.ts';
import { TableQueue } from './table-queue.ts';

/** Table ids become names of directories. */
const TABLE_ID = /^[A-Za-z0-9-]{1,100}$/;

export interface BackupsOptions {
  readonly directory: string;
  readonly now: () => number;
  readonly limits: Limits;
  readonly runJob: RunJob;
  /** Makes the jobs that run or wait reject, and waits until none writes any more. */
  readonly endJobs: () => Promise<void>;
}

/** See `Backups`. A directory `tables` with one directory a table whose backups are on, and a directory `scratch`. */
export class StoredBackups implements Backups {
  readonly #options: BackupsOptions;
  readonly #tables = new Map<string, TableBackups>();
  /** Tables that could not be opened, and why. */
  readonly #damaged = new Map<string, { readonly directory: string; readonly damage: DamagedError }>();
  readonly #queues = new Map<string, TableQueue>();
  readonly #maintaining = new Mutex();
  readonly #restorer: Restorer;
  readonly #ionTwins: IonTwins;
  /** When the next base of a table may be begun, in milliseconds. */
  readonly #restUntil = new WeakMap<TableBackups, number>();
  #closed = false;

  private constructor(options: BackupsOptions) {
    this.#options = options;
    this.#restorer = new Restorer({ ...options, scratchDirectory: path.join(options.directory, 'scratch') });
    this.#ionTwins = new IonTwins(this.#restorer, (tableId, task) => this.#alone(tableId, task));
  }

  static async open(options: BackupsOptions): Promise<StoredBackups> {
    await rm(path.join(options.directory, 'scratch'), { force: true, recursive: true });
    await mkdir(path.join(options.directory, 'scratch'), { recursive: true });
    await mkdir(path.join(options.directory, 'tables'), { recursive: true });
    await syncDirectory(options.directory);
    const backups = new StoredBackups(options);
    for (const name of await readdir(path.join(options.directory, 'tables'))) {
      await backups.#openTable(path.join(options.directory, 'tables', name));
    }
    return backups;
  }

  start(tableId: string, options: StartOptions, items: AsyncIterable<readonly BaseItem[]>): Promise<void> {
    return this.#alone(tableId, async () => {
      if (!TABLE_ID.test(tableId)) throw new TypeError(`Not a table id: ${tableId}`);
      if (this.#tables.has(tableId) || this.#damaged.has(tableId))
        throw new BackupError('BACKUPS_ON', `Backups of table ${tableId} are on already`);
      const { limits, directory } = this.#options;
      const tablesDirectory = path.join(directory, 'tables');
      const table = await startTable({ ...options, tableId, tablesDirectory, items, limits, restorer: this.#restorer });
      this.#tables.set(tableId, table);
    });
  }

  append(tableId: string, changes: readonly Change[]): Promise<void> {
    // Async, so that a table that is off or damaged rejects like one that cannot be written to.
    return this.#queue(tableId).append(changes, async (all) => this.#table(tableId).append(all));
  }

  appendedThrough(tableId: string): number | undefined {
    return this.#tables.get(tableId)?.appendedThrough;
  }

  window(tableId: string, nowMicros: number): BackupWindow | undefined {
    return this.#tables.get(tableId)?.window(nowMicros);
  }

  storage(nowMicros: number): TableStorage[] {
    return [
      ...[...this.#tables.values()].map((table) => table.storage(nowMicros)),
      ...[...this.#damaged].map(([tableId, { damage }]) => ({ tableId, state: 'DAMAGED' as const, damage })),
    ];
  }

  setPeriod(tableId: string, periodDays: number): Promise<void> {
    return this.#alone(tableId, () => this.#table(tableId).setPeriod(periodDays, this.#options.now() * 1000));
  }

  stop(tableId: string): Promise<void> {
    return this.#alone(tableId, async () => {
      await this.#tables.get(tableId)?.stop();
      this.#tables.delete(tableId);
      const damaged = this.#damaged.get(tableId);
      if (damaged === undefined) return;
      await removeCatalogue(damaged.directory);
      await rm(damaged.directory, { recursive: true });
      this.#damaged.delete(tableId);
    });
  }

  async export(request: ExportRequest, options: { readonly signal?: AbortSignal } = {}): Promise<ExportResult> {
    const table = this.#table(request.tableId);
    // To the end of the millisecond that the clock shows: a change of just now may be further into it.
    const nowMicros = this.#options.now() * 1000 + 999;
    const alternatives =
      request.exportType === 'INCREMENTAL_EXPORT'
        ? table.sourcesBetween(request.fromMicros, request.toMicros, nowMicros)
        : table.sourcesAt(request.timeMicros, nowMicros);
    const unpin = table.pin();
    try {
      return await fromSoundBase(table, alternatives, (sources) =>
        request.format === 'ION' && copiesBlocks(request)
          ? this.#ionTwins.writeExport(table, sources, request, options.signal)
          : this.#restorer.writeExport(sources, request, options.signal),
      );
    } finally {
      await unpin();
    }
  }

  maintain(nowMicros: number): Promise<void> {
    return this.#maintaining.run(async () => {
      const failures: unknown[] = [];
      for (const tableId of [...this.#tables.keys()]) {
        await this.#maintainTable(tableId, nowMicros).catch((cause) => failures.push(cause));
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#options.endJobs();
    await Promise.all(
      [...this.#queues.keys(), ...this.#tables.keys()].map((tableId) =>
        this.#queue(tableId).run(async () => {
          await this.#tables.get(tableId)?.close();
          this.#tables.delete(tableId);
        }),
      ),
    );
    await this.#maintaining.run(async () => undefined);
  }

  /** A table that cannot be opened keeps its files, and the others from nothing. */
  async #openTable(directory: string): Promise<void> {
    try {
      const table = await TableBackups.open(directory, this.#options.limits);
      if (table) this.#tables.set(table.tableId, table);
      else await rm(directory, { recursive: true });
    } catch (damage) {
      if (!(damage instanceof DamagedError)) throw damage;
      // The catalogue may be what is damaged, so the id is taken from where it stands in the name of the directory.
      const name = path.basename(directory);
      this.#damaged.set(name.slice(0, name.lastIndexOf('.')), { directory, damage });
    }
  }

  async #maintainTable(tableId: string, nowMicros: number): Promise<void> {
    const table = this.#tables.get(tableId);
    if (table === undefined) return;
    const unpin = table.pin();
    try {
      const plan = await this.#alone(tableId, async () => {
        if (table.stopped) return undefined;
        await table.trim(nowMicros);
        const { now } = this.#options;
        return now() < (this.#restUntil.get(table) ?? 0) ? undefined : table.planBase();
      });
      if (plan === undefined) return;
      const begun = this.#options.now();
      // Built without holding the table: changes go on being appended meanwhile, and it may even be stopped.
      const base = await fromSoundBase(table, plan.alternatives, (sources) =>
        this.#restorer.writeBase(sources, plan.at, table.directory),
      );
      await this.#alone(tableId, async () => {
        if (!table.stopped) await table.addBase(plan.at, base);
      });
      if (plan.twin) await this.#ionTwins.renew(table, plan, plan.twin);
      const ended = this.#options.now();
      this.#restUntil.set(table, ended + (ended - begun) * (1 / this.#options.limits.buildingShareMax - 1));
    } finally {
      await unpin();
    }
  }

  #table(tableId: string): TableBackups {
    if (this.#closed) throw new BackupError('CLOSED', 'The backups are closed');
    const damaged = this.#damaged.get(tableId);
    if (damaged) throw damaged.damage;
    const table = this.#tables.get(tableId);
    if (table === undefined) throw new BackupError('BACKUPS_OFF', `Backups of table ${tableId} are off`);
    return table;
  }

  /** Runs a task when all earlier ones of the table are done. */
  #alone<Result>(tableId: string, task: () => Promise<Result>): Promise<Result> {
    return this.#queue(tableId).run(() => {
      if (this.#closed) throw new BackupError('CLOSED', 'The backups are closed');
      return task();
    });
  }

  #queue(tableId: string): TableQueue {
    const queue = this.#queues.get(tableId) ?? new TableQueue();
    this.#queues.set(tableId, queue);
    return queue;
  }
}

/** Restores from the first of the alternatives whose base is not damaged. When none is sound, the first damage is thrown. */
async function fromSoundBase<Result>(
  table: TableBackups,
  alternatives: RestoreAlternatives,
  restore: (sources: RestoreSources) => Promise<Result>,
): Promise<Result> {
  let first: DamagedError | undefined;
  for (const sources of alternatives) {
    try {
      return await restore(sources);
    } catch (cause) {
      if (!(cause instanceof DamagedError)) throw cause;
      first ??= cause;
      // Damage of the log is that of all older bases too.
      if (!hasFile(sources.base, cause.file)) break;
      table.noteDamage(sources.baseSequence, cause);
    }
  }
  throw first;
}
