import type { CompletedExport, Destination } from '../records/export-records.ts';
import type { AccountRegion } from '../records/ledger.ts';
import { exportRootOf, outputLayoutOf } from './output-layout.ts';
import { type TableArn, tableOf } from './table-arn.ts';

/** What IAM is to hold a session to, beside what its role allows. */
interface SessionPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: ReadonlyArray<{
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
  }>;
}

const TABLE_READS = ['dynamodb:DescribeTable', 'dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeExport'];
const OBJECT_WRITES = ['s3:PutObject', 's3:PutObjectAcl', 's3:AbortMultipartUpload'];

/**
 * For one export: this table, this bucket, and the folder of this prefix that DynamoDB writes to (facts §3.1). DynamoDB
 * writes with the session that asked (facts §4.2), so whatever a role could do elsewhere, this export cannot.
 */
export function exportSessionPolicy(
  table: TableArn,
  destination: Pick<Destination, 'bucket' | 'prefix' | 'encryption'>,
): string {
  const { bucket, encryption } = destination;
  const bucketArn = `arn:${table.partition}:s3:::${bucket}`;
  const policy: SessionPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['dynamodb:ExportTableToPointInTime', ...TABLE_READS],
        Resource: [table.arn, `${table.arn}/export/*`],
      },
      { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: bucketArn },
      {
        Effect: 'Allow',
        Action: [...OBJECT_WRITES, 's3:GetObject'],
        Resource: `${bucketArn}/${literally(exportRootOf(destination))}*`,
      },
      ...(encryption.algorithm === 'KMS'
        ? [
            {
              Effect: 'Allow' as const,
              Action: ['kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey'],
              Resource: keyArn(table.partition, encryption.kmsKeyId),
            },
          ]
        : []),
    ],
  };
  return JSON.stringify(policy);
}

/**
 * The key that a destination names. An alias is no resource of a policy, and the default key of a bucket has no name here:
 * which keys those may be is for the role and the key's own policy to say.
 */
function keyArn(partition: string, kmsKeyId: string | null): string {
  if (kmsKeyId === null || /(?:^|:)alias\//.test(kmsKeyId)) return '*';
  if (kmsKeyId.startsWith('arn:')) return kmsKeyId;
  // S3 knows in which account and Region to look for it. Ids are unique.
  return `arn:${partition}:kms:*:*:key/${kmsKeyId.replace(/^key\//, '')}`;
}

/** For whoever looks for a table to export: which there are in an account and Region, and what they are like. */
export function tablesSessionPolicy({ partition, account, region }: AccountRegion): string {
  const policy: SessionPolicy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['dynamodb:ListTables'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeTable', 'dynamodb:DescribeContinuousBackups'],
        Resource: `arn:${partition}:dynamodb:${region}:${account}:table/*`,
      },
    ],
  };
  return JSON.stringify(policy);
}

/**
 * For whoever reads what one export has written: its manifests and the folder of its data files, which incremental exports
 * of a prefix share. Links to download files are signed with this session, so they lead nowhere else. Without the right to
 * list, S3 would not tell a file that is missing from one that is closed.
 */
export function readSessionPolicy(record: CompletedExport): string {
  const { exportArn, exportManifest, destination } = record;
  const table = tableOf(record);
  const bucketArn = `arn:${table.partition}:s3:::${destination.bucket}`;
  const manifests = exportManifest.slice(0, exportManifest.lastIndexOf('/') + 1);
  const folders = [manifests, outputLayoutOf(record, exportArn).dataFolder];
  const policy: SessionPolicy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['dynamodb:DescribeTable'], Resource: table.arn },
      { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: bucketArn },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        Resource: folders.map((folder) => `${bucketArn}/${literally(folder)}*`),
      },
      ...decryptStatement(table.partition, destination),
    ],
  };
  return JSON.stringify(policy);
}

const decryptStatement = (partition: string, { encryption }: Pick<Destination, 'encryption'>) =>
  encryption.algorithm === 'KMS'
    ? [{ Effect: 'Allow' as const, Action: ['kms:Decrypt'], Resource: keyArn(partition, encryption.kmsKeyId) }]
    : [];

/** For Outport itself, which looks after what runs in an account: it reads, and can neither start nor write an export. */
export function watchSessionPolicy({ partition, account, region }: AccountRegion): string {
  const policy: SessionPolicy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: TABLE_READS, Resource: `arn:${partition}:dynamodb:${region}:${account}:table/*` },
      { Effect: 'Allow', Action: ['dynamodb:ListExports', 'cloudtrail:LookupEvents'], Resource: '*' },
      { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetObject'], Resource: `arn:${partition}:s3:::*` },
      { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: '*' },
    ],
  };
  return JSON.stringify(policy);
}

/** `*`, `?` and `$` are allowed in keys and mean something in policies: IAM has variables that stand for the characters. */
const literally = (text: string): string => text.replace(/[*?$]/g, (character) => `\${${character}}`);
