import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DescribeImportCommand, DynamoDBClient, ImportTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type ExportRecord, exportItemOf } from '../../src/records/export-records.ts';
import { recordsTableDefinition } from '../../src/records/table.ts';

const NEWEST = Date.parse('2026-11-23T00:00:00Z');
const LINES_PER_OBJECT = 10_000;
const POLL_MS = 200;

export const personOf = (n: number) => ({
  issuer: 'https://id.example',
  subject: `person-${n % 11}`,
  name: null,
  teams: [],
});
export const teamOf = (n: number) => `team-${n % 7}`;
export const tableArnOf = (n: number) => `arn:aws:dynamodb:eu-central-1:111122223333:table/table-${n % 13}`;
export const createdAtOf = (n: number) => new Date(NEWEST - n * 1_000).toISOString();

/** The `n`th export, counted from the newest. What exports differ in repeats in cycles without a common divisor. */
function exportOf(n: number): ExportRecord {
  const ended = {
    id: `exp_${String(n).padStart(26, '0')}`,
    version: 2,
    source: 'OUTPORT' as const,
    requestedBy: personOf(n),
    team: teamOf(n),
    clientToken: `token-${n}`,
    inputHash: null,
    retryOf: null,
    tableArn: tableArnOf(n),
    exportTime: null,
    exportFormat: 'DYNAMODB_JSON' as const,
    exportType: n % 3 === 0 ? ('INCREMENTAL_EXPORT' as const) : ('FULL_EXPORT' as const),
    incrementalExport: null,
    filter: null,
    destination: {
      bucket: 'lake',
      bucketOwner: '111122223333',
      prefix: `exports/${teamOf(n)}`,
      encryption: { algorithm: 'AES256' as const, kmsKeyId: null },
    },
    tableSizeBytes: 1,
    expectedOutputBytes: null,
    expectedSeconds: null,
    createdAt: createdAtOf(n),
    updatedAt: createdAtOf(n),
    endTime: createdAtOf(n),
  };
  if (n % 17 !== 0) return { ...ended, status: 'CANCELED' };
  return { ...ended, status: 'FAILED', failure: { code: 'EXPORT_FAILED', message: '', remedy: '' } };
}

/**
 * Makes a records table of the items as Outport writes them, with DynamoDB's import from a bucket of the table's name: one
 * by one would take long.
 */
export async function importHistory(
  aws: { readonly dynamodb: DynamoDBClient; readonly s3: S3Client },
  TableName: string,
  exports: number,
): Promise<void> {
  await aws.s3.send(new CreateBucketCommand({ Bucket: TableName }));
  for (let start = 0; start < exports; start += LINES_PER_OBJECT) {
    const lines = Array.from({ length: Math.min(LINES_PER_OBJECT, exports - start) }, (_, n) =>
      JSON.stringify({ Item: marshall(exportItemOf(exportOf(start + n))) }),
    );
    const object = { Bucket: TableName, Key: `${start}.json.gz` };
    await aws.s3.send(new PutObjectCommand({ ...object, Body: gzipSync(lines.join('\n'), { level: 1 }) }));
  }
  // Imports make tables without a stream, and this one needs none.
  const { StreamSpecification: _, ...TableCreationParameters } = recordsTableDefinition(TableName);
  const { ImportTableDescription: { ImportArn } = {} } = await aws.dynamodb.send(
    new ImportTableCommand({
      S3BucketSource: { S3Bucket: TableName },
      InputFormat: 'DYNAMODB_JSON',
      InputCompressionType: 'GZIP',
      TableCreationParameters,
    }),
  );
  for (;;) {
    const { ImportTableDescription } = await aws.dynamodb.send(new DescribeImportCommand({ ImportArn }));
    const { ImportStatus, ImportedItemCount, FailureMessage } = ImportTableDescription ?? {};
    if (ImportStatus === 'COMPLETED' && ImportedItemCount === exports) return;
    if (ImportStatus !== 'IN_PROGRESS') throw new Error(`${ImportStatus}, ${ImportedItemCount}: ${FailureMessage}`);
    await sleep(POLL_MS);
  }
}
