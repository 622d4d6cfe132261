import { parseRequest } from '../dynalite.ts';
import { importNotFound } from '../errors.ts';
import { jobIdIn, listedTableId } from '../job-arn.ts';
import { PAGE_MAX, readPage } from '../job-pages.ts';
import type { OperationContext, Requester } from '../service-context.ts';
import { summarizeImport } from './record.ts';

const describeRules: Dynalite.Validation = {
  types: {
    ImportArn: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 37, lengthLessThanOrEqual: 1024 },
  },
};

const listRules: Dynalite.Validation = {
  types: {
    TableArn: { type: 'String', lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 1024 },
    PageSize: { type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: PAGE_MAX },
    NextToken: { type: 'String' },
  },
};

interface ListRequest {
  readonly TableArn?: string;
  readonly PageSize?: number;
  readonly NextToken?: string;
}

/** Knows imports by their ARN for 90 days, with their progress while they run. */
export async function describeImportOperation(
  { imports }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const { ImportArn } = parseRequest<{ ImportArn: string }>({ ...data }, describeRules);
  const record = imports.store.find(requester, jobIdIn(ImportArn, 'import', requester, importNotFound));
  if (record?.importArn !== ImportArn) throw importNotFound(`Import not found: ${ImportArn}`);
  return imports.describe(record);
}

export async function listImports(
  { tables, imports }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const { TableArn, PageSize, NextToken } = parseRequest<ListRequest>({ ...data }, listRules);
  const { records, next } = await readPage(imports.store, 'import', requester, {
    tableId: listedTableId(TableArn, tables, requester),
    sizeMax: PageSize,
    token: NextToken,
  });
  return { ImportSummaryList: records.map(summarizeImport), ...next };
}
