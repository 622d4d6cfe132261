import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ImportObjects } from '../../s3/object-store.ts';
import { type Item, sizeOf } from '../dynalite.ts';
import { keyspace } from '../keyspace.ts';
import type { ServiceContext } from '../service-context.ts';
import type { Table } from '../table.ts';
import type { FromImportWorker, ImportBatch, ImportWorkerData, ToImportWorker } from './import-worker.ts';
import { type ImportProgress, type ImportRecord, noProgress, sourceOf } from './record.ts';
import { inputFormatOf } from './request.ts';

/** As CloudWatch has of an import at most. Errors beyond are counted only. */
const ERRORS_LOGGED_MAX = 10_000;

/** An object that was replaced between being listed and being read. */
export class ObjectModifiedError extends Error {}

export interface TableLoaderOptions {
  readonly context: ServiceContext;
  readonly objects: ImportObjects;
  /** The bundle of `import-worker.ts`. */
  readonly workerFile: string;
  /** Where the records that are left out are noted, as JSON lines; made when there are any. */
  readonly errorFile: string;
}

/**
 * Reads the objects of an import into its table. A thread reads, checks and encodes; here its batches are committed, one
 * commit a batch, without the steps of single writes: nobody else sees the table, and its indexes are filled afterwards.
 */
export class TableLoader {
  readonly #options: TableLoaderOptions;
  readonly #record: ImportRecord;
  readonly #table: Table;
  #progress: ImportProgress = noProgress;

  constructor(options: TableLoaderOptions, record: ImportRecord, table: Table) {
    this.#options = options;
    this.#record = record;
    this.#table = table;
  }

  get progress(): ImportProgress {
    return this.#progress;
  }

  /** @throws S3Error when refused, ObjectModifiedError, and the signal's reason */
  async load(signal: AbortSignal): Promise<void> {
    const { objects, workerFile } = this.#options;
    const { request } = this.#record;
    const workerData: ImportWorkerData = {
      format: inputFormatOf(request),
      compression: request.InputCompressionType ?? 'NONE',
      table: this.#table.description,
    };
    const source = sourceOf(this.#record);
    const worker = new Worker(workerFile, { workerData });
    try {
      for await (const { key, etag } of objects.list(source, request.S3BucketSource.S3KeyPrefix ?? '')) {
        const opened = await objects.open(source, key);
        if (opened.etag !== etag) {
          await opened.handle.close();
          throw new ObjectModifiedError(`The object ${key} was modified during the import.`);
        }
        const message: ToImportWorker = { kind: 'object', handle: opened.handle };
        worker.postMessage(message, [opened.handle]);
        for await (const batch of batchesOf(worker, signal)) {
          await this.#store(batch);
          await this.#note(key, batch.errors);
          const stored: ToImportWorker = { kind: 'stored' };
          worker.postMessage(stored);
        }
      }
    } finally {
      await worker.terminate();
    }
  }

  async #store(batch: ImportBatch): Promise<void> {
    const { store, commits } = this.#options.context;
    const prefix = keyspace.items(this.#table.id);
    // The last of those with the same key stays; which one that is, DynamoDB leaves open.
    const rows = new Map(
      batch.keys.map((key, at) => [key, { text: batch.texts[at] ?? '', sizeBytes: batch.sizesBytes[at] ?? 0 }]),
    );
    const isThere = await store.hasMany([...rows.keys()].map((key) => prefix + key));
    let itemCount = 0;
    let sizeBytes = 0;
    let at = 0;
    for (const [key, row] of rows) {
      itemCount += 1;
      sizeBytes += row.sizeBytes;
      const replaced = isThere[at] ? store.get(prefix + key) : undefined;
      at += 1;
      if (replaced === undefined) continue;
      const item: Item = JSON.parse(replaced);
      itemCount -= 1;
      sizeBytes -= sizeOf(item);
    }
    await commits.commit((commit) => {
      for (const [key, { text }] of rows) commit.put(prefix + key, text);
      this.#table.count(commit, itemCount, sizeBytes);
    });
    this.#progress = {
      processedSizeBytes: this.#progress.processedSizeBytes + batch.processedBytes,
      processedItemCount: this.#progress.processedItemCount + batch.keys.length + batch.errors.length,
      importedItemCount: this.#progress.importedItemCount + batch.keys.length,
      errorCount: this.#progress.errorCount + batch.errors.length,
    };
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

/** The batches of one object. Ends with the object; throws when the thread fails or the signal says so. */
async function* batchesOf(worker: Worker, signal: AbortSignal): AsyncGenerator<ImportBatch> {
  const received: FromImportWorker[] = [];
  let failure: { readonly cause: unknown } | undefined;
  let wake = () => {};
  const receive = (message: FromImportWorker) => {
    received.push(message);
    wake();
  };
  const fail = (cause: unknown) => {
    failure = { cause };
    wake();
  };
  const abort = () => fail(signal.reason);
  worker.on('message', receive).on('error', fail);
  signal.addEventListener('abort', abort);
  try {
    for (;;) {
      signal.throwIfAborted();
      if (failure) throw failure.cause;
      const message = received.shift();
      if (message === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if (message.kind === 'end') return;
      else yield message;
    }
  } finally {
    worker.off('message', receive).off('error', fail);
    signal.removeEventListener('abort', abort);
  }
}
