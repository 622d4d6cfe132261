import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type {
  CompletedExport,
  ExportRecord,
  InProgressExport,
  Verification,
} from '../../src/records/export-records.ts';
import type { RecordsTable } from '../../src/records/table.ts';

/** The records table of an Outport that runs as a process. */
export function recordsTableOf({ awsEndpoint }: { readonly awsEndpoint: string }): RecordsTable {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: awsEndpoint,
    credentials: { accessKeyId: '999999999999', secretAccessKey: 'outport' },
  });
  return { client: DynamoDBDocumentClient.from(client), name: 'outport-local-RecordsTable' };
}

/** An export at some version, IN_PROGRESS. */
export function exportInProgress(id: string, version: number): InProgressExport {
  return {
    id,
    version,
    source: 'OUTPORT',
    requestedBy: { issuer: 'https://issuer.example', subject: 'ana', name: 'Ana', teams: ['data'] },
    team: 'data',
    clientToken: `token-of-${id}`,
    inputHash: null,
    tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
    exportTime: null,
    exportFormat: 'DYNAMODB_JSON',
    exportType: 'FULL_EXPORT',
    incrementalExport: null,
    filter: null,
    destination: {
      bucket: 'lake',
      bucketOwner: '000000000000',
      prefix: null,
      encryption: { algorithm: 'AES256', kmsKeyId: null },
    },
    tableSizeBytes: 1,
    expectedOutputBytes: null,
    expectedSeconds: null,
    retryOf: null,
    createdAt: '2026-11-23T00:00:00.000Z',
    updatedAt: '2026-11-23T00:00:00.000Z',
    status: 'IN_PROGRESS',
    deadlineAt: '2030-01-01T00:00:00.000Z',
    exportArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/export/01234567890123-abcdefab',
    startTime: '2026-11-23T00:00:00.000Z',
    progress: { filesWritten: version, bytesWritten: version, estimatedPercent: null },
  };
}

export const VERIFIED: Verification = {
  status: 'VERIFIED',
  deep: false,
  checkedAt: '2026-11-23T00:01:00.000Z',
  filesChecked: 1,
  bytesChecked: 1,
  itemsCounted: null,
  problems: [],
};

/** The same export after it has been written and verified. */
export function exportCompleted(id: string, version: number): CompletedExport {
  const { deadlineAt, ...started } = exportInProgress(id, version);
  return {
    ...started,
    status: 'COMPLETED',
    endTime: '2026-11-23T00:01:00.000Z',
    itemCount: 1,
    billedSizeBytes: 1,
    exportManifest: 'm',
    verification: VERIFIED,
  };
}

/** The same export after it has failed. */
export function exportFailed(id: string, version: number): ExportRecord {
  const { deadlineAt, ...started } = exportInProgress(id, version);
  return {
    ...started,
    status: 'FAILED',
    endTime: '2026-11-23T00:01:00.000Z',
    failure: { code: 'S3_NO_SUCH_BUCKET', message: 'gone', remedy: 'Create the bucket.' },
  };
}

/** Writes an export as it is after a move, outside the index of open exports: reconcile leaves it alone. */
export async function writeMove(table: RecordsTable, record: ExportRecord): Promise<void> {
  const Item = { ...record, pk: `EXPORT#${record.id}`, sk: 'EXPORT', kind: 'EXPORT' };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}
