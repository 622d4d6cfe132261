import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Backups } from '../../../engine/index.ts';
import type { ExportObjects } from '../../s3/object-store.ts';
import type { Archiver } from '../archiver.ts';
import { wholeSeconds } from '../backup-operations.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { ContinuousBackups } from '../continuous-backups.ts';
import { exportConflict, invalidExportTime, limitExceeded, recoveryUnavailable, tableNotFound } from '../errors.ts';
import { failureOf } from '../failure.ts';
import { newJobId } from '../job-arn.ts';
import { JobStore } from '../job-store.ts';
import { keyspace } from '../keyspace.ts';
import type { Requester, ServiceContext } from '../service-context.ts';
import type { Table } from '../table.ts';
import { fitFilter } from './filter.ts';
import { checkFromTime, type IncrementalWindow, windowOf } from './incremental-window.ts';
import { describeExport, type ExportContent, type ExportRecord } from './record.ts';
import { type ExportTableRequest, parseExportRequest } from './request.ts';
import { type ExportRunner, runExport } from './run-export.ts';

/** DynamoDB's quota of exports that run at once in an account and Region. */
const RUNNING_EXPORTS_MAX = 300;
/** DynamoDB bills by statistics that do not see very small tables: it shows 0 for them (facts §3.6). */
const BILLED_BYTES_MIN = 1_000_000;

interface ExportsOptions {
  readonly context: ServiceContext;
  readonly engine: Backups;
  readonly backups: ContinuousBackups;
  readonly archiver: Archiver;
  readonly objects: ExportObjects;
  /** A folder of its own for the files of running exports. */
  readonly directory: string;
  /** The bundle of `item-filter.ts`. */
  readonly filterFile: string;
}

/** Exports of tables to S3: accepts them, runs them in the background, and takes up those that a crash interrupted. */
export class Exports {
  readonly store: JobStore<ExportRecord>;
  readonly #options: ExportsOptions;
  readonly #runner: ExportRunner;
  readonly #running = new Map<ExportRecord, Promise<void>>();
  #closing = false;

