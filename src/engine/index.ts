/**
 * The engine: continuous backups of tables and exports from them. Changes go in, in commit order; files come out.
 * It knows items only as a key and a line of DynamoDB JSON, and nothing of networks, tables' schemas or SDKs.
 * See docs/engine.md for how it works.
 */

import { StoredBackups } from './backups.ts';
import type { DamagedError } from './errors.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { WorkerThreads } from './worker-threads.ts';

export { type Decimal, decimalOf } from './decimal.ts';
export { BackupError, DamagedError } from './errors.ts';
export { IonError, readIon } from './ion-reader.ts';
export { writeLatestItems } from './latest-items.ts';

/** A committed change of one item. */
export interface Change {
  /** Commit time in microseconds since the epoch. Never decreases within a table; equal within one atomic commit. */
  readonly timeMicros: number;
  /** Position in the change log: strictly increasing over the life of the store, never reused. */
  readonly sequence: number;
  /** The hash of the partition key, as the first 16 hex digits of its MD5, in lower case: decides which data file the item lands in. */
  readonly partitionHash: string;
  /**
   * The item's primary key in a canonical form: well-formed Unicode, unique within its table. Items of one partition
   * hash are sorted by its UTF-8 bytes, so it begins with the partition key.
   */
  readonly key: string;
  /** The item after the change as compact DynamoDB JSON (`{"pk":{"S":"1"},…}`), or null when it was deleted. */
  readonly newImage: string | null;
}

/** An item of a table at the moment its continuous backups begin. */
export type BaseItem = Omit<Change, 'timeMicros' | 'sequence' | 'newImage'> & { readonly image: string };

export interface BackupWindow {
  /** First and last microsecond that can be restored. */
  readonly earliestMicros: number;
  readonly latestMicros: number;
}

/** What an export of either type is asked for with. */
interface ExportOutput {
  readonly tableId: string;
  readonly format: 'DYNAMODB_JSON' | 'ION';
  /** An empty folder of the caller's; the data files are written into it. After a failure it is empty again. */
  readonly directory: string;
  /** Only items of this partition key hash, and only the blocks that may hold them are read. */
  readonly partitionHash?: string;
  /** Decides which items are written, and with which attributes. */
  readonly transform?: TransformSource;
}

/** The table as it was. */
interface FullExportRequest extends ExportOutput {
  readonly exportType: 'FULL_EXPORT';
  /** State at this time: every change committed at or before it, none after. */
  readonly timeMicros: number;
}

/**
 * What changed between two states of the table: one net record an item that was written in the window (facts §3.8). An
 * item that did not exist at either end has none; one that was written back to its old value has, as an update.
 */
export interface IncrementalExportRequest extends ExportOutput {
  readonly exportType: 'INCREMENTAL_EXPORT';
  /** The first microsecond whose changes count. The old images are the state just before it. */
  readonly fromMicros: number;
  /** The first microsecond whose changes no longer count; after `fromMicros`. */
  readonly toMicros: number;
  readonly view: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';
  /** The attributes of the primary key, in the order in which `Keys` shows them. */
  readonly keyNames: readonly string[];
}

export type ExportRequest = FullExportRequest | IncrementalExportRequest;

/** Where a thread that writes an export finds the transform of its images. */
export interface TransformSource {
  /** The file of a module; its default export is a `TransformFactory`. */
  readonly module: string;
  /** What the factory is called with; it is cloned on its way into the thread. */
  readonly options: unknown;
}

export type TransformFactory = (options: unknown) => ImageTransform;

/**
 * Chooses and reshapes images, each the compact DynamoDB JSON of an item, as in `Change`. An error that it throws ends
 * the export.
 */
export interface ImageTransform {
  /**
   * The image to write in place of the item's, or null to leave the item out. In an incremental export it is asked for
   * the new image, or for the old one of an item that was deleted, and its answer counts for the whole record.
   */
  select(image: string): string | null;
  /** The image to write in place of the old image of an item that was updated and selected. */
  project(image: string): string;
}

/** A finished data file: a single gzip member of lines, one an item (facts §3.7 to §3.9). */
export interface ExportedFile {
  /** File name within the directory: 26 base32 characters and `.json.gz` or `.ion.gz` (facts §3.2). */
  readonly name: string;
  readonly itemCount: number;
  readonly sizeBytes: number;
  /** Uncompressed bytes of the lines. */
  readonly logicalBytes: number;
  readonly md5: Uint8Array;
}

export interface ExportResult {
  /** Of each of the four partitions at least one; that of one without items is an empty gzip member. */
  readonly files: readonly ExportedFile[];
  readonly itemCount: number;
}

