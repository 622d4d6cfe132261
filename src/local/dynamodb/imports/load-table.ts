import { appendFile, mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ImportObjects } from '../../s3/object-store.ts';
import type { Commit } from '../commit-queue.ts';
import { activeIndex } from '../index-backfill.ts';
import { keyspace } from '../keyspace.ts';
import type { ServiceContext } from '../service-context.ts';
import type { Table } from '../table.ts';
import type { FromImportWorker, ImportBatch, ImportWorkerData, ToImportWorker } from './import-worker.ts';
import { type ImportProgress, type ImportRecord, noProgress, sourceOf } from './record.ts';
import { inputFormatOf } from './request.ts';
import { endOfRow, keyAt, textAt } from './rows.ts';
import type { FromSortWorker, SortedBatch, SortWorkerData, ToSortWorker } from './sort-worker.ts';
import { WorkerChannel } from './worker-channel.ts';

/** As CloudWatch has of an import at most. Errors beyond are counted only. */
const ERRORS_LOGGED_MAX = 10_000;
/** Threads that read objects. One more sorts. */
const READERS = Math.min(4, os.availableParallelism());

/** An object that was replaced between being listed and being read. */
export class ObjectModifiedError extends Error {}

export interface TableLoaderOptions {
  readonly context: ServiceContext;
  readonly objects: ImportObjects;
  /** The bundles of `import-worker.ts` and `sort-worker.ts`. */
  readonly workerFile: string;
  readonly sorterFile: string;
  /** Where the records that are left out are noted, as JSON lines; made when there are any. */
  readonly errorFile: string;
  /** For rows while they are sorted; removed in the end. */
  readonly scratchDirectory: string;
}

type Reader = WorkerChannel<ToImportWorker, FromImportWorker>;
type Sorter = WorkerChannel<ToSortWorker, FromSortWorker>;

/** What has been written of items, or of the entries of an index. */
interface Written {
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/**
 * Loads the objects of an import into its table, in two steps. Threads read, check and encode items, and another sorts
 * them; then they are written in the order of the store, and after them the entries of the indexes. The store takes sorted
 * rows at the speed of a copy, where it would merge unsorted ones again and again, and of items of one key only the
 * last is ever written. Rows go past the queue of commits: nobody else sees the table before the import has ended.
 */
export class TableLoader {
  readonly #options: TableLoaderOptions;
  readonly #record: ImportRecord;
  readonly #table: Table;
  /** By name of the index; the items under undefined. */
  readonly #written = new Map<string | undefined, Written>();
  #progress: ImportProgress = noProgress;
  #objectCount = 0;
  #hasFailedWriting = false;

  constructor(options: TableLoaderOptions, record: ImportRecord, table: Table) {
    this.#options = options;
    this.#record = record;
    this.#table = table;
  }

  get progress(): ImportProgress {
    return this.#progress;
  }

