import batchGetItem from 'dynalite/validations/batchGetItem.js';
import batchWriteItem from 'dynalite/validations/batchWriteItem.js';
import deleteItem from 'dynalite/validations/deleteItem.js';
import getItem from 'dynalite/validations/getItem.js';
import putItem from 'dynalite/validations/putItem.js';
import query from 'dynalite/validations/query.js';
import scan from 'dynalite/validations/scan.js';
import updateItem from 'dynalite/validations/updateItem.js';
import { type ActionName, type Item, keyOf, parseRequest, runAction } from './dynalite.ts';
import { DynamoDbError, validationError } from './errors.ts';
import type { Requester, ServiceContext } from './service-context.ts';
import { StagedRequest } from './staged-request.ts';
import { primaryKeyOf, type Scope, type Table } from './table.ts';
import { resolveTableName } from './table-arn.ts';

type Operation = (context: ServiceContext, requester: Requester, data: object) => Promise<object>;

/** DynamoDB's limit of puts and deletes in one BatchWriteItem. */
const BATCH_WRITES_MAX = 25;

const returnsItemOnFailure: Dynalite.Validation['types'] = {
  ReturnValuesOnConditionCheckFailure: { type: 'String', enum: ['ALL_OLD', 'NONE'] },
};

export const itemReads: Readonly<Record<string, Operation>> = {
  GetItem: reading('getItem', getItem),
  BatchGetItem: batch('batchGetItem', batchGetItem),
  Query: reading('query', query),
  Scan: reading('scan', scan),
};

export const itemWrites: Readonly<Record<string, Operation>> = {
  PutItem: writing('putItem', putItem),
  UpdateItem: writing('updateItem', updateItem),
  DeleteItem: writing('deleteItem', deleteItem),
  BatchWriteItem: batch('batchWriteItem', { ...batchWriteItem, custom: violationOfBatchWrite }),
};

interface ReadRequest {
  TableName: string;
  IndexName?: string;
  ExclusiveStartKey?: Item;
}

function reading(action: ActionName, validation: Dynalite.Validation): Operation {
  return async (context, requester, data) => {
    const request = parseRequest<ReadRequest>(withTableName(data, requester), validation);
    if (request.IndexName !== undefined) refuseBackfilling(context, requester, request.TableName, request.IndexName);
    // One moment for the index and the items it leads to: an entry must not point to an item deleted meanwhile.
    const snapshot = context.store.snapshot();
    try {
      const exclusiveStartKey = request.ExclusiveStartKey;
      const staged = new StagedRequest(context.tables, context.store, requester, { snapshot, exclusiveStartKey });
      return await runAction(action, staged.asStore, request);
    } finally {
      await snapshot.close();
    }
  };
}

function refuseBackfilling({ tables }: ServiceContext, scope: Scope, tableName: string, indexName: string): void {
  const index = tables.find(scope, tableName)?.indexes.find(({ IndexName }) => IndexName === indexName);
  if (index?.Backfilling) {
    throw validationError(`Cannot read from backfilling global secondary index: ${indexName}`);
  }
}

