import {
  BatchWriteItemCommand,
  DeleteTableCommand,
  DescribeEndpointsCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, createTable, dynamoDbClient, startLocalDynamoDb } from './support/local-dynamodb.ts';
import { until } from './support/until.ts';

let plane: Awaited<ReturnType<typeof startLocalDynamoDb>>;
let client: DynamoDBClient;

beforeAll(async () => {
  plane = await startLocalDynamoDb();
  client = dynamoDbClient(plane.endpoint);
});

afterAll(async () => {
  client.destroy();
  await plane.close();
});

const describeTable = async (TableName: string) =>
  (await client.send(new DescribeTableCommand({ TableName }))).Table ?? {};
const put = (TableName: string, pk: string, sk = 1, more = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { N: String(sk) }, ...more } }));

it('creates a table that the waiters of the SDK find, and deletes it', async () => {
  const { arn, id } = await createTable(client, 'Born', { Tags: [{ Key: 'team', Value: 'data' }] });
  await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName: 'Born' });
  expect(await describeTable('Born')).toMatchObject({
    TableStatus: 'ACTIVE',
    TableArn: `arn:aws:dynamodb:eu-north-1:${ACCOUNT}:table/Born`,
    ItemCount: 0,
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    DeletionProtectionEnabled: false,
  });
  expect(arn).toContain(':table/Born');
  await expect(createTable(client, 'Born')).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: 'Table already exists: Born',
  });
  await put('Born', 'a');
  const { TableDescription } = await client.send(new DeleteTableCommand({ TableName: 'Born' }));
  expect(TableDescription?.TableStatus).toBe('DELETING');
  await waitUntilTableNotExists({ client, maxWaitTime: 30 }, { TableName: 'Born' });
  const again = await createTable(client, 'Born');
  expect(again.id).not.toBe(id);
  const { Item } = await client.send(
    new GetItemCommand({ TableName: 'Born', Key: { pk: { S: 'a' }, sk: { N: '1' } } }),
  );
  expect(Item).toBeUndefined();
});

it('leaves no row of a deleted table behind', async () => {
  const short = await startLocalDynamoDb({ maintenanceIntervalMs: 20 });
  const owner = dynamoDbClient(short.endpoint);
  const { id } = await createTable(owner, 'Shortlived', {
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  });
  for (const n of [1, 2, 3]) {
    const Item = { pk: { S: 'a' }, sk: { N: String(n) } };
    await owner.send(new PutItemCommand({ TableName: 'Shortlived', Item }));
  }
  const rows = async () => (await short.database.keys().all()).filter((row) => row.includes(id)).length;
  expect(await rows()).toBeGreaterThan(6);
  await owner.send(new DeleteTableCommand({ TableName: 'Shortlived' }));
  await until(async () => (await rows()) === 0);
  owner.destroy();
  await short.close();
});

it('keeps the tables of accounts and Regions apart', async () => {
  const elsewhere = [{ accountId: '999988887777' }, { region: 'us-west-2' }].map((where) =>
    dynamoDbClient(plane.endpoint, where),
  );
  await createTable(client, 'Apart');
  await put('Apart', 'mine');
  for (const other of elsewhere) {
    const { arn } = await createTable(other, 'Apart');
    expect(arn).not.toContain(`eu-north-1:${ACCOUNT}`);
    const { TableNames } = await other.send(new ListTablesCommand({}));
    expect(TableNames).toEqual(['Apart']);
    const { Table } = await other.send(new DescribeTableCommand({ TableName: 'Apart' }));
    expect(Table?.ItemCount).toBe(0);
    other.destroy();
  }
});

it('lists tables page by page in the order of their names', async () => {
  const lister = dynamoDbClient(plane.endpoint, { accountId: '123456789012' });
  for (const name of ['ccc', 'aaa', 'bbb']) await createTable(lister, name);
  const first = await lister.send(new ListTablesCommand({ Limit: 2 }));
  expect(first).toMatchObject({ TableNames: ['aaa', 'bbb'], LastEvaluatedTableName: 'bbb' });
  const rest = await lister.send(new ListTablesCommand({ ExclusiveStartTableName: 'bbb' }));
  expect(rest.TableNames).toEqual(['ccc']);
  expect(rest.LastEvaluatedTableName).toBeUndefined();
  lister.destroy();
});

it('does not delete a protected table', async () => {
  await createTable(client, 'Protected', { DeletionProtectionEnabled: true });
  await expect(client.send(new DeleteTableCommand({ TableName: 'Protected' }))).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  });
  await client.send(new UpdateTableCommand({ TableName: 'Protected', DeletionProtectionEnabled: false }));
  await client.send(new DeleteTableCommand({ TableName: 'Protected' }));
  await expect(describeTable('Protected')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Requested resource not found: Table: Protected not found',
  });
});

