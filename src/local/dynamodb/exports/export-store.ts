import type { CommitQueue } from '../commit-queue.ts';
import { keyspace } from '../keyspace.ts';
import type { Store } from '../store.ts';
import type { Scope } from '../table.ts';
import type { ExportRecord } from './record.ts';

/** DynamoDB shows an export for 90 days. */
const EXPORT_RETENTION_MS = 90 * 24 * 3600_000;
/** A token repeats its export until eight hours after that one has ended. */
const TOKEN_LIFETIME_MS = 8 * 3600_000;

export interface ExportToken {
  readonly exportId: string;
  /** The members of the request exactly as they were sent: a default that is spelled out makes another request. */
  readonly fingerprint: string;
}

/** Export records and client tokens in the store. */
export class ExportStore {
  readonly #store: Store;
  readonly #commits: CommitQueue;

  constructor(store: Store, commits: CommitQueue) {
    this.#store = store;
    this.#commits = commits;
  }

  find(scope: Scope, exportId: string): ExportRecord | undefined {
    const text = this.#store.get(rowOf(scope, exportId));
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The export that a token stands for, while it does. */
  findByToken(scope: Scope, token: string): (ExportToken & { readonly record: ExportRecord }) | undefined {
    const text = this.#store.get(keyspace.exportToken(scope.accountId, scope.region, token));
    if (text === undefined) return;
    const known: ExportToken = JSON.parse(text);
    const record = this.find(scope, known.exportId);
    if (!record || isOlderThan(record, TOKEN_LIFETIME_MS, this.#commits.nowMs())) return;
    return { ...known, record };
  }

  /** Stores a new export together with its token, before anything of it happens. */
  create(record: ExportRecord, token: ExportToken): Promise<void> {
    return this.#commits.commit((commit) => {
      commit.put(rowOf(record, record.exportId), JSON.stringify(record));
      commit.put(keyspace.exportToken(record.accountId, record.region, record.clientToken), JSON.stringify(token));
    });
  }

  async save(record: ExportRecord): Promise<ExportRecord> {
    await this.#commits.commit((commit) => commit.put(rowOf(record, record.exportId), JSON.stringify(record)));
    return record;
  }

  /** Exports of an account and Region, newest first, that started before the one of `beforeId`. */
  async *newestFirst({ accountId, region }: Scope, beforeId?: string): AsyncGenerator<ExportRecord> {
    const range = { reverse: true, ...(beforeId !== undefined && { lt: beforeId }) };
    for await (const text of this.#store.values(keyspace.exports(accountId, region), range)) yield JSON.parse(text);
  }

  async all(): Promise<ExportRecord[]> {
    const records: ExportRecord[] = [];
    for await (const text of this.#store.values(keyspace.allExports)) records.push(JSON.parse(text));
    return records;
  }

  /** Forgets exports after 90 days, and tokens whose export has gone or which are good no more. */
  async dropExpired(): Promise<void> {
    const nowMs = this.#commits.nowMs();
    const rows: string[] = [];
    const kept = new Set<string>();
    for (const record of await this.all()) {
      const row = rowOf(record, record.exportId);
      if (isOlderThan(record, EXPORT_RETENTION_MS, nowMs)) rows.push(row);
      if (!isOlderThan(record, TOKEN_LIFETIME_MS, nowMs)) kept.add(record.exportId);
    }
    for await (const [token, text] of this.#store.entries(keyspace.exportTokens)) {
      const { exportId }: ExportToken = JSON.parse(text);
      if (!kept.has(exportId)) rows.push(keyspace.exportTokens + token);
    }
    if (rows.length === 0) return;
    await this.#commits.commit((commit) => {
      for (const row of rows) commit.del(row);
    });
  }
}

const rowOf = ({ accountId, region }: Scope, exportId: string): string =>
  keyspace.exports(accountId, region) + exportId;

const isOlderThan = ({ outcome }: ExportRecord, ageMs: number, nowMs: number): boolean =>
  outcome.status !== 'IN_PROGRESS' && outcome.endMs + ageMs <= nowMs;
