import {
  DescribeExportCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type ExportDescription,
  type ExportSummary,
  paginateListExports,
} from '@aws-sdk/client-dynamodb';
import { createExport, type InProgressExport, type OpenExport, readExport } from '../records/export-records.ts';
import type { AccountRegion } from '../records/ledger.ts';
import { raiseWatermark, readWatermark } from '../records/watermarks.ts';
import type { AccountClients } from './accounts.ts';
import { classifyAwsError } from './aws-errors.ts';
import { fromSdkFilter } from './dynamodb-specifications.ts';
import { adoptedIdOf, exportIdOfUpstreamToken } from './export-id.ts';
import { exportDeadline } from './moves.ts';
import type { Outport } from './outport.ts';
import { countSlot } from './slots.ts';
import { startOf } from './start-export.ts';
import { parseTableArn } from './table-arn.ts';

const MINUTE_MS = 60_000;
/** Read again each time, as an export is listed a moment after it starts and clocks differ. */
const OVERLAP_MS = 10 * MINUTE_MS;
/** How far back exports that have ended are adopted in an account that is new to Outport. */
const FIRST_LOOK_BACK_MS = 24 * 60 * MINUTE_MS;
const LIST_PAGE_MAX = 25;

/**
 * Finds exports that were started elsewhere and creates records for them, so that lists and limits are true for the
 * whole account and Region. They are adopted as IN_PROGRESS, whatever has become of them; following them does the rest.
 */
export async function adoptExports(
  outport: Outport,
  scope: AccountRegion,
  running: readonly OpenExport[],
): Promise<void> {
  const clients = outport.accounts(scope, null);
  const known = new Set(running.map((record) => ('exportArn' in record ? record.exportArn : null)));
  const readFrom = outport.now();
  const watermark = await readWatermark(outport.table, 'LIST_EXPORTS', scope);
  const since =
    watermark === null ? readFrom.getTime() - FIRST_LOOK_BACK_MS : new Date(watermark).getTime() - OVERLAP_MS;

  for await (const { ExportSummaries = [] } of paginateListExports(
    { client: clients.dynamodb },
    { MaxResults: LIST_PAGE_MAX },
  )) {
    for (const summary of ExportSummaries) {
      const { ExportArn } = summary;
      if (!ExportArn || known.has(ExportArn) || !startedSince(summary, since)) continue;
      await adoptUnlessKnown(outport, scope, clients, ExportArn);
    }
  }
  await raiseWatermark(outport.table, 'LIST_EXPORTS', scope, readFrom.toISOString());
}

/** The order of the list is not promised (facts §1.5), so each export is judged by itself, by the time in its id. */
function startedSince({ ExportArn = '', ExportStatus }: ExportSummary, sinceMs: number): boolean {
  const [, startMs] = /\/export\/(\d{14})-[0-9a-f]{8}$/.exec(ExportArn) ?? [];
  return startMs !== undefined && (ExportStatus === 'IN_PROGRESS' || Number(startMs) >= sinceMs);
}

async function adoptUnlessKnown(
  outport: Outport,
  scope: AccountRegion,
  { dynamodb }: AccountClients,
  exportArn: string,
): Promise<void> {
  const id = adoptedIdOf(exportArn);
  if (await readExport(outport.table, id)) return;
  const { ExportDescription: description } = await dynamodb.send(new DescribeExportCommand({ ExportArn: exportArn }));
  if (!description || (await isOurs(outport, description))) return;
  const tableSizeBytes = description.ExportStatus === 'IN_PROGRESS' ? await sizeOfTable(dynamodb, description) : 0;
  const record = adoptedExport(id, description, tableSizeBytes, outport.now());
  // The slot first: without its record it is found again by the next look, while a record would hide that it is missing.
  await countSlot(outport, scope, { exportId: id, bytes: tableSizeBytes, expectedSeconds: null, owners: [] });
  await createExport(outport.table, record);
}

/** A token like ours proves nothing by itself: the export it names must be this one, or about to become it. */
async function isOurs({ table }: Outport, { ClientToken, ExportArn }: ExportDescription): Promise<boolean> {
  const exportId = exportIdOfUpstreamToken(ClientToken ?? '');
  const record = exportId === null ? null : await readExport(table, exportId);
  if (record === null) return false;
  return record.status === 'QUEUED' || ('exportArn' in record && record.exportArn === ExportArn);
}

/** 0 when the table is gone or closed to Outport: an export that cannot be weighed still counts as one. */
async function sizeOfTable(dynamodb: DynamoDBClient, { TableArn }: ExportDescription): Promise<number> {
  try {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: tableNameOf(TableArn) }));
    return Table?.TableSizeBytes ?? 0;
  } catch (error) {
    if (classifyAwsError(error).kind === 'RETRYABLE') throw error;
    return 0;
  }
}

const tableNameOf = (arn = ''): string => {
  const table = parseTableArn(arn);
  if (!table) throw new Error(`DynamoDB described an export of no table: ${arn}`);
  return table.tableName;
};

function adoptedExport(
  id: string,
  description: ExportDescription,
  tableSizeBytes: number,
  now: Date,
): InProgressExport {
  const { TableArn = '', S3Bucket = '', S3BucketOwner, S3Prefix, S3SseKmsKeyId, ExportTime } = description;
  const started = startOf(description);
  return {
    ...started,
    id,
    version: 1,
    status: 'IN_PROGRESS',
    source: 'ADOPTED',
    requestedBy: null,
    team: null,
    clientToken: null,
    retryOf: null,
    inputHash: null,
    tableArn: TableArn,
    exportTime: ExportTime?.toISOString() ?? null,
    exportFormat: description.ExportFormat ?? 'DYNAMODB_JSON',
    exportType: description.ExportType ?? 'FULL_EXPORT',
    filter: fromSdkFilter(description.FilterSpecification),
    destination: {
      bucket: S3Bucket,
      bucketOwner: S3BucketOwner ?? null,
      prefix: S3Prefix ?? null,
      encryption: { algorithm: description.S3SseAlgorithm ?? 'AES256', kmsKeyId: S3SseKmsKeyId ?? null },
    },
    tableSizeBytes,
    expectedOutputBytes: null,
    expectedSeconds: null,
    progress: null,
    createdAt: started.startTime,
    updatedAt: now.toISOString(),
    deadlineAt: exportDeadline(now),
  };
}
