import { parseRequest } from '../dynalite.ts';
import { exportNotFound } from '../errors.ts';
import { jobIdIn, listedTableId } from '../job-arn.ts';
import { PAGE_MAX, readPage } from '../job-pages.ts';
import type { OperationContext, Requester } from '../service-context.ts';
import { describeExport, summarizeExport } from './record.ts';

const describeRules: Dynalite.Validation = {
  types: {
    ExportArn: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 37, lengthLessThanOrEqual: 1024 },
  },
};

const listRules: Dynalite.Validation = {
  types: {
    TableArn: { type: 'String', lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 1024 },
    MaxResults: { type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: PAGE_MAX },
    NextToken: { type: 'String' },
  },
};

interface ListRequest {
  readonly TableArn?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** Knows exports by their ARN for 90 days, also those of tables that are gone. */
export async function describeExportOperation(
  { exports }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const { ExportArn } = parseRequest<{ ExportArn: string }>({ ...data }, describeRules);
  const record = exports.store.find(requester, jobIdIn(ExportArn, 'export', requester, exportNotFound));
  if (record?.exportArn !== ExportArn) throw exportNotFound(`Export not found: Export not found: ${ExportArn}`);
  return { ExportDescription: describeExport(record) };
}

export async function listExports(
  { tables, exports }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const { TableArn, MaxResults, NextToken } = parseRequest<ListRequest>({ ...data }, listRules);
  const { records, next } = await readPage(exports.store, 'export', requester, {
    tableId: listedTableId(TableArn, tables, requester),
    sizeMax: MaxResults,
    token: NextToken,
  });
  return { ExportSummaries: records.map(summarizeExport), ...next };
}