it('changes the billing mode and capacity', async () => {
  await createTable(client, 'Billing');
  const provision = (units: number) =>
    client.send(
      new UpdateTableCommand({
        TableName: 'Billing',
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: { ReadCapacityUnits: units, WriteCapacityUnits: units },
      }),
    );
  expect((await provision(5)).TableDescription?.TableStatus).toBe('UPDATING');
  expect(await describeTable('Billing')).toMatchObject({
    BillingModeSummary: { BillingMode: 'PROVISIONED' },
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
  });
  await expect(provision(5)).rejects.toMatchObject({
    message: expect.stringContaining('The provisioned throughput for the table will not change'),
  });
  await client.send(new UpdateTableCommand({ TableName: 'Billing', BillingMode: 'PAY_PER_REQUEST' }));
  expect(await describeTable('Billing')).toMatchObject({
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
  });
});

it('turns a stream on and off', async () => {
  await createTable(client, 'Streamed');
  const update = (StreamSpecification: { StreamEnabled: boolean; StreamViewType?: 'KEYS_ONLY' }) =>
    client.send(new UpdateTableCommand({ TableName: 'Streamed', StreamSpecification }));
  await update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
  const { StreamSpecification, LatestStreamArn, LatestStreamLabel } = await describeTable('Streamed');
  expect(StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
  expect(LatestStreamArn).toBe(`arn:aws:dynamodb:eu-north-1:${ACCOUNT}:table/Streamed/stream/${LatestStreamLabel}`);
  await expect(update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' })).rejects.toMatchObject({
    message: 'Table already has an enabled stream: TableName: Streamed',
  });
  await update({ StreamEnabled: false });
  const off = await describeTable('Streamed');
  expect(off.StreamSpecification).toBeUndefined();
  expect(off.LatestStreamArn).toBe(LatestStreamArn);
});

it('tags tables', async () => {
  const { arn } = await createTable(client, 'Tagged', { Tags: [{ Key: 'team', Value: 'data' }] });
  await client.send(new TagResourceCommand({ ResourceArn: arn, Tags: [{ Key: 'stage', Value: '' }] }));
  await client.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: ['team', 'unknown'] }));
  const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: arn }));
  expect(Tags).toEqual([{ Key: 'stage', Value: '' }]);
  await expect(
    client.send(new ListTagsOfResourceCommand({ ResourceArn: arn.replace('Tagged', 'Untagged') })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

it('answers the limits of an account and its own endpoint', async () => {
  expect(await client.send(new DescribeLimitsCommand({}))).toMatchObject({ TableMaxReadCapacityUnits: 40_000 });
  const { Endpoints } = await client.send(new DescribeEndpointsCommand({}));
  expect(Endpoints?.[0]?.Address).toBe(new URL(plane.endpoint).host);
});

describe('a global index that comes later', () => {
  const count = 1200;
  const byKind = (kind: string) => ({
    TableName: 'Growing',
    IndexName: 'ByKind',
    KeyConditionExpression: 'kind = :kind',
    ExpressionAttributeValues: { ':kind': { S: kind } },
  });

  async function keysIn(kind: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, byKind(kind))) {
      keys.push(...Items.map(({ pk }) => pk?.S ?? ''));
    }
    return keys.sort();
  }

  beforeAll(async () => {
    await createTable(client, 'Growing', {
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    });
    for (let start = 0; start < count; start += 25) {
      const writes = Array.from({ length: 25 }, (_, n) => ({
        PutRequest: { Item: { pk: { S: `item${start + n}` }, kind: { S: 'old' } } },
      }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { Growing: writes } }));
    }
  });

  it('holds what lay in the table and what is written while it is filled', async () => {
    await client.send(
      new UpdateTableCommand({
        TableName: 'Growing',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'kind', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'ByKind',
              KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          },
        ],
      }),
    );
    const changed = Array.from({ length: 40 }, (_, n) => `item${n * 30}`);
    await Promise.all(
      changed.map((pk) =>
        client.send(new PutItemCommand({ TableName: 'Growing', Item: { pk: { S: pk }, kind: { S: 'new' } } })),
      ),
    );
    await until(async () => {
      const [index] = (await describeTable('Growing')).GlobalSecondaryIndexes ?? [];
      return index?.IndexStatus === 'ACTIVE' && index.ItemCount === count;
    });
    expect(await keysIn('new')).toEqual([...changed].sort());
    expect(await keysIn('old')).toHaveLength(count - changed.length);
  });

  it('is gone when it is deleted', async () => {
    await client.send(
      new UpdateTableCommand({
        TableName: 'Growing',
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'ByKind' } }],
      }),
    );
    const { GlobalSecondaryIndexes, AttributeDefinitions } = await describeTable('Growing');
    expect(GlobalSecondaryIndexes).toBeUndefined();
    expect(AttributeDefinitions).toEqual([{ AttributeName: 'pk', AttributeType: 'S' }]);
    await expect(client.send(new QueryCommand(byKind('old')))).rejects.toMatchObject({
      message: 'The table does not have the specified index: ByKind',
    });
  });
});

