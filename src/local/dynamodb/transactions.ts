import { createHash } from 'node:crypto';
import db from 'dynalite/db/index.js';
import { canonicalJson } from './canonical-json.ts';
import { type Item, keyOf, parseRequest, refuse, runAction } from './dynalite.ts';
import { DynamoDbError, resourceNotFound, transactionCanceled, validationError } from './errors.ts';
import { lockedKey, withTableName } from './item-operations.ts';
import { keyspace } from './keyspace.ts';
import type { Requester, ServiceContext } from './service-context.ts';
import { StagedRequest } from './staged-request.ts';
import type { Scope, Table } from './table.ts';
import {
  type TransactedWrite,
  type TransactGetItemsRequest,
  type TransactWriteItemsRequest,
  transactGetItems,
  transactWriteItems,
  type WriteKind,
  writesOf,
} from './transaction-rules.ts';
import { isReplay, rememberToken } from './transaction-tokens.ts';

interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

/** Capacity in the replies of single actions, summed up per table. */
interface WithCapacity {
  ConsumedCapacity?: { TableName: string; CapacityUnits: number };
}

/** All writes or none, each seeing the same committed state under the locks of all items. */
export async function transactWrite(context: ServiceContext, requester: Requester, data: object): Promise<object> {
  const fingerprint = createHash('sha256')
    .update(canonicalJson(withoutToken(data)))
    .digest('base64');
  const request = parseRequest<TransactWriteItemsRequest>(withPlainNames(data, requester), transactWriteItems);
  const { ClientRequestToken: token, ReturnConsumedCapacity, TransactItems } = request;
  const writes = TransactItems.flatMap(writesOf).map(([kind, write]) => locate(context, requester, kind, write));
  const keys = writes.flatMap(({ lock }) => lock ?? []);
  if (new Set(keys).size < keys.length) {
    throw validationError('Transaction request cannot include multiple operations on one item');
  }

  // The token is locked like an item, so that a retry waits for the attempt it repeats.
  const tokenRow = token === undefined ? [] : [keyspace.transactionToken(requester.accountId, requester.region, token)];
  const staged = new StagedRequest(context.tables, context.store, requester);
  return context.locks.hold([...keys, ...tokenRow], async () => {
    if (tokenRow.some((row) => isReplay(context, row, fingerprint))) return {};
    const reply = await applyAll(writes, staged, ReturnConsumedCapacity);
    await context.commits.commit((commit) => {
      staged.writeTo(commit);
      for (const row of tokenRow) rememberToken(commit, row, fingerprint);
    });
    return reply;
  });
}

interface LocatedWrite {
  readonly kind: WriteKind;
  readonly write: TransactedWrite;
  readonly table: Table;
  /** Absent when the key is incomplete, which the write's own check refuses. */
  readonly lock: string | undefined;
}

function locate({ tables }: ServiceContext, scope: Scope, kind: WriteKind, write: TransactedWrite): LocatedWrite {
  const table = tables.findActive(scope, write.TableName);
  if (!table) throw resourceNotFound('Requested resource not found');
  const key = lockedKey(table, write.Item ?? write.Key);
  return { kind, write, table, lock: key && `${table.id}/${key}` };
}

async function applyAll(
  writes: readonly LocatedWrite[],
  staged: StagedRequest,
  returnConsumedCapacity: string | undefined,
): Promise<object> {
  const replies: WithCapacity[] = [];
  const reasons: CancellationReason[] = [];
  for (const located of writes) {
    try {
      replies.push(await apply(located, staged, returnConsumedCapacity));
      reasons.push({ Code: 'None' });
    } catch (error) {
      reasons.push(reasonOf(error, located, staged));
    }
  }
  cancelFor(reasons);
  return consumed(replies);
}

