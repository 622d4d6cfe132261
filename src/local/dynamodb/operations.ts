import { describeContinuousBackups, updateContinuousBackups } from './backup-operations.ts';
import type { ContinuousBackups } from './continuous-backups.ts';
import type { Exports } from './exports/exports.ts';
import { describeExportOperation, listExports } from './exports/read-exports.ts';
import { itemOperations } from './item-operations.ts';
import type { Requester, ServiceContext } from './service-context.ts';
import type { Table } from './table.ts';
import { createTable, deleteTable, describeTable, listTables } from './table-operations.ts';
import { listTagsOfResource, tagResource, untagResource } from './tag-operations.ts';
import { describeTimeToLive, updateTimeToLive } from './time-to-live.ts';
import { transactGet, transactWrite } from './transactions.ts';
import { updateTable } from './update-table.ts';

/** What the quotas of a new account say: DescribeLimits. */
const LIMITS = {
  AccountMaxReadCapacityUnits: 80_000,
  AccountMaxWriteCapacityUnits: 80_000,
  TableMaxReadCapacityUnits: 40_000,
  TableMaxWriteCapacityUnits: 40_000,
};

export interface Operation {
  readonly readOnly: boolean;
  /** Data events of CloudTrail are those of items; everything else manages tables. */
  readonly onItems: boolean;
  run(requester: Requester, data: object): Promise<object>;
}

export interface OperationParts {
  readonly context: ServiceContext;
  readonly backups: ContinuousBackups;
  readonly exports: Exports;
  readonly backfill: (table: Table) => void;
}

type Run = Operation['run'];

/** All operations by the name that `X-Amz-Target` gives them. */
export function operationsOf(parts: OperationParts): ReadonlyMap<string, Operation> {
  const { context, backups, exports, backfill } = parts;
  const items = (name: string): Run => {
    const run = itemOperations[name];
    if (!run) throw new Error(`There is no item operation ${name}.`);
    return (requester, data) => run(context, requester, data);
  };
  const on =
    (run: (context: ServiceContext, requester: Requester, data: object) => Promise<object>): Run =>
    (requester, data) =>
      run(context, requester, data);

  const itemReads: Record<string, Run> = {
    GetItem: items('GetItem'),
    BatchGetItem: items('BatchGetItem'),
    Query: items('Query'),
    Scan: items('Scan'),
    TransactGetItems: on(transactGet),
  };
  const itemWrites: Record<string, Run> = {
    PutItem: items('PutItem'),
    UpdateItem: items('UpdateItem'),
    DeleteItem: items('DeleteItem'),
    BatchWriteItem: items('BatchWriteItem'),
    TransactWriteItems: on(transactWrite),
  };
  const tableReads: Record<string, Run> = {
    DescribeTable: on(describeTable),
    ListTables: on(listTables),
    ListTagsOfResource: on(listTagsOfResource),
    DescribeTimeToLive: on(describeTimeToLive),
    DescribeLimits: async () => LIMITS,
    DescribeEndpoints: async ({ host }) => ({ Endpoints: [{ Address: host, CachePeriodInMinutes: 1440 }] }),
    DescribeContinuousBackups: (requester, data) => describeContinuousBackups(context, backups, requester, data),
    DescribeExport: (requester, data) => describeExportOperation(exports.store, requester, data),
    ListExports: (requester, data) => listExports(context, exports.store, requester, data),
  };
  const tableWrites: Record<string, Run> = {
    CreateTable: on(createTable),
    UpdateTable: (requester, data) => updateTable(context, backfill, requester, data),
    DeleteTable: (requester, data) => deleteTable(context, backups, requester, data),
    TagResource: on(tagResource),
    UntagResource: on(untagResource),
    UpdateTimeToLive: on(updateTimeToLive),
    UpdateContinuousBackups: (requester, data) => updateContinuousBackups(context, backups, requester, data),
    ExportTableToPointInTime: (requester, data) => exports.start(requester, data),
  };
  const kind = (runs: Record<string, Run>, readOnly: boolean, onItems: boolean): Array<[string, Operation]> =>
    Object.entries(runs).map(([name, run]) => [name, { readOnly, onItems, run }]);
  return new Map([
    ...kind(itemReads, true, true),
    ...kind(itemWrites, false, true),
    ...kind(tableReads, true, false),
    ...kind(tableWrites, false, false),
  ]);
}
