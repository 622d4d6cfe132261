import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type Catalogue,
  filesOf,
  type Generation,
  placeCatalogue,
  readCatalogue,
  removeCatalogue,
  removeUnnamed,
  stageCatalogue,
} from './catalogue.ts';
import { ChangeLog, type LogPoint } from './change-log.ts';
import { BackupError } from './errors.ts';
import type { BackupWindow, Change } from './index.ts';
import type { Limits } from './limits.ts';
import type { BasePartition, WrittenPartition } from './partition-file.ts';
import type { RestoreJob } from './restore.ts';

const DAY_MICROS = 24 * 60 * 60 * 1_000_000;

/** What a restore reads: a base's partitions, or none, and the logs since. */
export interface RestoreSources {
  readonly base: readonly BasePartition[];
  readonly logs: RestoreJob['logs'];
}

/** The continuous backups of one table. Its methods that return promises are called one at a time. */
export class TableBackups {
  readonly #directory: string;
  readonly #limits: Limits;
  #catalogue: Catalogue;
  #log: ChangeLog;
  #pins = 0;
  /** Paths that no catalogue names any more, to be removed once no job reads them. */
  readonly #obsolete = new Set<string>();
  #stopped = false;
  #failure: unknown;

  constructor(directory: string, catalogue: Catalogue, log: ChangeLog, limits: Limits) {
    this.#directory = directory;
    this.#catalogue = catalogue;
    this.#log = log;
    this.#limits = limits;
  }

  /** Undefined for the directory of a table whose start or stop a crash interrupted: it holds nothing. */
  static async open(directory: string, limits: Limits): Promise<TableBackups | undefined> {
    const catalogue = await readCatalogue(directory);
    const last = catalogue?.generations.at(-1);
    if (catalogue === undefined || last === undefined) return undefined;
    await removeUnnamed(directory, catalogue);
    const log = await ChangeLog.open(path.join(directory, last.log.name), last);
    return new TableBackups(directory, catalogue, log, limits);
  }

  get tableId(): string {
    return this.#catalogue.tableId;
  }

  /** Where the files of a base are written before `addBase` makes them part of the history. */
  get directory(): string {
    return this.#directory;
  }

  get appendedThrough(): number {
    return this.#log.last.sequence;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  window(nowMicros: number): BackupWindow {
    const { earliestMicros, periodDays } = this.#catalogue;
    const latestMicros = Math.max(earliestMicros, nowMicros);
    return { earliestMicros: Math.max(earliestMicros, latestMicros - periodDays * DAY_MICROS), latestMicros };
  }