async function apply(
  { kind, write, table }: LocatedWrite,
  staged: StagedRequest,
  ReturnConsumedCapacity: string | undefined,
): Promise<WithCapacity> {
  const request = { ...write, ReturnConsumedCapacity };
  switch (kind) {
    case 'Put':
      return runAction('putItem', staged.asStore, request);
    case 'Update':
      return runAction('updateItem', staged.asStore, request);
    case 'Delete':
      return runAction('deleteItem', staged.asStore, request);
    case 'ConditionCheck':
      refuse(db.validateKey(write.Key, table.description));
      refuse(db.checkConditional(write, staged.get(table, keyOf(write.Key, table.description))));
      return {};
    default:
      return kind satisfies never;
  }
}

function reasonOf(error: unknown, { table, write, lock }: LocatedWrite, staged: StagedRequest): CancellationReason {
  if (!(error instanceof DynamoDbError)) throw error;
  if (error.code === 'ValidationException') return { Code: 'ValidationError', Message: error.message };
  if (error.code !== 'ConditionalCheckFailedException') throw error;
  const wanted = write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && lock;
  const item = wanted ? staged.existing(table, wanted.slice(table.id.length + 1)) : undefined;
  return { Code: 'ConditionalCheckFailed', Message: error.message, ...(item && { Item: item }) };
}

function cancelFor(reasons: readonly CancellationReason[]): void {
  if (reasons.every(({ Code }) => Code === 'None')) return;
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  // This error's model spells its text with a capital letter.
  throw transactionCanceled(message, { Message: message, CancellationReasons: reasons });
}

/** All items as of one moment between commits. */
export async function transactGet(context: ServiceContext, requester: Requester, data: object): Promise<object> {
  const request = parseRequest<TransactGetItemsRequest>(withPlainNames(data, requester), transactGetItems);
  const snapshot = context.store.snapshot();
  try {
    const staged = new StagedRequest(context.tables, context.store, requester, { snapshot });
    const replies: Array<WithCapacity & { Item?: Item }> = [];
    const reasons: CancellationReason[] = [];
    for (const { Get } of request.TransactItems) {
      const get = { ...Get, ReturnConsumedCapacity: request.ReturnConsumedCapacity, ConsistentRead: true };
      try {
        replies.push(await runAction('getItem', staged.asStore, get));
        reasons.push({ Code: 'None' });
      } catch (error) {
        if (!(error instanceof DynamoDbError) || error.code !== 'ValidationException') throw error;
        reasons.push({ Code: 'ValidationError', Message: error.message });
      }
    }
    cancelFor(reasons);
    return { Responses: replies.map(({ Item }) => (Item ? { Item } : {})), ...consumed(replies) };
  } finally {
    await snapshot.close();
  }
}

/** A transaction costs twice what its operations would cost alone. */
function consumed(replies: readonly WithCapacity[]): object {
  const units = new Map<string, number>();
  for (const { ConsumedCapacity } of replies) {
    if (!ConsumedCapacity) continue;
    const { TableName, CapacityUnits } = ConsumedCapacity;
    units.set(TableName, (units.get(TableName) ?? 0) + 2 * CapacityUnits);
  }
  if (units.size === 0) return {};
  return { ConsumedCapacity: [...units].map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits })) };
}

/** The request with plain table names where ARNs were sent. */
function withPlainNames(data: object, scope: Scope): object {
  if (!('TransactItems' in data) || !Array.isArray(data.TransactItems)) return { ...data };
  return { ...data, TransactItems: data.TransactItems.map((item: unknown) => plain(item, scope)) };
}

function plain(item: unknown, scope: Scope): unknown {
  if (typeof item !== 'object' || item === null) return item;
  const operations: Array<[string, unknown]> = Object.entries(item);
  return Object.fromEntries(
    operations.map(([kind, operation]) => [
      kind,
      typeof operation === 'object' && operation !== null ? withTableName(operation, scope) : operation,
    ]),
  );
}

function withoutToken(data: object): object {
  const { ClientRequestToken, ReturnConsumedCapacity, ...transaction }: Record<string, unknown> = { ...data };
  return transaction;
}
