import { hash } from 'node:crypto';
import type { Backups, Change } from '../../engine/index.ts';
import { readChanges, trimLog } from './change-log.ts';
import type { ServiceContext } from './service-context.ts';
import type { Table } from './table.ts';

/** How long changes may gather before they are archived: an append is an fsync. */
const GATHER_MS = 250;
/** What one append may hold, in changes and in characters of their items. */
const APPEND_CHANGES_MAX = 2_000;
const APPEND_TEXT_MAX = 8 * 1024 * 1024;

/**
 * Moves the changes of tables with recovery from their logs into the continuous backups, then lets go of them. An append
 * is durable before its changes leave the log, and the backups skip what they already hold, so a crash anywhere in
 * between loses nothing and doubles nothing.
 */
export class Archiver {
  readonly #context: ServiceContext;
  readonly #backups: Backups;
  /** The round under way for a table; the next one waits for it. */
  readonly #rounds = new Map<Table, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(context: ServiceContext, backups: Backups) {
    this.#context = context;
    this.#backups = backups;
  }

  /** To be called after every durable write. */
  announce(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const table of this.#context.tables.all()) {
        if (!this.#isBehind(table)) continue;
        this.archive(table).catch((error: unknown) => {
          // The changes stay in the log; the next commit or export tries again.
          console.error(`outport: changes of table ${table.name} could not be archived`, error);
        });
      }
    }, GATHER_MS);
  }

  /** Resolves when every change that was committed to the table before is in its continuous backups. */
  async flush(table: Table): Promise<void> {
    await this.#context.commits.settled();
    await this.archive(table);
  }

  /** Archives what is durable in the log of a table. */
  archive(table: Table): Promise<void> {
    const round = (this.#rounds.get(table) ?? Promise.resolve()).then(
      () => this.#archive(table),
      () => this.#archive(table),
    );
    this.#rounds.set(table, round);
    const forget = () => void (this.#rounds.get(table) === round && this.#rounds.delete(table));
    round.then(forget, forget);
    return round;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.allSettled(this.#rounds.values());
  }

  #isBehind({ record: { recovery }, lastChange }: Table): boolean {
    return recovery?.started === true && lastChange > (this.#backups.appendedThrough(recovery.backupId) ?? lastChange);
  }

  async #archive(table: Table): Promise<void> {
    const { recovery } = table.record;
    if (!recovery?.started || !this.#isBehind(table)) return;
    const { backupId } = recovery;
    const after = this.#backups.appendedThrough(backupId) ?? 0;
    let changes: Change[] = [];
    let text = 0;
    for await (const change of readChanges(this.#context.store, table.id, after, table.lastChange)) {
      changes.push({ ...change, partitionHash: partitionHashOf(change.key) });
      text += change.newImage?.length ?? 0;
      if (changes.length < APPEND_CHANGES_MAX && text < APPEND_TEXT_MAX) continue;
      await this.#backups.append(backupId, changes);
      changes = [];
      text = 0;
    }
    if (changes.length > 0) await this.#backups.append(backupId, changes);
    // With a stream the log is kept for a day, and trimmed now and then instead of after every round.
    if (!table.record.stream) await this.trim(table);
  }

  /** Removes what neither the backups nor the stream of the table need any more. */
  trim(table: Table): Promise<void> {
    const { recovery } = table.record;
    const archivedThrough = recovery?.started ? (this.#backups.appendedThrough(recovery.backupId) ?? 0) : 0;
    return trimLog(this.#context.store, table, archivedThrough, this.#context.commits.nowMs() * 1000);
  }
}

/** The hash of the partition key, which is what a canonical key starts with, up to its second slash. */
export function partitionHashOf(key: string): string {
  const partition = key.slice(0, key.indexOf('/', key.indexOf('/') + 1));
  return hash('md5', partition).slice(0, 16);
}
