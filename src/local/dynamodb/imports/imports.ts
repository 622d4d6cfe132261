import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { ImportObjects } from '../../s3/object-store.ts';
import { importConflict, limitExceeded } from '../errors.ts';
import { failureOf, type JobFailure } from '../failure.ts';
import { newJobId } from '../job-arn.ts';
import { JobStore } from '../job-store.ts';
import { keyspace } from '../keyspace.ts';
import type { Requester, ServiceContext } from '../service-context.ts';
import type { Table } from '../table.ts';
import { addTable } from '../table-operations.ts';
import { ObjectModifiedError, TableLoader } from './load-table.ts';
import { describeImport, type ImportRecord } from './record.ts';
import { parseImportRequest } from './request.ts';

/** DynamoDB's quota of imports that run at once in an account and Region. */
const RUNNING_IMPORTS_MAX = 50;
/** Imports that read at the same time; the others wait, as every one keeps a thread and the disk busy. */
const READING_IMPORTS_MAX = 2;

interface ImportsOptions {
  readonly context: ServiceContext;
  readonly objects: ImportObjects;
  /** A folder of its own, for what is noted of records that were left out. */
  readonly directory: string;
  /** The bundles of `import-worker.ts` and `sort-worker.ts`. */
  readonly workerFile: string;
  readonly sorterFile: string;
}

/** Imports of tables from S3: accepts them, runs them in the background, and begins anew those that a crash interrupted. */
export class Imports {
  readonly store: JobStore<ImportRecord>;
  readonly #options: ImportsOptions;
  readonly #running = new Map<string, { readonly record: ImportRecord; readonly loader: TableLoader }>();
  readonly #runs = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #started = 0;

  constructor(options: ImportsOptions) {
    this.#options = options;
    this.store = new JobStore(options.context.store, options.context.commits, keyspace.imports);
  }

  /** Begins unfinished imports from an empty table: what of an object was read before the end is not known. */
  async recover(): Promise<void> {
    const { store, commits, tables } = this.#options.context;
    for (const record of await this.store.unfinished()) {
      const table = tables.find(record, record.request.TableCreationParameters.TableName);
      if (!table?.record.isImporting) throw new Error(`The table of import ${record.importArn} is missing.`);
      await store.clear(keyspace.dataOf(table.id));
      await commits.commit((commit) => table.resetTotals(commit));
      await rm(this.#directoryOf(record), { force: true, recursive: true });
      this.#run(record, table);
    }
  }

  /** Accepts an import and creates its table. Bucket, owner and contents are looked at when it runs. */
  async start(requester: Requester, data: object): Promise<object> {
    const request = parseImportRequest(data);
    const { commits, tables, locks } = this.#options.context;
    const { accountId, region, caller } = requester;
    const { ClientToken: clientToken = randomUUID(), TableCreationParameters: parameters } = request;
    // One request of a token at a time: the second of two at once must find what the first has stored.
    return locks.hold([`import-token/${accountId}/${region}/${clientToken}`], async () => {
      const known = this.store.findByToken(requester, clientToken);
      // Of the same token only another table conflicts; any other change is not looked at (facts §8.4).
      if (known && known.fingerprint !== parameters.TableName) {
        throw importConflict('Import conflict: Duplicate request detected with conflicting parameters');
      }
      if (known) return this.describe(known.record);
      const running = [...this.#running.values()].map(({ record }) => record);
      if (running.filter((r) => r.accountId === accountId && r.region === region).length >= RUNNING_IMPORTS_MAX) {
        throw limitExceeded(`At most ${RUNNING_IMPORTS_MAX} imports can run at once in an account and Region.`);
      }
      const { record, table } = await commits.commit((commit) => {
        const table = addTable(commit, tables, requester, parameters, true);
        const startMs = Math.floor(commit.timeMicros / 1000);
        const jobId = newJobId(startMs);
        const tableArn = table.description.TableArn;
        const record: ImportRecord = {
          jobId,
          importArn: `${tableArn}/import/${jobId}`,
          accountId,
          region,
          tableArn,
          tableId: table.id,
          request,
          clientToken,
          startMs,
          caller,
          outcome: { status: 'IN_PROGRESS' },
        };
        this.store.create(commit, record, parameters.TableName);
        return { record, table };
      });
      this.#run(record, table);
      return this.describe(record);
    });
  }

  describe(record: ImportRecord): object {
    return { ImportTableDescription: describeImport(record, this.#running.get(record.jobId)?.loader.progress) };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#runs);
  }

  #run(record: ImportRecord, table: Table): void {
    const directory = this.#directoryOf(record);
    const files = { errorFile: this.#errorFile(record), scratchDirectory: path.join(directory, 'sorting') };
    const loader = new TableLoader({ ...this.#options, ...files }, record, table);
    this.#running.set(record.jobId, { record, loader });
    const slot = `import-slot/${this.#started++ % READING_IMPORTS_MAX}`;
    const run = this.#options.context.locks
      .hold([slot], () => this.#runToEnd(record, table, loader))
      .catch((error: unknown) => console.error(`outport: import ${record.importArn} could not be ended`, error))
      .finally(() => {
        this.#running.delete(record.jobId);
        this.#runs.delete(run);
      });
    this.#runs.add(run);
  }

  async #runToEnd(record: ImportRecord, table: Table, loader: TableLoader): Promise<void> {
    const { commits } = this.#options.context;
    const { signal } = this.#closing;
    const failure = await this.#load(record, table, loader);
    // Interrupted by the end of the process, not failed: the next start begins it again.
    if (signal.aborted) return;
    // Where not even that can be done, the import has not ended: the next start begins it again from an empty table.
    await loader.discard();
    const ended = { endMs: commits.nowMs(), progress: loader.progress };
    const outcome: ImportRecord['outcome'] = failure
      ? { status: 'FAILED', ...ended, ...failure }
      : { status: 'COMPLETED', ...ended };
    await commits.commit((commit) => {
      loader.finish(commit);
      this.store.put(commit, { ...record, outcome });
    });
  }

  /** @returns why the import has failed, if it has; what was imported stays all the same */
  async #load(record: ImportRecord, table: Table, loader: TableLoader): Promise<JobFailure | undefined> {
    try {
      await loader.load(this.#closing.signal);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (error instanceof ObjectModifiedError) {
        return { failureCode: 'ObjectModifiedInS3DuringImport', failureMessage: error.message };
      }
      const failure = failureOf(error, 'The objects could not be imported');
      if (failure.failureCode === 'InternalServerError') {
        console.error(`outport: import ${record.importArn} failed`, error);
      }
      return failure;
    }
    const { errorCount } = loader.progress;
    if (errorCount === 0) return;
    console.error(
      `outport: import into ${table.name} left out ${errorCount} records; they are listed in ${this.#errorFile(record)}`,
    );
    return {
      failureCode: 'ItemValidationError',
      failureMessage:
        'Some of the items failed validation checks and were not imported. Please check CloudWatch error logs for more details.',
    };
  }

  /** Stands for the CloudWatch stream `<import id>/error` of the group `/aws-dynamodb/imports`. */
  #errorFile(record: ImportRecord): string {
    return path.join(this.#directoryOf(record), 'error');
  }

  #directoryOf({ jobId }: ImportRecord): string {
    return path.join(this.#options.directory, jobId);
  }
}
