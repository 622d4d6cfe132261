import { Readable } from 'node:stream';
import db from 'dynalite/db/index.js';
import type { Commit } from './commit-queue.ts';
import type { Item } from './dynalite.ts';
import { resourceNotFound } from './errors.ts';
import { type ItemWrite, type StoredItem, writeItem } from './item-writes.ts';
import { keyspace } from './keyspace.ts';
import type { Snapshot, Store } from './store.ts';
import { primaryKeyOf, type Scope, type Table } from './table.ts';
import type { Tables } from './tables.ts';

/** How dynalite's actions know that there is no such row. */
const NOT_FOUND = Object.assign(new Error('NotFoundError'), { name: 'NotFoundError' });

const done = (callback: Dynalite.Callback<void>): void => callback(null);

/**
 * The store that dynalite's actions see during one request: reads go through, writes are kept until `writeTo` puts all
 * of them into one commit. Locks are the caller's business, which holds them until that commit is durable.
 */
export class StagedRequest {
  readonly #tables: Tables;
  readonly #store: Store;
  readonly #scope: Scope;
  readonly #snapshot: Snapshot | undefined;
  readonly #exclusiveStartKey: Item | undefined;
  readonly #writes: ItemWrite[] = [];
  readonly #read = new Map<string, StoredItem>();

  constructor(
    tables: Tables,
    store: Store,
    scope: Scope,
    reading: { readonly snapshot?: Snapshot; readonly exclusiveStartKey?: Item } = {},
  ) {
    this.#tables = tables;
    this.#store = store;
    this.#scope = scope;
    this.#snapshot = reading.snapshot;
    this.#exclusiveStartKey = reading.exclusiveStartKey;
  }

  /** For dynalite's `runAction`. */
  readonly asStore: Omit<Dynalite.Store, 'options'> = {
    getTable: (
      name: string,
      mode: boolean | Dynalite.Callback<Dynalite.Table>,
      then?: Dynalite.Callback<Dynalite.Table>,
    ) => {
      const callback = typeof mode === 'function' ? mode : then;
      const table = this.#tables.findActive(this.#scope, name);
      if (table) callback?.(null, table.description);
      else callback?.(asDynaliteError(resourceNotFound('Requested resource not found')));
    },
    getItemDb: (name) => this.#itemDb(this.#tables.get(this.#scope, name)),
    getIndexDb: (_type, name, indexName) => this.#indexDb(this.#tables.get(this.#scope, name), indexName),
  };

  get hasWrites(): boolean {
    return this.#writes.length > 0;
  }

  /** The item as this request read it. */
  existing(table: Table, key: string): Item | undefined {
    return this.#read.get(`${table.id}/${key}`)?.item;
  }

  /** Reads an item as dynalite's actions do. */
  get(table: Table, key: string): Item | undefined {
    const text = this.#store.get(keyspace.items(table.id) + key, this.#snapshot);
    if (text === undefined) return;
    const item: Item = JSON.parse(text);
    this.#read.set(`${table.id}/${key}`, { text, item });
    return item;
  }

  writeTo(commit: Commit): void {
    for (const write of this.#writes) writeItem(commit, write);
  }

  #itemDb(table: Table): Dynalite.ItemDb {
    const stage = (key: string, after: Item | undefined) =>
      this.#writes.push({ table, key, before: this.#read.get(`${table.id}/${key}`), after });
    return {
      lock: (_key, task) => task((callback) => callback),
      get: (key, callback) => {
        const item = this.get(table, key);
        callback(item ? null : NOT_FOUND, item);
      },
      put: (key, item, callback) => {
        stage(key, item);
        done(callback);
      },
      del: (key, callback) => {
        stage(key, undefined);
        done(callback);
      },
      createValueStream: (range) => this.#stream(keyspace.items(table.id), range),
    };
  }

  /** Entries of indexes follow from the items when they are committed, so what actions would write there is let go. */
  #indexDb(table: Table, indexName: string): Dynalite.IndexDb {
    return {
      put: (_key, _item, callback) => done(callback),
      del: (_key, callback) => done(callback),
      createValueStream: (range) =>
        this.#stream(table.indexPrefix(indexName), this.#afterStart(table, indexName, range)),
    };
  }

  /** Our index rows are longer than dynalite's (see `indexRow`), and so is the row to go on after. */
  #afterStart(table: Table, indexName: string, range: Dynalite.Range): Dynalite.Range {
    const start = this.#exclusiveStartKey;
    const index = table.indexes.find(({ IndexName }) => IndexName === indexName);
    const key = start && primaryKeyOf(start, table.description);
    if (!start || !index || !key) return range;
    const short = db.createIndexKey(start, table.description, index.KeySchema);
    const whole = `${short}/${db.createKey(key, table.description)}`;
    return {
      ...range,
      ...(range.gt === short && { gt: whole }),
      ...(range.lt === short && { lt: whole }),
    };
  }

  #stream(prefix: string, range: Dynalite.Range): Readable {
    return Readable.from(parsed(this.#store.values(prefix, { ...range, snapshot: this.#snapshot })));
  }
}

async function* parsed(texts: AsyncIterable<string>): AsyncGenerator<Item> {
  for await (const text of texts) yield JSON.parse(text);
}

/** dynalite tells refusals from bugs by `statusCode`, and one missing table or item from others by `name`. */
const asDynaliteError = ({ type, message }: { type: string; message: string }): Error =>
  Object.assign(new Error(message), { name: 'NotFoundError', statusCode: 400, body: { __type: type, message } });
