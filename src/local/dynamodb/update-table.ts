import { randomUUID } from 'node:crypto';
import type { Commit } from './commit-queue.ts';
import { parseRequest } from './dynalite.ts';
import { limitExceeded, resourceNotFound, validationError } from './errors.ts';
import { withTableName } from './item-operations.ts';
import { keyspace } from './keyspace.ts';
import type { OperationContext, Requester } from './service-context.ts';
import { openedStream } from './streams.ts';
import type { IndexDescription, Table, TableDescription, TableRecord, Throughput } from './table.ts';
import { describe, encryption, newGlobalIndex, onDemand, throughput } from './table-description.ts';
import {
  createTableValidation,
  type IndexUpdate,
  type RequestedIndex,
  type RequestedThroughput,
  type UpdateTableRequest,
  updateTableValidation,
} from './table-requests.ts';

/** Changes a table. Everything but the filling of a new index is done when the reply is sent. */
export async function updateTable(
  { commits, tables, backfill }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const request = parseRequest<UpdateTableRequest>(withTableName(data, requester), updateTableValidation);
  const table = await commits.commit((commit) => {
    const table = tables.getActive(requester, request.TableName);
    // Every part refuses before anything is changed: a refused call leaves the table as it was.
    const settings = changedSettings(table, request, Math.floor(commit.timeMicros / 1000));
    const stream = changedStream(table, request, commit);
    const indexes = changedIndexes(table, settings, request);
    for (const name of indexes.deleted) {
      const rows = table.indexPrefix(name);
      commit.put(keyspace.doomedPrefix(rows), rows);
      delete table.statistics.indexes[name];
    }
    table.update(commit, { ...stream, description: indexes.description, indexIds: indexes.indexIds });
    return table;
  });
  if (request.GlobalSecondaryIndexUpdates?.some(({ Create }) => Create)) backfill(table);
  return { TableDescription: describe(table, 'UPDATING') };
}

