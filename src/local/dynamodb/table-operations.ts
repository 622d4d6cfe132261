import { randomUUID } from 'node:crypto';
import deleteTableRules from 'dynalite/validations/deleteTable.js';
import describeTableRules from 'dynalite/validations/describeTable.js';
import listTablesRules from 'dynalite/validations/listTables.js';
import type { Commit } from './commit-queue.ts';
import { parseRequest } from './dynalite.ts';
import { resourceInUse, resourceNotFound, validationError } from './errors.ts';
import { withTableName } from './item-operations.ts';
import { keyspace } from './keyspace.ts';
import type { OperationContext, Requester, ServiceContext } from './service-context.ts';
import { openedStream } from './streams.ts';
import { noItems, type Scope, Table, type TableDescription } from './table.ts';
import { describe, newDescription } from './table-description.ts';
import { type CreateTableRequest, createTableValidation } from './table-requests.ts';
import type { Tables } from './tables.ts';

/** Tables are ready at once: the reply says CREATING, as clients expect it, and the next call finds it ACTIVE. */
export async function createTable(
  { commits, tables }: ServiceContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const request = parseRequest<CreateTableRequest>({ ...data }, createTableValidation);
  const created = await commits.commit((commit) => addTable(commit, tables, requester, request));
  return { TableDescription: describe(created, 'CREATING') };
}

/**
 * Makes a new, empty table part of a commit.
 * @param isImporting keeps it CREATING, and its indexes to be filled, until an import has put its items in
 * @throws DynamoDbError ResourceInUseException
 */
export function addTable(
  commit: Commit,
  tables: Tables,
  scope: Scope,
  request: CreateTableRequest,
  isImporting = false,
): Table {
  const { accountId, region } = scope;
  if (tables.find(scope, request.TableName)) throw resourceInUse(`Table already exists: ${request.TableName}`);
  const nowMs = Math.floor(commit.timeMicros / 1000);
  const description = newDescription(request, scope, randomUUID(), nowMs);
  const indexes = [...(request.LocalSecondaryIndexes ?? []), ...(request.GlobalSecondaryIndexes ?? [])];
  const { StreamSpecification: stream, Tags = [] } = request;
  const record = {
    accountId,
    region,
    description: isImporting ? withUnfilledIndexes(description) : description,
    indexIds: Object.fromEntries(indexes.map(({ IndexName }) => [IndexName, randomUUID()])),
    stream: stream?.StreamEnabled ? openedStream(description.TableArn, stream.StreamViewType, commit) : null,
    recovery: null,
    timeToLiveAttribute: null,
    ...(isImporting && { isImporting }),
    tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
  };
  const table = new Table(record, noItems(), commit.lastSequence);
  table.update(commit, {});
  tables.add(table);
  return table;
}

function withUnfilledIndexes({ GlobalSecondaryIndexes: indexes, ...description }: TableDescription): TableDescription {
  if (!indexes) return description;
  const unfilled = { IndexStatus: 'CREATING', Backfilling: true } as const;
  return { ...description, GlobalSecondaryIndexes: indexes.map((index) => ({ ...index, ...unfilled })) };
}

export async function describeTable({ tables }: ServiceContext, requester: Requester, data: object): Promise<object> {
  const { TableName } = parseRequest<{ TableName: string }>(withTableName(data, requester), describeTableRules);
  return { Table: describe(tables.get(requester, TableName)) };
}

export async function listTables({ tables }: ServiceContext, requester: Requester, data: object): Promise<object> {
  const { ExclusiveStartTableName: after = '', Limit = 100 } = parseRequest<{
    ExclusiveStartTableName?: string;
    Limit?: number;
  }>({ ...data }, listTablesRules);
  const names = tables.namesIn(requester).filter((name) => name > after);
  const page = names.slice(0, Limit);
  return { TableNames: page, ...(names.length > Limit && { LastEvaluatedTableName: page.at(-1) }) };
}

/** Deletes a table. Backups that running exports read stay until those have ended. */
export async function deleteTable(
  { commits, tables, backups }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const { TableName } = parseRequest<{ TableName: string }>(withTableName(data, requester), deleteTableRules);
  const table = tables.getActive(requester, TableName);
  await backups.alone(table, () =>
    commits.commit((commit) => {
      if (table.dropped) throw resourceNotFound(`Requested resource not found: Table: ${TableName} not found`);
      if (table.description.DeletionProtectionEnabled) {
        throw validationError(
          'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
        );
      }
      commit.del(keyspace.table(requester.accountId, requester.region, TableName));
      const rows = keyspace.dataOf(table.id);
      commit.put(keyspace.doomedPrefix(rows), rows);
      backups.retire(commit, table);
      tables.drop(table);
    }),
  );
  await backups.collectRetired();
  return { TableDescription: describe(table, 'DELETING') };
}
