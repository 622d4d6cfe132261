import { createServer } from 'node:http';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataFolderInUseError, openDataPlane } from '../../../src/local/data-plane.ts';
import { startDataPlane, type TestDataPlane } from '../../support/data-plane.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const folder = temporaryDirectory();
let run = 0;
let directory: string;
let plane: TestDataPlane;

beforeEach(async () => {
  run += 1;
  directory = `${folder.path}/${run}`;
  plane = await startDataPlane({ directory, verifySignatures: true });
});
afterEach(() => plane.close());

const settings = (credentials = { accessKeyId: '111122223333', secretAccessKey: 'outport' }) => ({
  endpoint: plane.endpoint,
  region: 'us-east-1',
  credentials,
  forcePathStyle: true,
});

test('the operator sees what the backups of each table take', async () => {
  const page = `${plane.endpoint}/_outport/backups`;
  expect(await (await fetch(page)).json()).toEqual([]);
  const dynamodb = new DynamoDBClient(settings());
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: 'kept',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'kept',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );

  const response = await fetch(page);

  expect(response.headers.get('content-type')).toBe('application/json');
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const sizeBytes = expect.any(Number);
  expect(await response.json()).toEqual([
    {
      tableArn: TableDescription?.TableArn,
      earliestRestorableTime: time,
      latestRestorableTime: time,
      bases: [{ time, sizeBytes }],
      logBytes: 0,
      sizeBytes,
    },
  ]);
});

test('tables, objects, sessions and the record of every call survive a restart', async () => {
  const dynamodb = new DynamoDBClient(settings());
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'cities',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
  await waitUntilTableExists(
    { client: dynamodb, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.05 },
    { TableName: 'cities' },
  );
  await dynamodb.send(
    new PutItemCommand({ TableName: 'cities', Item: { id: { S: '1' }, name: { S: 'a secret place' } } }),
  );
  const s3 = new S3Client(settings());
  await s3.send(new CreateBucketCommand({ Bucket: 'exports' }));
  await s3.send(new PutObjectCommand({ Bucket: 'exports', Key: "a b/ü+(1)'.txt", Body: 'content' }));
  const { Credentials } = await new STSClient(settings()).send(
    new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/reader', RoleSessionName: 'later' }),
  );

  await plane.close();
  plane = await startDataPlane({ directory, verifySignatures: true });

  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  const session = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const { Arn } = await new STSClient(settings(session)).send(new GetCallerIdentityCommand());
  const item = await new DynamoDBClient(settings(session)).send(
    new GetItemCommand({ TableName: 'cities', Key: { id: { S: '1' } } }),
  );
  const object = await new S3Client(settings(session)).send(
    new GetObjectCommand({ Bucket: 'exports', Key: "a b/ü+(1)'.txt" }),
  );
  expect(Arn).toBe('arn:aws:sts::111122223333:assumed-role/reader/later');
  expect(item.Item?.name?.S).toBe('a secret place');
  expect(await object.Body?.transformToString()).toBe('content');

  const cloudtrail = new CloudTrailClient(settings());
  const recorded = async (AttributeValue: string) => {
    const { Events = [] } = await cloudtrail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue }] }),
    );
    return Events.map(({ CloudTrailEvent = '' }) => CloudTrailEvent);
  };
  const events = ['CreateTable', 'PutItem', 'CreateBucket', 'PutObject', 'AssumeRole', 'GetItem', 'GetObject'];
  for (const eventName of events) {
    const texts = await recorded(eventName);
    expect.soft(texts, eventName).toHaveLength(1);
    for (const secret of ['a secret place', SecretAccessKey, SessionToken]) {
      expect.soft(texts.join(), eventName).not.toContain(secret);
    }
  }
});

describe('starting', () => {
  const start = (port = 0) => openDataPlane({ directory, port, workerFile: 'never started' });

  test('a second time on the same folder is refused, and the first goes on', async () => {
    await expect(start()).rejects.toThrow(DataFolderInUseError);
    await expect(start()).rejects.toThrow(
      `Another Outport is running on the data folder ${directory}. Stop it first, or choose another folder with --data.`,
    );
    await expect(new STSClient(settings()).send(new GetCallerIdentityCommand())).resolves.toBeDefined();
  });

  test('on a port that is taken leaves the folder free', async () => {
    await plane.close();
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve(Number(Object(other.address()).port)));
    });
    await expect(start(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => other.close(resolve));
    plane = await startDataPlane({ directory });
  });
});
