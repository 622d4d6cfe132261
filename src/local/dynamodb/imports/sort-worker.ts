import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import db from 'dynalite/db/index.js';
import type { Item } from '../dynalite.ts';
import { entrySize, indexEntryKey } from '../item-writes.ts';
import type { TableDescription } from '../table.ts';
import { RowSorter } from './row-sorter.ts';
import { keyAt, RowBuffer, sizeBytesAt, textAt } from './rows.ts';

/** Sorted in memory, by all sorters of the thread together. */
const SORT_MEMORY_BYTES = 96 * 1024 * 1024;
/** A batch is one write: large enough for the sync it costs. */
const BATCH_BYTES = 4 * 1024 * 1024;
const ENTRIES_BYTES = 1024 * 1024;

export interface SortWorkerData {
  readonly description: TableDescription;
  /** For what does not fit into memory. */
  readonly directory: string;
  /** What stands in the store before the keys of items, and of the entries of each index. */
  readonly itemPrefix: string;
  readonly indexPrefixes: ReadonlyMap<string, string>;
}

/** Rows to be sorted, or a wish for the next batch of sorted ones. */
export type ToSortWorker =
  | { readonly kind: 'rows'; readonly rows: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'next' };

/** Rows in the order of the store, keys with their prefixes. */
export interface SortedBatch {
  /** Of the index whose entries they are; undefined for items. */
  readonly indexName: string | undefined;
  readonly rows: Uint8Array<ArrayBuffer>;
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** That rows are taken and what is left is null; or the next batch, null after the last. */
export type FromSortWorker = SortedBatch | null;

const { description, directory, itemPrefix, indexPrefixes }: SortWorkerData = workerData;
const { GlobalSecondaryIndexes: indexes = [] } = description;
const sorter = (name: string) =>
  new RowSorter({ directory: path.join(directory, name), memoryBytes: SORT_MEMORY_BYTES / (indexes.length + 1) });

const items = sorter('items');
const entries = new Map(
  indexes.map(({ IndexName }, n) => [IndexName, { sorter: sorter(`index-${n}`), rows: new RowBuffer(ENTRIES_BYTES) }]),
);

/** All items, then the entries of each index, which are known only once it is known which items there are. */
function* sortedBatches(): Generator<SortedBatch> {
  yield* batchesOf(items, itemPrefix, undefined);
  for (const [indexName, { sorter, rows }] of entries) {
    sorter.add(Buffer.from(rows.take().buffer));
    yield* batchesOf(sorter, indexPrefixes.get(indexName) ?? '', indexName);
  }
}

function* batchesOf(sorter: RowSorter, prefix: string, indexName: string | undefined): Generator<SortedBatch> {
  const batch = new RowBuffer(BATCH_BYTES);
  const prefixBytes = Buffer.from(prefix);
  let sizeBytes = 0;
  const finished = () => {
    const { rowCount } = batch;
    const result = { indexName, rowCount, sizeBytes, rows: batch.take() };
    sizeBytes = 0;
    return result;
  };
  for (const { rows, at } of sorter.sorted()) {
    batch.copy(rows, at, prefixBytes);
    sizeBytes += sizeBytesAt(rows, at);
    if (indexName === undefined && indexes.length > 0) addEntries(rows, at);
    if (batch.length >= BATCH_BYTES) yield finished();
  }
  if (batch.rowCount > 0) yield finished();
}

function addEntries(rows: Buffer, at: number): void {
  const text = textAt(rows, at).toString();
  const key = keyAt(rows, at).toString('latin1');
  const item: Item = JSON.parse(text);
  const sizes = new Map(indexes.map((index) => [index.IndexName, entrySize(index, item, description)]));
  for (const entry of db.getIndexActions(indexes, undefined, item, description).puts) {
    const index = entries.get(entry.index);
    index?.rows.add({
      object: 0,
      sizeBytes: sizes.get(entry.index) ?? 0,
      key: indexEntryKey(entry.key, key),
      text: entry.item === item ? text : JSON.stringify(entry.item),
    });
    if (index && index.rows.length >= ENTRIES_BYTES) index.sorter.add(Buffer.from(index.rows.take().buffer));
  }
}

let batches: Generator<SortedBatch> | undefined;

// An error that is thrown here ends the thread and reaches the parent's `error` event.
parentPort?.on('message', (message: ToSortWorker) => {
  if (message.kind === 'rows') {
    items.add(Buffer.from(message.rows.buffer));
    parentPort?.postMessage(null satisfies FromSortWorker);
    return;
  }
  batches ??= sortedBatches();
  const { value } = batches.next();
  const answer: FromSortWorker = value ?? null;
  parentPort?.postMessage(answer, answer ? [answer.rows.buffer] : []);
});