  constructor(options: ExportsOptions) {
    const { context, engine, objects, directory, filterFile } = options;
    this.store = new JobStore(context.store, context.commits, keyspace.exports);
    this.#options = options;
    this.#runner = {
      engine,
      objects,
      exports: this.store,
      filterFile,
      nowMs: () => context.commits.nowMs(),
      folderOf: (jobId) => path.join(directory, jobId),
    };
  }

  /** Runs what was in progress to its end, and removes the files of exports that have ended. */
  async recover(): Promise<void> {
    const { directory } = this.#options;
    const unfinished = await this.store.unfinished();
    await mkdir(directory, { recursive: true });
    const kept = new Set(unfinished.map(({ jobId }) => jobId));
    for (const folder of await readdir(directory)) {
      if (!kept.has(folder)) await rm(path.join(directory, folder), { recursive: true, force: true });
    }
    for (const record of unfinished) this.#run(record);
  }

  /** Accepts an export. Bucket, owner and key are looked at when it runs: their faults end it as FAILED. */
  async start(requester: Requester, data: object): Promise<object> {
    const { request, tableName } = parseExportRequest(data, requester.accountId);
    const { tables, locks } = this.#options.context;
    const { ClientToken: clientToken = randomUUID() } = request;
    // One request of a token at a time: the second of two at once must find what the first has stored.
    const tokenLock = `export-token/${requester.accountId}/${requester.region}/${clientToken}`;
    return locks.hold([tokenLock], async () => {
      const table = tables.find(requester, tableName);
      if (!table) throw tableNotFound(`Table not found: ${request.TableArn}`);
      const fingerprint = fingerprintOf(request);
      const known = this.store.findByToken(requester, clientToken);
      if (known && known.fingerprint !== fingerprint) {
        throw exportConflict('Export conflict: Duplicate request detected with conflicting parameters');
      }
      const record =
        known?.record ??
        (await this.#options.backups.alone(table, () => {
          if (table.dropped) throw tableNotFound(`Table not found: ${request.TableArn}`);
          return this.#accept(requester, table, request, clientToken, fingerprint);
        }));
      return { ExportDescription: describeExport(record) };
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#running.values());
  }

  /** The caller keeps recovery from being turned off and the table from being deleted meanwhile. */
  async #accept(
    requester: Requester,
    table: Table,
    request: ExportTableRequest,
    clientToken: string,
    fingerprint: string,
  ): Promise<ExportRecord> {
    const { context, archiver } = this.#options;
    const { accountId, region, caller } = requester;
    checkFromTime(request, table.description.CreationDateTime * 1000);
    const { recovery } = table.record;
    if (!recovery?.started) {
      throw recoveryUnavailable(`Point in time recovery is not enabled for table '${table.name}'`);
    }
    const nowMs = context.commits.nowMs();
    const window = windowOf(request, nowMs);
    const content = window ? this.#changes(table, window) : this.#state(table, request.ExportTime, nowMs);
    const filter = request.FilterSpecification && (await fitFilter(request.FilterSpecification, table.description));
    const running = [...this.#running.keys()].filter((r) => r.accountId === accountId && r.region === region);
    if (running.length >= RUNNING_EXPORTS_MAX) {
      throw limitExceeded(`At most ${RUNNING_EXPORTS_MAX} exports can run at once in an account and Region.`);
    }

    // From here on what is exported is settled: no later commit gets a time that belongs to it, and with the log archived
    // the export depends on nothing but the backups, even when the table is deleted before it begins.
    context.commits.closeThrough(content.exportType === 'FULL_EXPORT' ? content.restoreMicros : content.toMicros - 1);
    await archiver.flush(table);
    // Incremental exports start, as they are named, at whole seconds (facts §1.4).
    const startMs = window ? wholeSeconds(nowMs * 1000) * 1000 : nowMs;
    const jobId = newJobId(startMs);
    const record: ExportRecord = {
      jobId,
      exportArn: `${table.description.TableArn}/export/${jobId}`,
      accountId,
      region,
      tableArn: table.description.TableArn,
      tableId: table.id,
      request,
      clientToken,
      startMs,
      backupId: recovery.backupId,
      content,
      ...(filter && { filter }),
      caller,
      outcome: { status: 'IN_PROGRESS' },
    };
    await context.commits.commit((commit) => this.store.create(commit, record, fingerprint));
    this.#run(record);
    return record;
  }

  /**
   * What a full export restores. Times up to the present are taken, though `LatestRestorableDateTime` trails it: DynamoDB
   * accepts an export without a time for now, and what it says to explicit recent times differs between sources.
   * @throws DynamoDbError InvalidExportTimeException
   */
  #state(table: Table, exportTime: number | undefined, nowMs: number): ExportContent {
    const exportTimeMs = exportTime === undefined ? nowMs : Math.round(exportTime * 1000);
    if (exportTimeMs > nowMs) throw invalidExportTime('Export Time is invalid');
    const sizeBytes = table.exportSizeBytes;
    return {
      exportType: 'FULL_EXPORT',
      exportTimeMs,
      // A time in milliseconds means the end of its millisecond: what was acknowledged before it was read is included.
      restoreMicros: Math.max(exportTimeMs * 1000 + 999, this.#earliestMicros(table, exportTimeMs / 1000)),
      billedSizeBytes: sizeBytes < BILLED_BYTES_MIN ? 0 : sizeBytes,
    };
  }

  /** What an incremental export writes. @throws DynamoDbError InvalidExportTimeException */
  #changes(table: Table, window: IncrementalWindow): ExportContent {
    const fromMicros = Math.round(window.fromSeconds * 1_000_000);
    return {
      exportType: 'INCREMENTAL_EXPORT',
      ...window,
      fromMicros: Math.max(fromMicros, this.#earliestMicros(table, window.fromSeconds)),
      toMicros: Math.round(window.toSeconds * 1_000_000),
      keyNames: table.description.KeySchema.map(({ AttributeName }) => AttributeName),
    };
  }

  /**
   * The earliest time is shown in whole seconds, so all of its second is accepted and means its first known state.
   * @throws DynamoDbError InvalidExportTimeException for times before it
   */
  #earliestMicros(table: Table, timeSeconds: number): number {
    const window = this.#options.backups.window(table);
    if (!window || timeSeconds < wholeSeconds(window.earliestMicros)) throw invalidExportTime('Export Time is invalid');
    return window.earliestMicros;
  }

  #run(record: ExportRecord): void {
    const run = this.#runReading(record)
      .catch((error: unknown) => console.error(`outport: export ${record.exportArn} could not be ended`, error))
      .finally(() => this.#running.delete(record));
    this.#running.set(record, run);
  }

  async #runReading(record: ExportRecord): Promise<void> {
    const { backups } = this.#options;
    await backups.reading(record.backupId, () => this.#runToEnd(record));
    // It may have been the last reader of backups whose table has gone. The next start looks as well.
    if (!this.#closing) await backups.collectRetired();
  }

  async #runToEnd(record: ExportRecord): Promise<void> {
    try {
      await runExport(this.#runner, record);
    } catch (error) {
      // Interrupted by the end of the process, not failed: the next start goes on with it.
      if (this.#closing) return;
      const failure = failureOf(error, 'The export could not be written');
      if (failure.failureCode === 'InternalServerError') {
        console.error(`outport: export ${record.exportArn} failed`, error);
      }
      const { files: _, ...ended } = record;
      await this.store.save({ ...ended, outcome: { status: 'FAILED', endMs: this.#runner.nowMs(), ...failure } });
    }
    await rm(this.#runner.folderOf(record.jobId), { recursive: true, force: true });
  }
}

/** "Identical" is literal: every member that was sent, and nothing that was filled in (facts §1.7). */
function fingerprintOf({ ClientToken, ...request }: ExportTableRequest): string {
  return canonicalJson(request);
}
