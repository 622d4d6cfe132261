import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTable, dynamoDbClient, startLocalDynamoDb } from './support/local-dynamodb.ts';

const DAY_MS = 24 * 3600_000;
const START = Date.parse('2026-11-01T10:00:00.600Z');

let nowMs: number;
let plane: Awaited<ReturnType<typeof startLocalDynamoDb>>;
let client: DynamoDBClient;
let arn: string;

beforeEach(async () => {
  nowMs = START;
  plane = await startLocalDynamoDb({ now: () => nowMs });
  client = dynamoDbClient(plane.endpoint);
  ({ arn } = await createTable(client, 'Backed'));
});

afterEach(async () => {
  client.destroy();
  await plane.close();
});

const describeRecovery = async (TableName = 'Backed') => {
  const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
  return ContinuousBackupsDescription;
};

const update = async (PointInTimeRecoveryEnabled: boolean, RecoveryPeriodInDays?: number) => {
  const { ContinuousBackupsDescription } = await client.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'Backed',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled, RecoveryPeriodInDays },
    }),
  );
  return ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
};

it('shows no dates and no period while recovery is off', async () => {
  expect(await describeRecovery()).toEqual({
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
  });
});

it('begins and ends its window at the second it is enabled, then lets the latest time trail by five minutes', async () => {
  const enabled = new Date('2026-11-01T10:00:00Z');
  const expected = {
    PointInTimeRecoveryStatus: 'ENABLED',
    RecoveryPeriodInDays: 35,
    EarliestRestorableDateTime: enabled,
    LatestRestorableDateTime: enabled,
  };
  expect(await update(true)).toEqual(expected);
  expect(await update(true)).toEqual(expected);
  nowMs += 299_000;
  expect((await describeRecovery(arn))?.PointInTimeRecoveryDescription).toEqual(expected);
  nowMs += 61_000;
  expect((await describeRecovery())?.PointInTimeRecoveryDescription).toEqual({
    ...expected,
    LatestRestorableDateTime: new Date('2026-11-01T10:01:00Z'),
  });
});

it('moves the earliest time with the period, and brings no history back', async () => {
  await update(true);
  await client.send(new PutItemCommand({ TableName: 'Backed', Item: { pk: { S: 'a' }, sk: { N: '1' } } }));
  nowMs += 10 * DAY_MS;
  expect((await update(true, 7))?.EarliestRestorableDateTime).toEqual(new Date('2026-11-04T10:00:00Z'));
  expect(await update(true, 30)).toMatchObject({
    RecoveryPeriodInDays: 30,
    EarliestRestorableDateTime: new Date('2026-11-04T10:00:00Z'),
  });
  nowMs += 60 * DAY_MS;
  expect((await describeRecovery())?.PointInTimeRecoveryDescription?.EarliestRestorableDateTime).toEqual(
    new Date(Date.parse('2026-11-01T10:00:00Z') + 40 * DAY_MS),
  );
});

it('forgets its history when it is disabled', async () => {
  await update(true, 3);
  nowMs += 3600_000;
  expect(await update(false)).toEqual({ PointInTimeRecoveryStatus: 'DISABLED' });
  expect(await update(true)).toMatchObject({
    RecoveryPeriodInDays: 35,
    EarliestRestorableDateTime: new Date('2026-11-01T11:00:00Z'),
  });
});

it('stays on over a restart', async () => {
  const directory = `${plane.directory}/restarted`;
  const first = await startLocalDynamoDb({ directory, now: () => nowMs });
  const before = dynamoDbClient(first.endpoint);
  await createTable(before, 'Backed');
  const enabled = await before.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'Backed',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  before.destroy();
  await first.close();
  const second = await startLocalDynamoDb({ directory, now: () => nowMs });
  const after = dynamoDbClient(second.endpoint);
  const described = await after.send(new DescribeContinuousBackupsCommand({ TableName: 'Backed' }));
  expect(described.ContinuousBackupsDescription).toEqual(enabled.ContinuousBackupsDescription);
  after.destroy();
  await second.close();
});

it('refuses a missing table, a period with disabling, and one out of range', async () => {
  await client.send(new DeleteTableCommand({ TableName: 'Backed' }));
  await expect(describeRecovery()).rejects.toMatchObject({
    name: 'TableNotFoundException',
    message: 'Table not found: Backed',
  });
  await expect(update(false, 7)).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(update(true, 36)).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value '36' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy constraint: Member must have value less than or equal to 35",
  });
});
