import { parseRequest } from '../dynalite.ts';
import { accessDenied, exportNotFound, invalidRequest, validationError } from '../errors.ts';
import type { OperationContext, Requester, ServiceContext } from '../service-context.ts';
import { parseArn, tableNameIn } from '../table-arn.ts';
import { describeExport, type ExportRecord, summarizeExport } from './record.ts';

const PAGE_MAX = 25;

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

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Knows exports by their ARN for 90 days, also those of tables that are gone. */
export async function describeExportOperation(
  { exports }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const { ExportArn } = parseRequest<{ ExportArn: string }>({ ...data }, describeRules);
  const record = exports.store.find(requester, exportIdIn(ExportArn, requester));
  if (record?.exportArn !== ExportArn) throw exportNotFound(`Export not found: Export not found: ${ExportArn}`);
  return { ExportDescription: describeExport(record) };
}

/** @throws DynamoDbError in the order and words of facts §1.6 */
function exportIdIn(text: string, requester: Requester): string {
  const arn = parseArn(text);
  if (!arn) throw validationError('Invalid Export ARN');
  const isOwn = arn.partition === 'aws' && arn.service === 'dynamodb' && arn.accountId === requester.accountId;
  if (!isOwn || !REGION.test(arn.region)) throw accessDenied();
  const exportId = /^table\/[^/]+\/export\/([^/]+)$/.exec(arn.resource)?.[1];
  if (!exportId) throw validationError('Invalid Export ARN');
  if (arn.region !== requester.region) throw exportNotFound('Export not found: Invalid export arn');
  return exportId;
}

/** Newest first. Exports of a table are those of its TableId: a table created again under its name starts with none. */
export async function listExports(
  { tables, exports }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const {
    TableArn,
    MaxResults = PAGE_MAX,
    NextToken,
  } = parseRequest<{
    TableArn?: string;
    MaxResults?: number;
    NextToken?: string;
  }>({ ...data }, listRules);
  const tableId = TableArn === undefined ? undefined : (tableIdIn(TableArn, tables, requester) ?? null);
  const page: ExportRecord[] = [];
  for await (const record of exports.store.newestFirst(requester, NextToken && positionIn(NextToken))) {
    if (tableId !== undefined && record.tableId !== tableId) continue;
    page.push(record);
    if (page.length > MaxResults) break;
  }
  const shown = page.slice(0, MaxResults);
  const last = shown.at(-1);
  return {
    ExportSummaries: shown.map(summarizeExport),
    ...(page.length > MaxResults && last && { NextToken: tokenAfter(last.exportId) }),
  };
}

function tableIdIn(text: string, tables: ServiceContext['tables'], requester: Requester): string | undefined {
  const arn = parseArn(text);
  if (!arn) throw validationError('One or more parameter values were invalid: tableArn is not a valid ARN');
  if (arn.accountId !== requester.accountId) throw accessDenied();
  const name = tableNameIn(arn.resource);
  if (!name) throw invalidRequest('Table ARN is invalid.');
  return tables.find(requester, name)?.id;
}

/** Tokens are opaque to clients; the name in them keeps tokens of other operations out. */
const TOKEN_KIND = 'ListExports:';

const tokenAfter = (exportId: string): string => Buffer.from(TOKEN_KIND + exportId).toString('hex');

function positionIn(token: string): string {
  const text = /^([0-9a-f]{2})+$/.test(token) ? Buffer.from(token, 'hex').toString() : '';
  const exportId = text.startsWith(TOKEN_KIND) ? text.slice(TOKEN_KIND.length) : '';
  if (!/^\d{14}-[0-9a-f]{8}$/.test(exportId)) {
    throw invalidRequest(`Provided nextToken is invalid: ${token}`);
  }
  return exportId;
}
