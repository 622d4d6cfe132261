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
import { syncDirectory } from './durable-files.ts';
import { BackupError, DamagedError } from './errors.ts';
import type { BackupWindow, Change, TableStorage } from './index.ts';
import type { Limits } from './limits.ts';
import type { PartitionJob } from './partition-job.ts';
import { isBaseDue, retained, storedBytes } from './retention.ts';
import { type Base, filesOfSegments } from './segment.ts';

const DAY_MICROS = 24 * 60 * 60 * 1_000_000;

/** What a restore reads: a base, with the paths of its files, and the logs since. */
export interface RestoreSources {
  readonly base: Base;
  /** Of the generation that the base belongs to. */
  readonly baseSequence: number;
  readonly logs: PartitionJob['logs'];
}

/**
 * Ways to make one state: of the nearest base, and of older ones with more of the log, for when a base turns out to be
 * damaged.
 */
export type RestoreAlternatives = readonly [RestoreSources, ...RestoreSources[]];

/** A base to be built. */
export interface BasePlan {
  readonly at: LogPoint;
  readonly alternatives: RestoreAlternatives;
  readonly twin: Base | undefined;
}

/** The continuous backups of one table. Its methods that return promises are called one at a time. */
export class TableBackups {
  readonly #directory: string;
  readonly #limits: Limits;
  #catalogue: Catalogue;
  #log: ChangeLog;
  #pins = 0;
  /** Paths to be removed once no job reads them and no catalogue names them. */
  readonly #obsolete = new Set<string>();
  #stopped = false;
  /** Whether the last commit failed so late that it may have happened. */
  #unsettled = false;
  /** Of bases that could not be read since the table was opened, by their sequence. */
  readonly #damages = new Map<number, DamagedError>();

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
    await this.#settle();
    if (this.#log.failed) await this.#roll();
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
  sourcesAt(timeMicros: number, nowMicros: number): RestoreAlternatives {
    const { generations, earliestMicros } = this.#catalogue;
    const from = Math.max(earliestMicros, generations[0]?.timeMicros ?? Infinity);
    const to = Math.max(nowMicros, this.#log.last.timeMicros);
    if (timeMicros < from || timeMicros > to) {
      throw new BackupError(
        'TIME_OUTSIDE_HISTORY',
        `Table ${this.tableId} can be restored from ${from} to ${to} µs, not at ${timeMicros}`,
      );
    }
    return this.#alternatives(generations.filter((generation) => generation.timeMicros <= timeMicros));
  }

  /**
   * What the changes from one time up to but without another are found in, and the state before them. Goes back as far as
   * the history is held, even to its start, whose items are then the state before.
   */
  sourcesBetween(fromMicros: number, toMicros: number, nowMicros: number): RestoreAlternatives {
    if (fromMicros >= toMicros) throw new RangeError(`No time is from ${fromMicros} µs and before ${toMicros} µs`);
    const { generations, earliestMicros } = this.#catalogue;
    const [first] = generations;
    // The base that a history starts with is the state before its changes; any other may include some of its microsecond.
    const isHeld = first && (first.timeMicros < fromMicros || first.timeMicros === earliestMicros);
    const to = Math.max(nowMicros, this.#log.last.timeMicros) + 1;
    if (!isHeld || fromMicros < earliestMicros || toMicros > to) {
      throw new BackupError(
        'TIME_OUTSIDE_HISTORY',
        `Changes of table ${this.tableId} are known from ${earliestMicros} to ${to} µs, not from ${fromMicros} to ${toMicros}`,
      );
    }
    return this.#alternatives(
      generations.filter(({ timeMicros }) => timeMicros < toMicros),
      (each) => each === first || each.timeMicros < fromMicros,
    );
  }

  /** Takes note that a base cannot be read: what can be made of another one is from now on. */
  noteDamage(baseSequence: number, damage: DamagedError): void {
    this.#damages.set(baseSequence, damage);
  }

  /** Keeps every file of now from being removed until the returned function is called. */
  pin(): () => Promise<void> {
    this.#pins += 1;
    return async () => {
      this.#pins -= 1;
      await this.#removeObsolete();
    };
  }

  /** Where a new base is due, and what to make it of; of the twin of the last one, too, if that has one. */
  async planBase(): Promise<BasePlan | undefined> {
    if (!isBaseDue(this.#catalogue.generations, this.#logBytes, this.#limits)) return undefined;
    await this.#roll();
    const at = this.#lastGeneration();
    if (at.base) return undefined;
    const alternatives = this.#alternatives(this.#catalogue.generations.slice(0, -1));
    return { at, alternatives, twin: this.ionTwin(alternatives[0].baseSequence) };
  }

  async addBase(at: LogPoint, base: Base): Promise<void> {
    await this.#replaceGeneration(at.sequence, { base });
  }

  /** The segments with the paths of their files. */
  inDirectory(base: Base): Base {
    return base.map((segments) =>
      segments.map((segment) => ({ ...segment, data: path.join(this.#directory, segment.data) })),
    );
  }

  ionTwin(sequence: number): Base | undefined {
    const twin = this.#generation(sequence)?.ionTwin;
    return twin && this.inDirectory(twin);
  }

  /** Keeps the twin of a base as long as the base; where that is gone or has one by now, until no job reads the twin. */
  async addIonTwin(sequence: number, ionTwin: Base): Promise<void> {
    const generation = this.#generation(sequence);
    if (!this.#stopped && generation?.base && !generation.ionTwin) await this.#replaceGeneration(sequence, { ionTwin });
    else this.#makeObsolete(filesOfSegments(ionTwin.flat()));
  }

  async removeIonTwin(sequence: number): Promise<void> {
    const twin = this.#generation(sequence)?.ionTwin;
    if (this.#stopped || twin === undefined) return;
    await this.#replaceGeneration(sequence, { ionTwin: undefined });
    this.#makeObsolete(filesOfSegments(twin.flat()));
  }

  /** Drops what no time of the window needs, and bases that lie close to one another. */
  async trim(nowMicros: number): Promise<void> {
    const { earliestMicros } = this.window(nowMicros);
    const generations = retained(this.#catalogue.generations, earliestMicros, this.#logBytes);
    const before = this.#catalogue.generations;
    // A base that shares all of its files with others is dropped without any of them.
    if (generations.length < before.length || generations.some(({ base }, index) => !base && before[index]?.base)) {
      await this.#commit({ ...this.#catalogue, generations });
      this.#makeObsolete(before.flatMap(filesOf));
    }
    await this.#removeObsolete();
  }

  /** What the history takes on disk. */
  storage(nowMicros: number): TableStorage {
    const { tableId, generations } = this.#catalogue;
    const sizes = storedBytes(generations);
    return {
      tableId,
      state: 'SOUND',
      window: this.window(nowMicros),
      bases: generations.flatMap(({ sequence, timeMicros, base }, index) =>
        base ? [{ timeMicros, sizeBytes: sizes[index] ?? 0, damage: this.#damages.get(sequence) }] : [],
      ),
      logBytes: generations.reduce((sum, generation) => sum + this.#logBytes(generation), 0),
    };
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

  /** Each base among the generations that may be used, newest first, with the logs from there on; damaged ones last. */
  #alternatives(generations: readonly Generation[], isUsable: (base: Generation) => boolean = () => true) {
    const ways = generations.flatMap((each, index) =>
      each.base && isUsable(each) ? [this.#sourcesOf(generations.slice(index))] : [],
    );
    const isDamaged = ({ baseSequence }: RestoreSources) => this.#damages.has(baseSequence);
    ways.reverse().sort((a, b) => Number(isDamaged(a)) - Number(isDamaged(b)));
    const [nearest, ...others] = ways;
    if (nearest === undefined) throw new Error(`The catalogue in ${this.#directory} has no base for this time`);
    return [nearest, ...others] as const;
  }

  /** The base of the first generation, and the logs of all. */
  #sourcesOf(since: readonly Generation[]): RestoreSources {
    return {
      base: this.inDirectory(since[0]?.base ?? []),
      baseSequence: since[0]?.sequence ?? 0,
      logs: since.map(({ log }) => ({
        path: path.join(this.#directory, log.name),
        byteCount: this.#logBytes({ log }),
      })),
    };
  }

  #generation(sequence: number): Generation | undefined {
    return this.#catalogue.generations.find((generation) => generation.sequence === sequence);
  }

  async #replaceGeneration(sequence: number, fields: Partial<Generation>): Promise<void> {
    const generations = this.#catalogue.generations.map((generation) =>
      generation.sequence === sequence ? { ...generation, ...fields } : generation,
    );
    await this.#commit({ ...this.#catalogue, generations });
  }

  #makeObsolete(names: readonly string[]): void {
    for (const name of names) this.#obsolete.add(path.join(this.#directory, name));
  }

  readonly #logBytes = ({ log }: Pick<Generation, 'log'>) => log.byteCount ?? this.#log.byteCount;

  #lastGeneration(): Generation {
    const last = this.#catalogue.generations.at(-1);
    if (last === undefined) throw new Error(`The catalogue in ${this.#directory} has no generation`);
    return last;
  }

  /** Seals the log file and goes on with a new one. One that is empty stays, unless it cannot be written any more. */
  async #roll(): Promise<void> {
    const { last, byteCount, failed } = this.#log;
    const sealed = this.#lastGeneration();
    const empty = last.sequence === sealed.sequence;
    if (empty && !failed) return;
    const log = { name: empty ? `${sealed.log.name}.again` : `log-${last.sequence}` };
    const next = await ChangeLog.create(path.join(this.#directory, log.name), last);
    try {
      await this.#commit({
        ...this.#catalogue,
        generations: [
          ...this.#catalogue.generations.slice(0, -1),
          ...(empty
            ? [{ ...sealed, log }]
            : [
                { ...sealed, log: { ...sealed.log, byteCount } },
                { sequence: last.sequence, timeMicros: last.timeMicros, log },
              ]),
        ],
      });
    } catch (cause) {
      await next.close();
      throw cause;
    }
    const previous = this.#log;
    this.#log = next;
    if (empty) this.#makeObsolete([sealed.log.name]);
    await previous.close();
  }

  async #commit(catalogue: Catalogue): Promise<void> {
    await this.#settle();
    await stageCatalogue(this.#directory, catalogue);
    try {
      await placeCatalogue(this.#directory);
    } catch (cause) {
      this.#unsettled = true;
      throw cause;
    }
    this.#catalogue = catalogue;
  }

  /** After a commit that may or may not have happened: goes on from the catalogue that is there, once it is durable. */
  async #settle(): Promise<void> {
    if (!this.#unsettled) return;
    await syncDirectory(this.#directory);
    const catalogue = await readCatalogue(this.#directory);
    const last = catalogue?.generations.at(-1);
    if (catalogue === undefined || last === undefined) {
      throw new DamagedError(path.join(this.#directory, 'catalogue'), 0, 'the file is missing');
    }
    if (last.log.name !== this.#lastGeneration().log.name) {
      const next = await ChangeLog.open(path.join(this.#directory, last.log.name), last);
      await this.#log.close();
      this.#log = next;
    }
    this.#catalogue = catalogue;
    this.#unsettled = false;
  }

  async #removeObsolete(): Promise<void> {
    if (this.#pins > 0 || this.#obsolete.size === 0) return;
    // A file may be one of several bases, or of one that was made meanwhile.
    for (const name of this.#catalogue.generations.flatMap(filesOf)) {
      this.#obsolete.delete(path.join(this.#directory, name));
    }
    for (const file of this.#obsolete) {
      await rm(file, { force: true, recursive: true });
      this.#obsolete.delete(file);
    }
  }
}
