import path from 'node:path';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DataPlane, openDataPlane } from '../../../src/local/data-plane.ts';
import { readServiceDefinition } from '../../../src/local/host/service-definition.ts';
import { ensureTable, IncompatibleTableError } from '../../../src/local/host/tables.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const directory = temporaryDirectory();
const properties = readServiceDefinition('serverless.yml').tables.get('RecordsTable') ?? {};
let dataPlane: DataPlane;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  dataPlane = await openDataPlane({
    directory: directory.path,
    port: 0,
    workerFile: path.resolve('build/cli/export-worker.mjs'),
  });
  dynamodb = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: dataPlane.endpoint,
    credentials: { accessKeyId: '999999999999', secretAccessKey: 'outport' },
  });
});

afterAll(async () => {
  dynamodb.destroy();
  await dataPlane.close();
});

describe('ensureTable', () => {
  test('creates what serverless.yml declares, once', async () => {
    const created = await ensureTable(dynamodb, 'records', properties);
    const again = await ensureTable(dynamodb, 'records', properties);

    expect(again).toEqual(created);
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'records' }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: created.arn,
      LatestStreamArn: created.streamArn,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    });
    const indexes = Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort();
    expect(indexes).toEqual(['gsi1', 'gsi2', 'gsi3', 'gsi4', 'gsi5', 'gsi6']);
    const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: 'records' }));
    expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expiresAt' });
    const backups = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName: 'records' }));
    expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription).toMatchObject({
      PointInTimeRecoveryStatus: 'ENABLED',
    });
  });

  test('does not take a table of another shape for its own', async () => {
    const { GlobalSecondaryIndexes, ...withoutIndexes } = properties;
    const attributes = {
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    };
    await ensureTable(dynamodb, 'older', { ...withoutIndexes, ...attributes });

    await expect(ensureTable(dynamodb, 'older', properties)).rejects.toBeInstanceOf(IncompatibleTableError);
  });

  test('refuses a property that it would have to ignore', async () => {
    await expect(ensureTable(dynamodb, 'other', { ...properties, Tags: [] })).rejects.toThrow(
      "serverless.yml: other: the host does not know 'Tags'",
    );
  });
});
