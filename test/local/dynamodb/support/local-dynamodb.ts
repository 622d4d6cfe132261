import path from 'node:path';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type DynamoDbService, openDynamoDb } from '../../../../src/local/dynamodb/index.ts';
import { openS3 } from '../../../../src/local/s3/index.ts';
import { startDataPlane } from '../../../support/data-plane.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-north-1';

export interface LocalDynamoDbOptions {
  readonly directory?: string;
  readonly now?: () => number;
  readonly maintenanceIntervalMs?: number;
  /** The engine's worker; those of imports and filters lie beside it. */
  readonly workerFile?: string;
}

/** DynamoDB and S3 behind a real endpoint in the test's own process. */
export async function startLocalDynamoDb(options: LocalDynamoDbOptions = {}) {
  let service: DynamoDbService | undefined;
  const plane = await startDataPlane({
    ...options,
    services: async ({ database, directory, now }) => {
      const s3 = await openS3({ database, directory: path.join(directory, 's3'), now });
      service = await openDynamoDb({
        database,
        directory: path.join(directory, 'dynamodb'),
        objects: s3.objects,
        workerFile: options.workerFile ?? path.resolve('build/cli/export-worker.mjs'),
        now,
        maintenanceIntervalMs: options.maintenanceIntervalMs,
      });
      return { dynamodb: service, s3 };
    },
  });
  if (!service) throw new Error('The data plane did not start DynamoDB.');
  return { ...plane, streams: service.streams };
}

export interface Client {
  readonly accountId?: string;
  readonly region?: string;
}

const clientOptions = (endpoint: string, { accountId = ACCOUNT, region = REGION }: Client) => ({
  endpoint,
  region,
  credentials: { accessKeyId: accountId, secretAccessKey: 'secret' },
  maxAttempts: 1,
});

export const dynamoDbClient = (endpoint: string, client: Client = {}): DynamoDBClient =>
  new DynamoDBClient(clientOptions(endpoint, client));

export const s3Client = (endpoint: string, client: Client = {}): S3Client =>
  new S3Client({ ...clientOptions(endpoint, client), forcePathStyle: true });

/** Both services with a bucket, and a client of each; `close` ends all of them. */
export async function startWithBucket(Bucket: string, options: LocalDynamoDbOptions = {}) {
  const plane = await startLocalDynamoDb(options);
  const client = dynamoDbClient(plane.endpoint);
  const s3 = s3Client(plane.endpoint);
  await s3.send(new CreateBucketCommand({ Bucket }));
  return {
    plane,
    client,
    s3,
    async close() {
      client.destroy();
      s3.destroy();
      await plane.close();
    },
  };
}

/** A string partition key `pk` and a number sort key `sk`. */
export const COMPOSITE_KEY = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
} satisfies Partial<CreateTableCommandInput>;

/** A table with a composite key, unless `settings` say otherwise. */
export async function createTable(
  client: DynamoDBClient,
  TableName: string,
  settings: Partial<CreateTableCommandInput> = {},
): Promise<{ arn: string; id: string }> {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      ...COMPOSITE_KEY,
      ...settings,
    }),
  );
  const { TableArn: arn, TableId: id } = TableDescription ?? {};
  if (!arn || !id) throw new Error(`Table ${TableName} was not created.`);
  return { arn, id };
}

export async function enableRecovery(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
}