  async append(changes: readonly Change[]): Promise<void> {
    this.#assertUsable();
    await this.#log.append(changes);
    if (this.#log.byteCount >= this.#limits.logFileBytes) await this.#roll();
  }

  /** A shorter period cuts the history at once; a longer one does not bring back what was cut. */
  async setPeriod(periodDays: number, nowMicros: number): Promise<void> {
    const shortest = Math.min(periodDays, this.#catalogue.periodDays);
    const earliestMicros = Math.max(this.#catalogue.earliestMicros, nowMicros - shortest * DAY_MICROS);
    await this.#commit({ ...this.#catalogue, periodDays, earliestMicros });
  }

  /**
   * What the state at a time is made of. Goes back as far as the history is held, which is at times further than the
   * window, so that an export that was admitted at the edge of the window does not fail for having waited in a queue.
   */
  sourcesAt(timeMicros: number, nowMicros: number): RestoreSources {
    const { generations, earliestMicros } = this.#catalogue;
    const from = Math.max(earliestMicros, generations[0]?.timeMicros ?? Infinity);
    const to = Math.max(nowMicros, this.#log.last.timeMicros);
    if (timeMicros < from || timeMicros > to) {
      throw new BackupError(
        'TIME_OUTSIDE_HISTORY',
        `Table ${this.tableId} can be restored from ${from} to ${to} µs, not at ${timeMicros}`,
      );
    }
    return this.#sources(generations.filter((generation) => generation.timeMicros <= timeMicros));
  }

  /** Keeps every file of now from being removed until the returned function is called. */
  pin(): () => Promise<void> {
    this.#pins += 1;
    return async () => {
      this.#pins -= 1;
      await this.#removeObsolete();
    };
  }

  /**
   * Where a new base is due, and what to make it of; undefined as long as the log since the last one is shorter than
   * that base. So an export replays about as much as it copies at most, and each base but the first has less than twice
   * the lines of the log it replaces.
   */
  async planBase(): Promise<{ readonly at: LogPoint; readonly sources: RestoreSources } | undefined> {
    const { generations } = this.#catalogue;
    const since = generations.slice(generations.findLastIndex(({ base }) => base));
    const logBytes = since.reduce((sum, { log }) => sum + (log.byteCount ?? this.#log.byteCount), 0);
    const baseBytes = (since[0]?.base ?? []).reduce((sum, { logicalBytes }) => sum + logicalBytes, 0);
    if (logBytes <= Math.max(baseBytes, this.#limits.newBaseLogBytes)) return undefined;
    await this.#roll();
    const at = this.#lastGeneration();
    return at.base ? undefined : { at, sources: this.#sources(this.#catalogue.generations.slice(0, -1)) };
  }

  async addBase(at: LogPoint, base: readonly WrittenPartition[]): Promise<void> {
    const generations = this.#catalogue.generations.map((generation) =>
      generation.sequence === at.sequence ? { ...generation, base } : generation,
    );
    await this.#commit({ ...this.#catalogue, generations });
  }

  /** Drops what no time of the window needs: all before the last base that is not younger than its first microsecond. */
  async trim(nowMicros: number): Promise<void> {
    const { generations } = this.#catalogue;
    const { earliestMicros } = this.window(nowMicros);
    const oldest = generations.findLastIndex(({ base, timeMicros }) => base && timeMicros <= earliestMicros);
    if (oldest <= 0) return;
    await this.#commit({ ...this.#catalogue, generations: generations.slice(oldest) });
    for (const name of generations.slice(0, oldest).flatMap(filesOf)) {
      this.#obsolete.add(path.join(this.#directory, name));
    }
    await this.#removeObsolete();
  }

  /** Ends the history. The directory stays until no job reads it. */
  async stop(): Promise<void> {
    await removeCatalogue(this.#directory);
    this.#stopped = true;
    await this.#log.close();
    this.#obsolete.add(this.#directory);
    await this.#removeObsolete();
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  /** The newest base among the generations and the logs from there on. */
  #sources(generations: readonly Generation[]): RestoreSources {
    const since = generations.slice(generations.findLastIndex(({ base }) => base));
    return {
      base: (since[0]?.base ?? []).map((partition) => ({
        ...partition,
        data: path.join(this.#directory, partition.data),
      })),
      logs: since.map(({ log }) => ({
        path: path.join(this.#directory, log.name),
        byteCount: log.byteCount ?? this.#log.byteCount,
      })),
    };
  }

  #lastGeneration(): Generation {
    const last = this.#catalogue.generations.at(-1);
    if (last === undefined) throw new Error(`The catalogue in ${this.#directory} has no generation`);
    return last;
  }

  /** Seals the log file, unless it is empty, and goes on with a new one. */
  async #roll(): Promise<void> {
    const { last, byteCount } = this.#log;
    const sealed = this.#lastGeneration();
    if (last.sequence === sealed.sequence) return;
    const log = { name: `log-${last.sequence}` };
    const next = await ChangeLog.create(path.join(this.#directory, log.name), last);
    try {
      await this.#commit({
        ...this.#catalogue,
        generations: [
          ...this.#catalogue.generations.slice(0, -1),
          { ...sealed, log: { ...sealed.log, byteCount } },
          { sequence: last.sequence, timeMicros: last.timeMicros, log },
        ],
      });
    } catch (cause) {
      await next.close();
      throw cause;
    }
    const previous = this.#log;
    this.#log = next;
    await previous.close();
  }

  async #commit(catalogue: Catalogue): Promise<void> {
    this.#assertUsable();
    await stageCatalogue(this.#directory, catalogue);
    try {
      await placeCatalogue(this.#directory);
    } catch (cause) {
      this.#failure = cause;
      throw cause;
    }
    this.#catalogue = catalogue;
  }

  /** After a commit that may or may not have happened, only opening again tells which log file is the current one. */
  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #removeObsolete(): Promise<void> {
    if (this.#pins > 0) return;
    for (const file of this.#obsolete) {
      await rm(file, { force: true, recursive: true });
      this.#obsolete.delete(file);
    }
  }
}
