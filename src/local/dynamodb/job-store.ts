import type { Commit, CommitQueue } from './commit-queue.ts';
import type { Store } from './store.ts';
import type { Scope } from './table.ts';

/** DynamoDB shows an export or import for 90 days. */
const RETENTION_MS = 90 * 24 * 3600_000;
/** A token repeats its export or import until eight hours after that one has ended. */
const TOKEN_LIFETIME_MS = 8 * 3600_000;

/** An export or import as it is stored. */
export interface Job extends Scope {
  /** The last part of its ARN: the time of its start and eight random digits (facts §1.4). */
  readonly jobId: string;
  readonly clientToken: string;
  readonly outcome: { readonly status: 'IN_PROGRESS' } | { readonly status: string; readonly endMs: number };
}

export interface JobToken {
  readonly jobId: string;
  /** What a request with the same token has to have in common with the one that used it first. */
  readonly fingerprint: string;
}

/** Where the records and tokens of one kind of job lie in the store. */
export interface JobRows {
  readonly jobs: string;
  readonly tokens: string;
}

/** Records and client tokens of exports, or of imports. */
export class JobStore<Record extends Job> {
  readonly #store: Store;
  readonly #commits: CommitQueue;
  readonly #rows: JobRows;

  constructor(store: Store, commits: CommitQueue, rows: JobRows) {
    this.#store = store;
    this.#commits = commits;
    this.#rows = rows;
  }

  find(scope: Scope, jobId: string): Record | undefined {
    const text = this.#store.get(this.#ofScope(scope) + jobId);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The job that a token stands for, while it does. */
  findByToken(scope: Scope, token: string): (JobToken & { readonly record: Record }) | undefined {
    const text = this.#store.get(this.#tokenRow(scope, token));
    if (text === undefined) return;
    const known: JobToken = JSON.parse(text);
    const record = this.find(scope, known.jobId);
    if (!record || isOlderThan(record, TOKEN_LIFETIME_MS, this.#commits.nowMs())) return;
    return { ...known, record };
  }

  /** Puts a new job together with its token, before anything of it happens. */
  create(commit: Commit, record: Record, fingerprint: string): void {
    const { jobId, clientToken } = record;
    const token: JobToken = { jobId, fingerprint };
    this.put(commit, record);
    commit.put(this.#tokenRow(record, clientToken), JSON.stringify(token));
  }

  put(commit: Commit, record: Record): void {
    commit.put(this.#ofScope(record) + record.jobId, JSON.stringify(record));
  }

  async save(record: Record): Promise<void> {
    await this.#commits.commit((commit) => this.put(commit, record));
  }

  /** Jobs of an account and Region, newest first, that started before the one of `beforeId`. */
  async *newestFirst(scope: Scope, beforeId?: string): AsyncGenerator<Record> {
    const range = { reverse: true, ...(beforeId !== undefined && { lt: beforeId }) };
    for await (const text of this.#store.values(this.#ofScope(scope), range)) yield JSON.parse(text);
  }

  async all(): Promise<Record[]> {
    const records: Record[] = [];
    for await (const text of this.#store.values(this.#rows.jobs)) records.push(JSON.parse(text));
    return records;
  }

  /** Those that had not ended when the process did. */
  async unfinished(): Promise<Record[]> {
    return (await this.all()).filter(({ outcome }) => outcome.status === 'IN_PROGRESS');
  }

  /** Forgets jobs after 90 days, and tokens whose job has gone or which are good no more. */
  async dropExpired(): Promise<void> {
    const nowMs = this.#commits.nowMs();
    const rows: string[] = [];
    const kept = new Set<string>();
    for (const record of await this.all()) {
      if (isOlderThan(record, RETENTION_MS, nowMs)) rows.push(this.#ofScope(record) + record.jobId);
      if (!isOlderThan(record, TOKEN_LIFETIME_MS, nowMs)) kept.add(record.jobId);
    }
    for await (const [token, text] of this.#store.entries(this.#rows.tokens)) {
      const { jobId }: JobToken = JSON.parse(text);
      if (!kept.has(jobId)) rows.push(this.#rows.tokens + token);
    }
    if (rows.length === 0) return;
    await this.#commits.commit((commit) => {
      for (const row of rows) commit.del(row);
    });
  }

  #ofScope({ accountId, region }: Scope): string {
    return `${this.#rows.jobs}${accountId}/${region}/`;
  }

  #tokenRow({ accountId, region }: Scope, token: string): string {
    return `${this.#rows.tokens}${accountId}/${region}/${encodeURIComponent(token)}`;
  }
}

function isOlderThan({ outcome }: Job, ageMs: number, nowMs: number): boolean {
  return 'endMs' in outcome && outcome.endMs + ageMs <= nowMs;
}
