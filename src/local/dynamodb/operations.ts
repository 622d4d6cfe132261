import { describeContinuousBackups, updateContinuousBackups } from './backup-operations.ts';
import { describeExportOperation, listExports } from './exports/read-exports.ts';
import { describeImportOperation, listImports } from './imports/read-imports.ts';
import { itemReads, itemWrites } from './item-operations.ts';
import type { OperationContext, Requester } from './service-context.ts';
import { createTable, deleteTable, describeTable, listTables } from './table-operations.ts';
import { listTagsOfResource, tagResource, untagResource } from './tag-operations.ts';
import { describeTimeToLive, updateTimeToLive } from './time-to-live.ts';
import { transactGet, transactWrite } from './transactions.ts';
import { updateTable } from './update-table.ts';

type Run = (context: OperationContext, requester: Requester, data: object) => Promise<object>;

export interface Operation {
  readonly readOnly: boolean;
  /** Data events of CloudTrail are those of items; everything else manages tables. */
  readonly onItems: boolean;
  readonly run: Run;
}

/** The quotas of a new account. */
const LIMITS = {
  AccountMaxReadCapacityUnits: 80_000,
  AccountMaxWriteCapacityUnits: 80_000,
  TableMaxReadCapacityUnits: 40_000,
  TableMaxWriteCapacityUnits: 40_000,
};

const tableReads: Readonly<Record<string, Run>> = {
  DescribeTable: describeTable,
  ListTables: listTables,
  ListTagsOfResource: listTagsOfResource,
  DescribeTimeToLive: describeTimeToLive,
  DescribeLimits: async () => LIMITS,
  DescribeEndpoints: async (_context, { host }) => ({ Endpoints: [{ Address: host, CachePeriodInMinutes: 1440 }] }),
  DescribeContinuousBackups: describeContinuousBackups,
  DescribeExport: describeExportOperation,
  ListExports: listExports,
  DescribeImport: describeImportOperation,
  ListImports: listImports,
};

const tableWrites: Readonly<Record<string, Run>> = {
  CreateTable: createTable,
  UpdateTable: updateTable,
  DeleteTable: deleteTable,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateTimeToLive: updateTimeToLive,
  UpdateContinuousBackups: updateContinuousBackups,
  ExportTableToPointInTime: ({ exports }, requester, data) => exports.start(requester, data),
  ImportTable: ({ imports }, requester, data) => imports.start(requester, data),
};

const kind = (runs: Readonly<Record<string, Run>>, readOnly: boolean, onItems: boolean): Array<[string, Operation]> =>
  Object.entries(runs).map(([name, run]) => [name, { readOnly, onItems, run }]);

/** All operations by the name that `X-Amz-Target` gives them. */
export const operations: ReadonlyMap<string, Operation> = new Map([
  ...kind({ ...itemReads, TransactGetItems: transactGet }, true, true),
  ...kind({ ...itemWrites, TransactWriteItems: transactWrite }, false, true),
  ...kind(tableReads, true, false),
  ...kind(tableWrites, false, false),
]);