/** The moment at which continuous backups begin. */
export interface StartOptions {
  readonly timeMicros: number;
  /** The last change that the items include; those after it come by `append`. */
  readonly sequence: number;
  /** Days of history to keep. */
  readonly periodDays: number;
}

/** What the backups of a table take, or what is wrong with them. */
export type TableStorage =
  | {
      readonly tableId: string;
      readonly state: 'SOUND';
      readonly window: BackupWindow;
      /** Oldest first. An export at a time replays the log from the last base before it. */
      readonly bases: ReadonlyArray<{
        readonly timeMicros: number;
        /** What it takes beside the older ones, with which it shares what did not change. */
        readonly sizeBytes: number;
        /** Since the backups were opened a restore found that it cannot be read, and went back to an older one. */
        readonly damage: DamagedError | undefined;
      }>;
      readonly logBytes: number;
    }
  | { readonly tableId: string; readonly state: 'DAMAGED'; readonly damage: DamagedError };

/**
 * The continuous backups of all tables of one directory. Methods on one table take effect in the order of the calls.
 * Where it cannot be told what a table's history consists of, they throw a `DamagedError` for that table until its backups
 * are stopped and started again.
 */
export interface Backups {
  /**
   * Turns backups on with the items of the table as they were at `timeMicros`, in batches of any size: a promise for each
   * item would take longer than the item. After a crash it happened or it did not.
   * Changes that are appended meanwhile wait for it. Throws `BACKUPS_ON` when they are on, and a `TypeError` for a table
   * id of other characters than letters, digits and hyphens.
   */
  start(tableId: string, options: StartOptions, items: AsyncIterable<readonly BaseItem[]>): Promise<void>;

  /**
   * Adds changes in order; they are durable when it resolves. Changes at or below `appendedThrough` are skipped, so one
   * may always be sent again. Appends that wait for the same table are made durable together, yet one that is wrong fails
   * alone. Throws `BACKUPS_OFF`, a `RangeError` when the sequence or time goes back, and a
   * `TypeError` for a hash, key or image that is not of the form above.
   */
  append(tableId: string, changes: readonly Change[]): Promise<void>;

  /** Sequence of the last durable change; undefined when backups are off, or damaged so that it is unknown. */
  appendedThrough(tableId: string): number | undefined;

  /** What can be restored, up to now; undefined when backups are off or damaged. */
  window(tableId: string, nowMicros: number): BackupWindow | undefined;

  /** What the backups of each table take on disk. */
  storage(nowMicros: number): readonly TableStorage[];

  /** A shorter period cuts the window at once; a longer one brings nothing back. Throws `BACKUPS_OFF`. */
  setPeriod(tableId: string, periodDays: number): Promise<void>;

  /** Turns backups off and forgets the history. An export that is running ends as if nothing had happened. */
  stop(tableId: string): Promise<void>;

  /**
   * Writes the table as it was, or what changed in it, from its backups alone, in a worker thread. Append every change
   * up to the time first.
   * What is stopped or trimmed after the call does not matter to it. The files are durable when it resolves. A base that
   * turns out to be damaged is done without where an older one and the log since can make the same.
   *
   * Throws `BACKUPS_OFF`, `TIME_OUTSIDE_HISTORY`, `TOO_MANY_JOBS`, a `DamagedError` with file and offset when stored
   * bytes are wrong, a `RangeError` for a window that ends before it begins, and the signal's reason.
   */
  export(request: ExportRequest, options?: { readonly signal?: AbortSignal }): Promise<ExportResult>;

  /**
   * Keeps the newest base of every table near to what the table is now, and drops what no time of the window needs. To be
   * called every now and then. A table that fails does not keep the others from their turn; throws an `AggregateError` at the end.
   */
  maintain(nowMicros: number): Promise<void>;

  /** Ends running jobs with `CLOSED`, waits for appends, and leaves the directory to be opened again. */
  close(): Promise<void>;
}

/**
 * Opens the backups in a directory of their own, which is created when missing. Only one process may have it open.
 */
export function openBackups(options: {
  readonly directory: string;
  /** The bundle of `export-worker.ts`. */
  readonly workerFile: URL | string;
  /** The current time in milliseconds. */
  readonly now?: () => number;
}): Promise<Backups> {
  const workers = new WorkerThreads({ workerFile: options.workerFile, ...DEFAULT_LIMITS });
  return StoredBackups.open({
    directory: options.directory,
    now: options.now ?? Date.now,
    limits: DEFAULT_LIMITS,
    runJob: (...args) => workers.run(...args),
    endJobs: () => workers.close(),
  });
}
