import type { Caller } from '../aws/service.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { ContinuousBackups } from './continuous-backups.ts';
import type { Exports } from './exports/exports.ts';
import type { Imports } from './imports/imports.ts';
import type { KeyLocks } from './key-locks.ts';
import type { Store } from './store.ts';
import type { Scope, Table } from './table.ts';
import type { Tables } from './tables.ts';

/** What everything that reads or writes tables shares. */
export interface ServiceContext {
  readonly store: Store;
  readonly tables: Tables;
  readonly commits: CommitQueue;
  readonly locks: KeyLocks;
}

/** What the operations on tables work with beside the store. */
export interface OperationContext extends ServiceContext {
  readonly backups: ContinuousBackups;
  readonly exports: Exports;
  readonly imports: Imports;
  /** Starts to fill the indexes of a table that are being created. */
  readonly backfill: (table: Table) => void;
}

/** Who asks, and for which account's and Region's tables. */
export interface Requester extends Scope {
  readonly caller: Caller;
  /** The Host header: where this endpoint is reached. */
  readonly host: string;
}
