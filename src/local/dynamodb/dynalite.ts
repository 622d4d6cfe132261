import { Readable } from 'node:stream';
import batchGetItem from 'dynalite/actions/batchGetItem.js';
import batchWriteItem from 'dynalite/actions/batchWriteItem.js';
import deleteItem from 'dynalite/actions/deleteItem.js';
import getItem from 'dynalite/actions/getItem.js';
import putItem from 'dynalite/actions/putItem.js';
import query from 'dynalite/actions/query.js';
import scan from 'dynalite/actions/scan.js';
import updateItem from 'dynalite/actions/updateItem.js';
import db from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import { DynamoDbError } from './errors.ts';

export type Item = Dynalite.Item;

/** DynamoDB's limit of one item, keys and attribute names included. */
export const ITEM_SIZE_BYTES_MAX = 409_600;

const options = { maxItemSize: ITEM_SIZE_BYTES_MAX };

const actions = { batchGetItem, batchWriteItem, deleteItem, getItem, putItem, query, scan, updateItem };

export type ActionName = keyof typeof actions;

/** Runs one of dynalite's item actions on a store. */
export function runAction(name: ActionName, store: Omit<Dynalite.Store, 'options'>, request: object): Promise<object> {
  return new Promise((resolve, reject) => {
    actions[name]({ ...store, options }, request, (error, reply) => {
      if (error) reject(asDynamoDbError(error));
      else resolve(reply ?? {});
    });
  });
}

export type ReadAction = 'query' | 'scan';

/**
 * The range of canonical keys that a parsed Query or Scan of a table reads, found by letting it read an empty one.
 * @throws DynamoDbError what the action refuses for the sake of the table's keys
 */
export async function readRange(name: ReadAction, table: Dynalite.Table, request: object): Promise<Dynalite.Range> {
  let read: Dynalite.Range = {};
  const neverCalled = () => {
    throw new Error(`dynalite's ${name} is not expected to write, nor to look at single items.`);
  };
  const emptyTable: Dynalite.ItemDb = {
    lock: neverCalled,
    get: neverCalled,
    put: neverCalled,
    del: neverCalled,
    createValueStream(range) {
      read = range;
      return Readable.from([]);
    },
  };
  const store = {
    getTable: (
      _name: string,
      mode: boolean | Dynalite.Callback<Dynalite.Table>,
      then?: Dynalite.Callback<Dynalite.Table>,
    ) => (typeof mode === 'function' ? mode : then)?.(null, table),
    getItemDb: () => emptyTable,
    getIndexDb: neverCalled,
  };
  await runAction(name, store, request);
  return read;
}

/**
 * Parses an untyped request by an operation's rules: unknown members fall away, types and constraints are checked.
 * @throws DynamoDbError SerializationException or ValidationException in DynamoDB's words
 */
export function parseRequest<Request extends object>(data: object, { types, custom }: Dynalite.Validation): Request {
  try {
    const request = validations.checkTypes(data, types);
    validations.checkValidations(request, types, custom, { options });
    return request as Request;
  } catch (error) {
    throw asDynamoDbError(error);
  }
}

/** Throws what dynalite's checks return. */
export function refuse(error: Error | null | undefined): void {
  if (error) throw asDynamoDbError(error);
}

/** The canonical key of an item: hash prefix, partition key and sort key, so that it orders as Scan and Query do. */
export const keyOf = (item: Item, table: Dynalite.Table): string => db.createKey(item, table);

/** An item's size in bytes as DynamoDB counts it. */
export const sizeOf = (item: Item): number => db.itemSize(item);

/** dynalite's errors carry the body to send; anything else is a bug and passes through. */
function asDynamoDbError(error: unknown): unknown {
  if (!(error instanceof Error && 'body' in error)) return error;
  const { __type, message, Message, ...details } = error.body as Record<string, string>;
  return new DynamoDbError(String(__type), message ?? Message ?? '', details);
}