interface WriteRequest {
  TableName: string;
  Item?: Item;
  Key?: Item;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

function writing(action: ActionName, { types, custom }: Dynalite.Validation): Operation {
  const validation = { types: { ...types, ...returnsItemOnFailure }, custom };
  return async (context, requester, data) => {
    const request = parseRequest<WriteRequest>(withTableName(data, requester), validation);
    const table = context.tables.find(requester, request.TableName);
    const key = table && lockedKey(table, request.Item ?? request.Key ?? {});
    const staged = new StagedRequest(context.tables, context.store, requester);
    try {
      return await commitLocked(context, key ? [`${table.id}/${key}`] : [], staged, () =>
        runAction(action, staged.asStore, request),
      );
    } catch (error) {
      if (!table || !key || request.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') throw error;
      throw withItem(error, staged.existing(table, key));
    }
  };
}

/** A failed condition with the item that failed it, for callers that asked for it. */
function withItem(error: unknown, item: Item | undefined): unknown {
  if (!(error instanceof DynamoDbError) || error.code !== 'ConditionalCheckFailedException' || !item) return error;
  return new DynamoDbError(error.type, error.message, { ...error.details, Item: item });
}

type WriteRequests = ReadonlyArray<{ PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }>;

interface BatchRequest {
  RequestItems: Record<string, WriteRequests>;
}

function batch(action: 'batchGetItem' | 'batchWriteItem', validation: Dynalite.Validation): Operation {
  return async (context, requester, data) => {
    const { named, sentAs } = withTableNames(data, requester);
    const request = parseRequest<BatchRequest>(named, validation);
    const staged = new StagedRequest(context.tables, context.store, requester);
    const run = () => runAction(action, staged.asStore, request);
    const reply =
      action === 'batchGetItem'
        ? await run()
        : await commitLocked(context, batchLocks(context, requester, request.RequestItems), staged, run);
    return sentAs.size === 0 ? reply : asSent(reply, sentAs);
  };
}

/** dynalite knows the limit of one table's requests; it holds for those of all tables together. */
function violationOfBatchWrite(request: object, store: Pick<Dynalite.Store, 'options'>): string | null | undefined {
  const { RequestItems } = request as BatchRequest;
  const count = Object.values(RequestItems).reduce((sum, requests) => sum + requests.length, 0);
  if (count > BATCH_WRITES_MAX) return 'Too many items requested for the BatchWriteItem call';
  return batchWriteItem.custom?.(request, store);
}

function batchLocks({ tables }: ServiceContext, scope: Scope, requests: BatchRequest['RequestItems']): string[] {
  return Object.entries(requests).flatMap(([name, writes]) => {
    const table = tables.find(scope, name);
    if (!table) return [];
    return writes.flatMap(({ PutRequest, DeleteRequest }) => {
      const key = lockedKey(table, PutRequest?.Item ?? DeleteRequest?.Key ?? {});
      return key ? [`${table.id}/${key}`] : [];
    });
  });
}

/** The key to lock, or undefined for an incomplete one, which the action is going to refuse. */
export function lockedKey(table: Table, keyOrItem: Item): string | undefined {
  const key = primaryKeyOf(keyOrItem, table.description);
  return key && keyOf(key, table.description);
}

/** Runs an action under the locks of its items and keeps them until what it staged is durable. */
function commitLocked(
  { locks, commits }: ServiceContext,
  keys: readonly string[],
  staged: StagedRequest,
  run: () => Promise<object>,
): Promise<object> {
  return locks.hold(keys, async () => {
    const reply = await run();
    if (staged.hasWrites) await commits.commit((commit) => staged.writeTo(commit));
    return reply;
  });
}

/** The request with the plain table name where an ARN was sent. */
export function withTableName(data: object, scope: Scope): object {
  if (!('TableName' in data) || typeof data.TableName !== 'string') return { ...data };
  return { ...data, TableName: resolveTableName(data.TableName, scope) };
}

function withTableNames(data: object, scope: Scope): { named: object; sentAs: Map<string, string> } {
  const sentAs = new Map<string, string>();
  if (!('RequestItems' in data) || typeof data.RequestItems !== 'object' || data.RequestItems === null) {
    return { named: { ...data }, sentAs };
  }
  const requests: Array<[string, unknown]> = Object.entries(data.RequestItems).map(([nameOrArn, request]) => {
    const name = resolveTableName(nameOrArn, scope);
    if (name !== nameOrArn) sentAs.set(name, nameOrArn);
    return [name, request];
  });
  return { named: { ...data, RequestItems: Object.fromEntries(requests) }, sentAs };
}

/** Replies of batches name tables as the request did. */
function asSent(reply: object, sentAs: ReadonlyMap<string, string>): object {
  const perTable = new Set(['Responses', 'UnprocessedKeys', 'UnprocessedItems']);
  return Object.fromEntries(
    Object.entries(reply).map(([member, value]: [string, object]) => [
      member,
      perTable.has(member)
        ? Object.fromEntries(Object.entries(value).map(([name, of]) => [sentAs.get(name) ?? name, of]))
        : value,
    ]),
  );
}
