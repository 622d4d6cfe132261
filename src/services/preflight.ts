import { DescribeContinuousBackupsCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { STSServiceException } from '@aws-sdk/client-sts';
import type { AccountClients } from './accounts.ts';
import { classifyAwsError, httpStatusOf } from './aws-errors.ts';
import type { ExportRequest } from './export-request.ts';
import type { TableArn } from './table-arn.ts';
import { type UserError, userError } from './user-errors.ts';

/** Everything that is wrong with a request, or what the table weighs if nothing is. */
export type Preflight =
  | { readonly ok: true; readonly tableSizeBytes: number }
  | { readonly ok: false; readonly errors: readonly UserError[] };

/**
 * Asks AWS, before anything is created, for the reasons why the export would be refused at once or fail minutes later:
 * DynamoDB itself looks at neither the bucket nor its owner when it takes a request (facts §1.6).
 */
export async function preflight(clients: AccountClients, request: ExportRequest, now: Date): Promise<Preflight> {
  const [table, backups, bucket] = await Promise.all([
    checkTable(clients, request.table),
    checkRecoveryWindow(clients, request, now),
    checkBucket(clients, request),
  ]);
  // An account that cannot be entered, or a table that is missing, is found by more than one check.
  const errors = new Map([...table.errors, ...backups, ...bucket].map((error) => [error.code, error]));
  if (errors.size > 0) return { ok: false, errors: [...errors.values()] };
  return { ok: true, tableSizeBytes: table.tableSizeBytes };
}

const TABLE_FIELD = ['input', 'tableArn'];
const TIME_FIELD = ['input', 'exportTime'];
const BUCKET_FIELD = ['input', 'destination', 'bucket'];

async function checkTable({ dynamodb }: AccountClients, { arn, tableName }: TableArn) {
  try {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: tableName }));
    if (Table?.TableArn === arn) return { errors: [], tableSizeBytes: Table.TableSizeBytes ?? 0 };
    return { errors: [tableNotFound(arn)], tableSizeBytes: 0 };
  } catch (error) {
    return { errors: [explain(error, arn)], tableSizeBytes: 0 };
  }
}

async function checkRecoveryWindow(
  { dynamodb }: AccountClients,
  { table, exportTime }: ExportRequest,
  now: Date,
): Promise<UserError[]> {
  try {
    const { ContinuousBackupsDescription: backups } = await dynamodb.send(
      new DescribeContinuousBackupsCommand({ TableName: table.tableName }),
    );
    const recovery = backups?.PointInTimeRecoveryDescription;
    if (recovery?.PointInTimeRecoveryStatus !== 'ENABLED') {
      const message = `Point in time recovery is not enabled for table '${table.tableName}'`;
      return [userError('POINT_IN_TIME_RECOVERY_UNAVAILABLE', message, TABLE_FIELD)];
    }
    const inside = exportTime === null || isRestorable(new Date(exportTime), recovery.EarliestRestorableDateTime, now);
    return inside ? [] : [userError('INVALID_EXPORT_TIME', 'Export Time is invalid', TIME_FIELD)];
  } catch (error) {
    return [explain(error, table.arn)];
  }
}

/**
 * The last five minutes lie behind `LatestRestorableDateTime`, yet DynamoDB has exported from them (facts §1.6), so
 * what is neither too early nor in the future is left to DynamoDB.
 */
function isRestorable(exportTime: Date, earliest: Date | undefined, now: Date): boolean {
  return (earliest === undefined || exportTime >= earliest) && exportTime <= now;
}

async function checkBucket({ s3 }: AccountClients, { destination }: ExportRequest): Promise<UserError[]> {
  const { bucket, bucketOwner } = destination;
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: bucketOwner }));
    return [];
  } catch (error) {
    // HEAD answers have no body, so S3's own words are not in the error.
    const status = error instanceof STSServiceException ? null : httpStatusOf(error);
    if (status === 404) return [userError('S3_NO_SUCH_BUCKET', 'The specified bucket does not exist', BUCKET_FIELD)];
    if (status === 403) {
      const message = `Access Denied: the bucket is not account ${bucketOwner}'s, or its policy does not let Outport in`;
      return [userError('S3_ACCESS_DENIED', message, BUCKET_FIELD)];
    }
    return [explain(error, '')];
  }
}

const tableNotFound = (arn: string) => userError('TABLE_NOT_FOUND', `Table not found: ${arn}`, TABLE_FIELD);

function explain(error: unknown, tableArn: string): UserError {
  const failure = classifyAwsError(error);
  if (failure.kind === 'RETRYABLE') return userError('AWS_UNAVAILABLE', failure.message);
  return failure.error.code === 'TABLE_NOT_FOUND' ? tableNotFound(tableArn) : failure.error;
}
