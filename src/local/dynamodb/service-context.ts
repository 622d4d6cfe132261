import type { Caller } from '../aws/service.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { KeyLocks } from './key-locks.ts';
import type { Store } from './store.ts';
import type { Scope } from './table.ts';
import type { Tables } from './tables.ts';

/** What all operations share. */
export interface ServiceContext {
  readonly store: Store;
  readonly tables: Tables;
  readonly commits: CommitQueue;
  readonly locks: KeyLocks;
}

/** Who asks, and for which account's and Region's tables. */
export interface Requester extends Scope {
  readonly caller: Caller;
  /** The Host header: where this endpoint is reached. */
  readonly host: string;
}