function changedSettings({ description }: Table, request: UpdateTableRequest, nowMs: number): TableDescription {
  const { BillingMode, ProvisionedThroughput, SSESpecification } = request;
  const current = description.BillingModeSummary?.BillingMode ?? 'PROVISIONED';
  const mode = BillingMode ?? current;
  if (ProvisionedThroughput && mode === 'PAY_PER_REQUEST') {
    throw validationError(
      'One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  const toOnDemand = mode === 'PAY_PER_REQUEST' && current !== mode;
  const indexes = description.GlobalSecondaryIndexes?.map((index) =>
    toOnDemand ? { ...index, ProvisionedThroughput: throughput() } : index,
  );
  return {
    ...description,
    ...(indexes && { GlobalSecondaryIndexes: indexes }),
    ...(toOnDemand && { ...onDemand(nowMs), ProvisionedThroughput: throughput() }),
    ...(mode === 'PROVISIONED' &&
      current !== mode && { BillingModeSummary: { ...description.BillingModeSummary, BillingMode: mode } }),
    ...(ProvisionedThroughput && {
      ProvisionedThroughput: changedThroughput(description.ProvisionedThroughput, ProvisionedThroughput, nowMs),
    }),
    ...(request.DeletionProtectionEnabled !== undefined && {
      DeletionProtectionEnabled: request.DeletionProtectionEnabled,
    }),
    ...(request.TableClass && { TableClassSummary: { TableClass: request.TableClass } }),
    ...(SSESpecification?.Enabled && { SSEDescription: encryption(SSESpecification) }),
    ...(SSESpecification?.Enabled === false && { SSEDescription: undefined }),
  };
}

function changedThroughput(current: Throughput, wanted: RequestedThroughput, nowMs: number): Throughput {
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = wanted;
  if (read === current.ReadCapacityUnits && write === current.WriteCapacityUnits) {
    throw validationError(
      `The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: ${read}. Requested ReadCapacityUnits: ${read}. Current WriteCapacityUnits provisioned for the table: ${write}. Requested WriteCapacityUnits: ${write}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.`,
    );
  }
  const decreased = read < current.ReadCapacityUnits || write < current.WriteCapacityUnits;
  const increased = read > current.ReadCapacityUnits || write > current.WriteCapacityUnits;
  return {
    ...current,
    ReadCapacityUnits: read,
    WriteCapacityUnits: write,
    NumberOfDecreasesToday: current.NumberOfDecreasesToday + Number(decreased),
    ...(increased && { LastIncreaseDateTime: nowMs / 1000 }),
    ...(decreased && { LastDecreaseDateTime: nowMs / 1000 }),
  };
}

function changedStream(
  { description, record: { stream } }: Table,
  { StreamSpecification: wanted }: UpdateTableRequest,
  commit: Commit,
): Pick<TableRecord, 'stream'> | undefined {
  if (!wanted) return;
  const isOpen = stream?.throughSequence === null;
  if (wanted.StreamEnabled) {
    if (isOpen) throw validationError(`Table already has an enabled stream: TableName: ${description.TableName}`);
    return { stream: openedStream(description.TableArn, wanted.StreamViewType, commit) };
  }
  if (!stream || !isOpen) throw validationError('Table does not have a stream to disable');
  return { stream: { ...stream, throughSequence: commit.lastSequence } };
}

interface ChangedIndexes {
  readonly description: TableDescription;
  readonly indexIds: Readonly<Record<string, string>>;
  readonly deleted: readonly string[];
}

function changedIndexes(table: Table, settings: TableDescription, request: UpdateTableRequest): ChangedIndexes {
  const { GlobalSecondaryIndexUpdates: updates = [], AttributeDefinitions = settings.AttributeDefinitions } = request;
  let indexes: readonly IndexDescription[] = settings.GlobalSecondaryIndexes ?? [];
  const indexIds = { ...table.record.indexIds };
  const deleted: string[] = [];
  const online = updates.filter(({ Create, Delete }) => Create || Delete).length;
  if (online + indexes.filter(({ Backfilling }) => Backfilling).length > 1) {
    throw limitExceeded(
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  }
  for (const update of updates) {
    const name = update.Create?.IndexName ?? update.Update?.IndexName ?? update.Delete?.IndexName ?? '';
    const current = indexes.find(({ IndexName }) => IndexName === name);
    if (update.Create) {
      refuseNewIndex(settings, AttributeDefinitions, indexes, update.Create);
      const isEmpty = table.statistics.itemCount === 0;
      const created = newGlobalIndex(settings.TableArn, update.Create);
      indexes = [...indexes, isEmpty ? created : { ...created, IndexStatus: 'CREATING', Backfilling: true }];
      indexIds[name] = randomUUID();
    } else if (!current) {
      throw resourceNotFound(`Requested resource not found: Index ${name} of table ${table.name} not found`);
    } else if (update.Delete) {
      indexes = indexes.filter((index) => index !== current);
      deleted.push(name);
      delete indexIds[name];
    } else {
      indexes = indexes.map((index) => (index === current ? withThroughput(index, update) : index));
    }
  }
  const { GlobalSecondaryIndexes, ...rest } = settings;
  const description = { ...rest, AttributeDefinitions: stillUsed(rest, indexes, AttributeDefinitions) };
  return {
    description: indexes.length > 0 ? { ...description, GlobalSecondaryIndexes: indexes } : description,
    indexIds,
    deleted,
  };
}

/** A new index obeys the rules of a table created with it. */
function refuseNewIndex(
  table: TableDescription,
  AttributeDefinitions: TableDescription['AttributeDefinitions'],
  existing: readonly IndexDescription[],
  index: RequestedIndex,
): void {
  const isOnDemand = table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  if (!isOnDemand && !index.ProvisionedThroughput) {
    throw validationError(
      `One or more parameter values were invalid: ProvisionedThroughput must be specified for index: ${index.IndexName}`,
    );
  }
  const asCreated = {
    ...table,
    AttributeDefinitions,
    BillingMode: 'PAY_PER_REQUEST',
    ProvisionedThroughput: undefined,
    GlobalSecondaryIndexes: [...existing.map(withoutThroughput), withoutThroughput(index)],
  };
  const violation = createTableValidation.custom?.(asCreated, { options: { maxItemSize: 0 } });
  if (violation) throw validationError(violation);
}

const withoutThroughput = ({ IndexName, KeySchema, Projection }: Dynalite.Index) => ({
  IndexName,
  KeySchema,
  Projection,
});

const withThroughput = (index: IndexDescription, { Update }: IndexUpdate): IndexDescription =>
  Update ? { ...index, ProvisionedThroughput: throughput(Update.ProvisionedThroughput) } : index;

/** Definitions of attributes that no key of the table or an index uses any more fall away. */
function stillUsed(
  table: TableDescription,
  indexes: readonly IndexDescription[],
  definitions: TableDescription['AttributeDefinitions'],
): TableDescription['AttributeDefinitions'] {
  const schemas = [table, ...(table.LocalSecondaryIndexes ?? []), ...indexes].flatMap(({ KeySchema }) => KeySchema);
  const used = new Set(schemas.map(({ AttributeName }) => AttributeName));
  return definitions.filter(({ AttributeName }) => used.has(AttributeName));
}
