import { randomUUID } from 'node:crypto';
import type { Backups, BackupWindow, BaseItem } from '../../engine/index.ts';
import { partitionHashOf } from './archiver.ts';
import type { Commit } from './commit-queue.ts';
import { keyspace } from './keyspace.ts';
import type { ServiceContext } from './service-context.ts';
import type { Snapshot } from './store.ts';
import type { Table } from './table.ts';

/** Point-in-time recovery of tables: which backups the engine keeps for whom, and until when. */
export class ContinuousBackups {
  readonly #context: ServiceContext;
  readonly #engine: Backups;
  /** How many running exports read a backup. */
  readonly #readers = new Map<string, number>();

  constructor(context: ServiceContext, engine: Backups) {
    this.#context = context;
    this.#engine = engine;
  }

  /** Undoes enablings that a crash interrupted: they were never acknowledged and have no base. */
  async recover(): Promise<void> {
    const interrupted = this.#context.tables.all().filter(({ record }) => record.recovery?.started === false);
    if (interrupted.length === 0) return;
    await this.#context.commits.commit((commit) => {
      for (const table of interrupted) this.#forget(commit, table);
    });
  }

  /** What can be restored of a table now, or undefined while recovery is off. */
  window(table: Table): BackupWindow | undefined {
    const { recovery } = table.record;
    if (!recovery?.started) return;
    return this.#engine.window(recovery.backupId, this.#context.commits.nowMs() * 1000 + 999);
  }

  /** One at a time for a table: turning recovery on or off, accepting an export, deleting the table. */
  alone<T>(table: Table, task: () => Promise<T>): Promise<T> {
    return this.#context.locks.hold([`recovery/${table.id}`], task);
  }

  /** Turns recovery on, with a base of the table as it is at the commit that does so, or changes its period. */
  enable(table: Table, periodDays: number): Promise<void> {
    return this.alone(table, async () => {
      const { recovery } = table.record;
      if (!recovery) return this.#start(table, periodDays);
      if (recovery.periodDays === periodDays) return;
      await this.#engine.setPeriod(recovery.backupId, periodDays);
      await this.#context.commits.commit((commit) => {
        if (!table.dropped) table.update(commit, { recovery: { ...recovery, periodDays } });
      });
    });
  }

  disable(table: Table): Promise<void> {
    return this.alone(table, async () => {
      await this.#context.commits.commit((commit) => {
        if (!table.dropped && table.record.recovery) this.#forget(commit, table);
      });
      await this.collectRetired();
    });
  }

  /** Gives up the backups of a table that is being deleted. */
  retire(commit: Commit, { record: { recovery } }: Table): void {
    if (recovery) commit.put(keyspace.retiredBackup(recovery.backupId), recovery.backupId);
  }

  /** Keeps a backup alive while `task` reads it, even when its table is deleted or recovery turned off. */
  async reading<T>(backupId: string, task: () => Promise<T>): Promise<T> {
    this.#readers.set(backupId, (this.#readers.get(backupId) ?? 0) + 1);
    try {
      return await task();
    } finally {
      const left = (this.#readers.get(backupId) ?? 1) - 1;
      if (left > 0) this.#readers.set(backupId, left);
      else this.#readers.delete(backupId);
    }
  }

  /** Removes the retired backups that no export reads. */
  collectRetired(): Promise<void> {
    const { store, commits, locks } = this.#context;
    return locks.hold(['retired'], async () => {
      for await (const [, backupId] of store.entries(keyspace.retired)) {
        if (this.#readers.has(backupId)) continue;
        await this.#engine.stop(backupId);
        await commits.commit((commit) => commit.del(keyspace.retiredBackup(backupId)));
      }
    });
  }

  async #start(table: Table, periodDays: number): Promise<void> {
    const { commits, store } = this.#context;
    const recovery = { backupId: randomUUID(), periodDays, started: false };
    const { base, snapshot } = await commits.commitAlone(
      (commit) => {
        table.update(commit, { recovery });
        return { timeMicros: commit.timeMicros, sequence: commit.lastSequence };
      },
      // Right after this commit and before any other: exactly the items that the log goes on from.
      (base) => ({ base, snapshot: store.snapshot() }),
    );
    try {
      await this.#engine.start(recovery.backupId, { ...base, periodDays }, this.#baseItems(table, snapshot));
    } catch (error) {
      await commits.commit((commit) => {
        if (!table.dropped) this.#forget(commit, table);
      });
      throw error;
    } finally {
      await snapshot.close();
    }
    await commits.commit((commit) => {
      if (!table.dropped) table.update(commit, { recovery: { ...recovery, started: true } });
    });
  }

  async *#baseItems(table: Table, snapshot: Snapshot): AsyncGenerator<BaseItem[]> {
    for await (const batch of this.#context.store.entryBatches(keyspace.items(table.id), { snapshot })) {
      yield batch.map(([key, image]) => ({ key, image, partitionHash: partitionHashOf(key) }));
    }
  }

  #forget(commit: Commit, table: Table): void {
    this.retire(commit, table);
    table.update(commit, { recovery: null });
  }
}
