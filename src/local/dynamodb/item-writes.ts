import db from 'dynalite/db/index.js';
import { logChange } from './change-log.ts';
import type { Commit } from './commit-queue.ts';
import { type Item, sizeOf } from './dynalite.ts';
import { resourceNotFound } from './errors.ts';
import { itemText } from './item-text.ts';
import { keyspace } from './keyspace.ts';
import type { Table } from './table.ts';

/** An item as it was read: its text is kept so that a change record need not print it again. */
export interface StoredItem {
  readonly text: string;
  readonly item: Item;
}

/** What one item becomes. The lock of its key must be held from reading `before` until the commit is durable. */
export interface ItemWrite {
  readonly table: Table;
  readonly key: string;
  readonly before: StoredItem | undefined;
  /** Undefined deletes. */
  readonly after: Item | undefined;
  /** True for deletions by the time-to-live service, which streams tell apart. */
  readonly byTimeToLive?: boolean;
}

/**
 * Puts an item, its index entries and its change record into a commit: all three or none become durable.
 * @throws DynamoDbError ResourceNotFoundException when the table has been deleted since
 */
export function writeItem(commit: Commit, write: ItemWrite): void {
  const { table, key, before, after } = write;
  if (table.dropped) throw resourceNotFound('Requested resource not found');
  const text = after && itemText(after, table.description);
  if (text === before?.text) return;

  const row = keyspace.items(table.id) + key;
  if (text === undefined) commit.del(row);
  else commit.put(row, text);
  writeIndexEntries(commit, write, text);
  const sizeBytes = (after ? sizeOf(after) : 0) - (before ? sizeOf(before.item) : 0);
  table.count(commit, Number(after !== undefined) - Number(before !== undefined), sizeBytes);
  logChange(commit, write, text);
}

function writeIndexEntries(commit: Commit, { table, key, before, after }: ItemWrite, text: string | undefined): void {
  if (table.indexes.length === 0) return;
  const { puts, deletes } = db.getIndexActions(table.indexes, before?.item, after, table.description);
  for (const entry of deletes) commit.del(indexRow(table, entry, key));
  for (const entry of puts) {
    const value = entry.item === after && text !== undefined ? text : JSON.stringify(entry.item);
    commit.put(indexRow(table, entry, key), value);
  }
  for (const index of table.indexes) {
    const grown = entrySize(index, after, table.description) - entrySize(index, before?.item, table.description);
    const added = Number(isIn(index, after)) - Number(isIn(index, before?.item));
    if (grown !== 0 || added !== 0) table.count(commit, added, grown, index.IndexName);
  }
}

export const indexRow = (table: Table, entry: { index: string; key: string }, key: string): string =>
  table.indexPrefix(entry.index) + indexEntryKey(entry.key, key);

/**
 * dynalite tells index entries of equal index keys apart by 24 bits of a hash of the table key: among 5,000 such
 * entries two would fall together more often than not. The whole table key behind it makes them unique.
 */
export const indexEntryKey = (entryKey: string, key: string): string => `${entryKey}/${key}`;

/** Only items that have all key attributes of an index are in it. */
export const isIn = (index: Dynalite.Index, item: Item | undefined): boolean =>
  item !== undefined && index.KeySchema.every(({ AttributeName }) => item[AttributeName] != null);

/** What an index holds of an item: everything, or keys and projected attributes. */
export function entrySize(
  index: Dynalite.Index,
  item: Item | undefined,
  { KeySchema }: Pick<Dynalite.Table, 'KeySchema'>,
): number {
  if (!item || !isIn(index, item)) return 0;
  if (index.Projection.ProjectionType === 'ALL') return sizeOf(item);
  const projected: Item = {};
  const keys = [...index.KeySchema, ...KeySchema].map(({ AttributeName }) => AttributeName);
  for (const name of [...keys, ...(index.Projection.NonKeyAttributes ?? [])]) {
    const value = item[name];
    if (value) projected[name] = value;
  }
  return sizeOf(projected);
}
