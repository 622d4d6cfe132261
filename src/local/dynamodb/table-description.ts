import type { Scope, Table, TableDescription, Throughput } from './table.ts';
import { tableArn } from './table-arn.ts';
import type { CreateTableRequest, RequestedIndex, RequestedThroughput } from './table-requests.ts';

/** What CreateTable makes of a request. */
export function newDescription(
  request: CreateTableRequest,
  scope: Scope,
  tableId: string,
  nowMs: number,
): TableDescription {
  const arn = tableArn(scope, request.TableName);
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = request;
  return {
    AttributeDefinitions: request.AttributeDefinitions,
    TableName: request.TableName,
    KeySchema: request.KeySchema,
    TableStatus: 'ACTIVE',
    CreationDateTime: nowMs / 1000,
    ProvisionedThroughput: throughput(request.ProvisionedThroughput),
    TableArn: arn,
    TableId: tableId,
    ...(request.BillingMode === 'PAY_PER_REQUEST' && onDemand(nowMs)),
    ...(local && { LocalSecondaryIndexes: local.map((index) => ({ ...index, IndexArn: indexArn(arn, index) })) }),
    ...(global && { GlobalSecondaryIndexes: global.map((index) => newGlobalIndex(arn, index)) }),
    ...(request.TableClass && { TableClassSummary: { TableClass: request.TableClass } }),
    ...(request.SSESpecification?.Enabled && { SSEDescription: encryption(request.SSESpecification) }),
    DeletionProtectionEnabled: request.DeletionProtectionEnabled ?? false,
  };
}

export const newGlobalIndex = (arn: string, index: RequestedIndex) => ({
  IndexName: index.IndexName,
  KeySchema: index.KeySchema,
  Projection: index.Projection,
  IndexStatus: 'ACTIVE' as const,
  ProvisionedThroughput: throughput(index.ProvisionedThroughput),
  IndexArn: indexArn(arn, index),
});

export const onDemand = (nowMs: number) => ({
  BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: nowMs / 1000 },
});

export const encryption = ({
  SSEType = 'KMS',
  KMSMasterKeyId,
}: NonNullable<CreateTableRequest['SSESpecification']>) => ({
  Status: 'ENABLED',
  SSEType,
  ...(KMSMasterKeyId && { KMSMasterKeyArn: KMSMasterKeyId }),
});

/** Zeros stand for on-demand capacity. */
export const throughput = (requested?: RequestedThroughput): Throughput => ({
  ReadCapacityUnits: requested?.ReadCapacityUnits ?? 0,
  WriteCapacityUnits: requested?.WriteCapacityUnits ?? 0,
  NumberOfDecreasesToday: 0,
});

/** A table as DescribeTable and its like answer it: with the totals of this moment and its stream. */
export function describe(
  table: Table,
  status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' = table.record.isImporting ? 'CREATING' : 'ACTIVE',
): object {
  const { description, record, statistics } = table;
  const withTotals = (index: Dynalite.Index) => {
    const { itemCount = 0, sizeBytes = 0 } = statistics.indexes[index.IndexName] ?? {};
    return { ...index, ItemCount: itemCount, IndexSizeBytes: sizeBytes };
  };
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = description;
  const { stream } = record;
  return {
    ...description,
    TableStatus: status,
    ItemCount: statistics.itemCount,
    TableSizeBytes: statistics.sizeBytes,
    ...(local && { LocalSecondaryIndexes: local.map(withTotals) }),
    ...(global && { GlobalSecondaryIndexes: global.map(withTotals) }),
    ...(stream?.throughSequence === null && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
    }),
    ...(stream && { LatestStreamArn: stream.arn, LatestStreamLabel: stream.label }),
  };
}

const indexArn = (arn: string, { IndexName }: Dynalite.Index): string => `${arn}/index/${IndexName}`;