describe('time to live', () => {
  it('is switched on and off once each', async () => {
    await createTable(client, 'Expiring');
    const update = (Enabled: boolean, AttributeName = 'expires') =>
      client.send(
        new UpdateTimeToLiveCommand({ TableName: 'Expiring', TimeToLiveSpecification: { Enabled, AttributeName } }),
      );
    await update(true);
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: 'Expiring' }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
    await expect(update(true)).rejects.toMatchObject({ message: 'TimeToLive is already enabled' });
    await expect(update(false, 'other')).rejects.toMatchObject({
      message: 'TimeToLive is active on a different AttributeName: current AttributeName is expires',
    });
    await update(false);
    await expect(update(false)).rejects.toMatchObject({ message: 'TimeToLive is already disabled' });
  });

  it('deletes items whose time has come, and says in the stream who did it', async () => {
    let nowMs = Date.parse('2026-11-01T00:00:00Z');
    const short = await startLocalDynamoDb({ now: () => nowMs, maintenanceIntervalMs: 20 });
    const sweeper = dynamoDbClient(short.endpoint);
    await createTable(sweeper, 'Expiring', {
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
    });
    await sweeper.send(
      new UpdateTimeToLiveCommand({
        TableName: 'Expiring',
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
      }),
    );
    const items = { soon: nowMs / 1000 + 60, later: nowMs / 1000 + 7200, never: undefined, milliseconds: nowMs + 60 };
    for (const [pk, expires] of Object.entries(items)) {
      const Item = { pk: { S: pk }, sk: { N: '1' }, ...(expires && { expires: { N: String(expires) } }) };
      await sweeper.send(new PutItemCommand({ TableName: 'Expiring', Item }));
    }
    nowMs += 120_000;
    const { Table } = await sweeper.send(new DescribeTableCommand({ TableName: 'Expiring' }));
    const removals = await until(async () => {
      const { records } = await short.streams.read(Table?.LatestStreamArn ?? '', '', 100);
      const found = records.filter(({ eventName }) => eventName === 'REMOVE');
      return found.length > 0 && found;
    });
    expect(removals).toMatchObject([
      {
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
        dynamodb: { Keys: { pk: { S: 'soon' } }, OldImage: { pk: { S: 'soon' } } },
      },
    ]);
    const left = await sweeper.send(new DescribeTableCommand({ TableName: 'Expiring' }));
    expect(left.Table?.ItemCount).toBe(3);
    sweeper.destroy();
    await short.close();
  });
});

it('goes on to fill an index after a restart', async () => {
  const directory = `${plane.directory}/refilled`;
  const first = await startLocalDynamoDb({ directory });
  const before = dynamoDbClient(first.endpoint);
  await createTable(before, 'Refilled');
  for (let n = 0; n < 600; n += 25) {
    const writes = Array.from({ length: 25 }, (_, i) => ({
      PutRequest: { Item: { pk: { S: `a${n + i}` }, sk: { N: '1' }, kind: { S: 'x' } } },
    }));
    await before.send(new BatchWriteItemCommand({ RequestItems: { Refilled: writes } }));
  }
  await before.send(
    new UpdateTableCommand({
      TableName: 'Refilled',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
        { AttributeName: 'kind', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'ByKind',
            KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        },
      ],
    }),
  );
  before.destroy();
  await first.close();

  const second = await startLocalDynamoDb({ directory });
  const after = dynamoDbClient(second.endpoint);
  const index = await until(async () => {
    const { Table } = await after.send(new DescribeTableCommand({ TableName: 'Refilled' }));
    const [found] = Table?.GlobalSecondaryIndexes ?? [];
    return found?.IndexStatus === 'ACTIVE' && found;
  });
  expect(index.ItemCount).toBe(600);
  after.destroy();
  await second.close();
});

it('keeps tables, items, indexes and totals over a restart', async () => {
  const directory = `${plane.directory}/restarted`;
  const first = await startLocalDynamoDb({ directory });
  const before = dynamoDbClient(first.endpoint);
  await createTable(before, 'Lasting');
  await before.send(new PutItemCommand({ TableName: 'Lasting', Item: { pk: { S: 'a' }, sk: { N: '1' } } }));
  const { Table } = await before.send(new DescribeTableCommand({ TableName: 'Lasting' }));
  before.destroy();
  await first.close();

  const second = await startLocalDynamoDb({ directory });
  const after = dynamoDbClient(second.endpoint);
  expect((await after.send(new DescribeTableCommand({ TableName: 'Lasting' }))).Table).toEqual(Table);
  const { Item } = await after.send(
    new GetItemCommand({ TableName: 'Lasting', Key: { pk: { S: 'a' }, sk: { N: '1' } } }),
  );
  expect(Item).toEqual({ pk: { S: 'a' }, sk: { N: '1' } });
  after.destroy();
  await second.close();
});
