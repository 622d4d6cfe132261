import db from 'dynalite/db/index.js';
import type { Item } from './dynalite.ts';
import { entrySize, indexRow, isIn } from './item-writes.ts';
import { keyspace } from './keyspace.ts';
import type { ServiceContext } from './service-context.ts';
import type { IndexDescription, Table } from './table.ts';

/** Items whose entries are written in one commit. */
const BACKFILL_BATCH_MAX = 500;

/**
 * Fills the indexes of a table that are being created, while writes go on: they keep the entries of the items they
 * touch, and each item is read again under its lock before its entry is written. Repeating it after a crash is harmless.
 */
export async function backfillIndexes(context: ServiceContext, table: Table, signal: AbortSignal): Promise<void> {
  for (const index of table.indexes) {
    if (index.Backfilling) await backfill(context, table, index, signal);
  }
}

async function backfill(
  context: ServiceContext,
  table: Table,
  index: IndexDescription,
  signal: AbortSignal,
): Promise<void> {
  let keys: string[] = [];
  for await (const [key] of context.store.entries(keyspace.items(table.id))) {
    if (signal.aborted) return;
    keys.push(key);
    if (keys.length < BACKFILL_BATCH_MAX) continue;
    await writeEntries(context, table, index, keys);
    keys = [];
  }
  await writeEntries(context, table, index, keys);
  await activate(context, table, index);
}

function writeEntries(
  { locks, commits, store }: ServiceContext,
  table: Table,
  index: IndexDescription,
  keys: readonly string[],
): Promise<void> {
  return locks.hold(
    keys.map((key) => `${table.id}/${key}`),
    () =>
      commits.commit((commit) => {
        if (table.dropped) return;
        for (const key of keys) {
          const text = store.get(keyspace.items(table.id) + key);
          if (text === undefined) continue;
          const { puts } = db.getIndexActions([index], undefined, JSON.parse(text), table.description);
          for (const entry of puts) commit.put(indexRow(table, entry, key), JSON.stringify(entry.item));
        }
      }),
  );
}

/**
 * Counts what the index holds at one moment, to which every commit since adds its part, and makes it active together
 * with its totals: a crash before leaves an index that is filled again.
 */
async function activate({ commits, store }: ServiceContext, table: Table, index: IndexDescription): Promise<void> {
  const snapshot = await commits.commitAlone(
    () => table.startCounting(index.IndexName),
    () => store.snapshot(),
  );
  let itemCount = 0;
  let sizeBytes = 0;
  try {
    for await (const text of store.values(keyspace.items(table.id), { snapshot })) {
      const item: Item = JSON.parse(text);
      if (!isIn(index, item)) continue;
      itemCount += 1;
      sizeBytes += entrySize(index, item, table.description);
    }
  } finally {
    await snapshot.close();
  }
  await commits.commit((commit) => {
    if (table.dropped) return;
    const indexes = table.description.GlobalSecondaryIndexes?.map((other) =>
      other.IndexName === index.IndexName ? activeIndex(other) : other,
    );
    table.count(commit, itemCount, sizeBytes, index.IndexName);
    table.update(commit, { description: { ...table.description, GlobalSecondaryIndexes: indexes } });
  });
}

/** The description of an index once it is filled. */
export const activeIndex = ({ Backfilling, ...index }: IndexDescription): IndexDescription => ({
  ...index,
  IndexStatus: 'ACTIVE',
});