  /**
   * What was read is in the table also when reading has failed; when writing has failed, `discard` has to empty it.
   * @throws S3Error when refused, ObjectModifiedError, and the signal's reason
   */
  async load(signal: AbortSignal): Promise<void> {
    const { scratchDirectory, sorterFile } = this.#options;
    const sorter: Sorter = new WorkerChannel(sorterFile, this.#sortWorkerData(), signal);
    try {
      const failure = await this.#read(sorter, signal).catch((cause: unknown) => ({ cause }));
      signal.throwIfAborted();
      await this.#write(sorter, signal);
      if (failure) throw failure.cause;
    } finally {
      await sorter.close();
      await rm(scratchDirectory, { force: true, recursive: true });
    }
  }

  /** Empties the table if writing to it has failed. To be called after `load`, and before `finish`. */
  async discard(): Promise<void> {
    if (this.#hasFailedWriting) await this.#options.context.store.clear(keyspace.dataOf(this.#table.id));
  }

  /** Makes what was written the table's contents: its totals, and its indexes filled. */
  finish(commit: Commit): void {
    const table = this.#table;
    for (const { IndexName } of table.indexes) table.startCounting(IndexName);
    for (const [indexName, { rowCount, sizeBytes }] of this.#written)
      table.count(commit, rowCount, sizeBytes, indexName);
    const { GlobalSecondaryIndexes: indexes, ...description } = table.description;
    table.update(commit, {
      isImporting: undefined,
      description: { ...description, ...(indexes && { GlobalSecondaryIndexes: indexes.map(activeIndex) }) },
    });
  }

  #sortWorkerData(): SortWorkerData {
    const { prefix } = this.#options.context.store;
    const { indexes, description, id } = this.#table;
    return {
      description,
      directory: this.#options.scratchDirectory,
      itemPrefix: prefix + keyspace.items(id),
      indexPrefixes: new Map(indexes.map(({ IndexName }) => [IndexName, prefix + this.#table.indexPrefix(IndexName)])),
    };
  }

  /** Reads with several threads. When one fails, the others end before it rejects. */
  async #read(sorter: Sorter, signal: AbortSignal): Promise<void> {
    const { objects, workerFile } = this.#options;
    const { request } = this.#record;
    const workerData: ImportWorkerData = {
      format: inputFormatOf(request),
      compression: request.InputCompressionType ?? 'NONE',
      table: this.#table.description,
    };
    const failed = new AbortController();
    const listed = objects.list(sourceOf(this.#record), request.S3BucketSource.S3KeyPrefix ?? '');
    const left = listed[Symbol.asyncIterator]();
    const read = async () => {
      // A thread takes a tenth of a second to start, so one is started for an object only.
      let reader: Reader | undefined;
      try {
        for (let next = await left.next(); !next.done; next = await left.next()) {
          reader ??= new WorkerChannel(workerFile, workerData, AbortSignal.any([signal, failed.signal]));
          await this.#readObject(next.value, reader, sorter);
        }
      } catch (cause) {
        failed.abort(cause);
      } finally {
        await reader?.close();
      }
    };
    await Promise.all(Array.from({ length: READERS }, read));
    failed.signal.throwIfAborted();
  }

  async #readObject({ key, etag }: { key: string; etag: string }, reader: Reader, sorter: Sorter): Promise<void> {
    // Objects are numbered in the order in which they are listed, whoever reads them.
    const object = this.#objectCount++;
    const opened = await this.#options.objects.open(sourceOf(this.#record), key);
    if (opened.etag !== etag) {
      await opened.handle.close();
      throw new ObjectModifiedError(`The object ${key} was modified during the import.`);
    }
    reader.send({ kind: 'object', handle: opened.handle, object }, [opened.handle]);
    for (let batch = await reader.answer(); batch.kind === 'batch'; batch = await reader.answer()) {
      this.#progress = {
        ...this.#progress,
        processedSizeBytes: this.#progress.processedSizeBytes + batch.processedBytes,
        processedItemCount: this.#progress.processedItemCount + batch.rowCount + batch.errors.length,
        errorCount: this.#progress.errorCount + batch.errors.length,
      };
      await this.#note(key, batch.errors);
      sorter.send({ kind: 'rows', rows: batch.rows }, [batch.rows.buffer]);
      await sorter.answer();
      reader.send({ kind: 'taken' });
    }
  }

  async #write(sorter: Sorter, signal: AbortSignal): Promise<void> {
    const { store } = this.#options.context;
    let writing = Promise.resolve();
    let next = writing;
    try {
      sorter.send({ kind: 'next' });
      for (let batch = await sorter.answer(); batch; batch = await sorter.answer()) {
        // While one batch is written, the next is handed to the store, and the one after that is made.
        sorter.send({ kind: 'next' });
        next = store.load(rowsOf(batch)).then(() => this.#count(batch));
        // It is waited for in the next turn, and may fail before.
        next.catch(() => undefined);
        await writing;
        signal.throwIfAborted();
        writing = next;
      }
      await writing;
    } catch (cause) {
      // Nothing may be written any more once the table is emptied, or the store closed.
      await Promise.allSettled([writing, next]);
      this.#hasFailedWriting = true;
      this.#written.clear();
      this.#progress = { ...this.#progress, importedItemCount: 0 };
      throw cause;
    }
    const { processedItemCount, errorCount } = this.#progress;
    // Those that another of the same key took the place of are imported, too.
    this.#progress = { ...this.#progress, importedItemCount: processedItemCount - errorCount };
  }

  #count({ indexName, rowCount, sizeBytes }: SortedBatch): void {
    const before = this.#written.get(indexName) ?? { rowCount: 0, sizeBytes: 0 };
    this.#written.set(indexName, {
      rowCount: before.rowCount + rowCount,
      sizeBytes: before.sizeBytes + sizeBytes,
    });
    if (indexName !== undefined) return;
    this.#progress = { ...this.#progress, importedItemCount: before.rowCount + rowCount };
  }

  /** Notes errors in the form of the CloudWatch stream `<import id>/error`. */
  async #note(key: string, errors: ImportBatch['errors']): Promise<void> {
    const { errorFile } = this.#options;
    const noted = errors.slice(0, Math.max(0, ERRORS_LOGGED_MAX - (this.#progress.errorCount - errors.length)));
    if (noted.length === 0) return;
    const lines = noted.map(({ itemIndex, message }) =>
      JSON.stringify({
        itemS3Pointer: { bucket: this.#record.request.S3BucketSource.S3Bucket, key, itemIndex },
        importArn: this.#record.importArn,
        errorMessages: [message],
      }),
    );
    await mkdir(path.dirname(errorFile), { recursive: true });
    await appendFile(errorFile, `${lines.join('\n')}\n`);
  }
}

function* rowsOf(batch: SortedBatch): Generator<[key: Buffer, text: Buffer]> {
  const rows = Buffer.from(batch.rows.buffer);
  for (let at = 0; at < rows.length; at = endOfRow(rows, at)) yield [keyAt(rows, at), textAt(rows, at)];
}
