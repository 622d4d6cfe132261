import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

type Item = Record<string, AttributeValue>;

export const BUCKET = 'lake';

const ITEMS_PER_BATCH = 25;

const arnOf = (name: string): string => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;

export const ORDERS = arnOf('orders');
export const CUSTOMERS = arnOf('customers');

/** A shop's tables, and a bucket to export them to. */
export async function openShop(awsEndpoint: string, orders = 200): Promise<void> {
  await withAws(awsEndpoint, async (dynamodb, s3) => {
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await createTable(dynamodb, 'customers', ['customerId'], true);
    await createTable(dynamodb, 'orders', ['customerId', 'orderedAt'], true);
    await createTable(dynamodb, 'sessions', ['sessionId'], false);
    await putAll(
      dynamodb,
      'customers',
      Array.from({ length: Math.ceil(orders / 4) }, (_, number) => customer(number)),
    );
    await putAll(
      dynamodb,
      'orders',
      Array.from({ length: orders }, (_, number) => order(number)),
    );
  });
}

/** Orders that come later. */
export const takeOrders = (awsEndpoint: string, from: number, to: number): Promise<void> =>
  withAws(awsEndpoint, (dynamodb) =>
    putAll(
      dynamodb,
      'orders',
      Array.from({ length: to - from }, (_, number) => order(from + number)),
    ),
  );

async function withAws(endpoint: string, act: (dynamodb: DynamoDBClient, s3: S3Client) => Promise<void>) {
  const credentials = { accessKeyId: '000000000000', secretAccessKey: 'outport' };
  const dynamodb = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  try {
    await act(dynamodb, s3);
  } finally {
    dynamodb.destroy();
    s3.destroy();
  }
}

async function createTable(dynamodb: DynamoDBClient, TableName: string, key: string[], recovery: boolean) {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: key.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: key.map((AttributeName, place) => ({ AttributeName, KeyType: place === 0 ? 'HASH' : 'RANGE' })),
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 1 }, { TableName });
  if (!recovery) return;
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
}

async function putAll(dynamodb: DynamoDBClient, table: string, items: readonly Item[]) {
  for (let begin = 0; begin < items.length; begin += ITEMS_PER_BATCH) {
    const batch = items.slice(begin, begin + ITEMS_PER_BATCH);
    await dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: batch.map((Item) => ({ PutRequest: { Item } })) } }),
    );
  }
}

const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gita', 'Hugo'];
const CITIES = ['Lisbon', 'Oslo', 'Vienna', 'Porto', 'Lyon'];
const GOODS = ['lamp', 'chair', 'kettle', 'rug', 'clock', 'shelf', 'vase'];
const STATES = ['OPEN', 'PAID', 'SHIPPED', 'SHIPPED', 'RETURNED'];

const pick = (list: readonly string[], number: number): string => list[number % list.length] ?? '';

const customerIdOf = (number: number): string => `c-${String(number % 50).padStart(4, '0')}`;

const customer = (number: number): Item => ({
  customerId: { S: `c-${String(number).padStart(4, '0')}` },
  name: { S: pick(NAMES, number) },
  address: { M: { city: { S: pick(CITIES, number) }, zip: { S: String(10_000 + number * 7) } } },
  newsletter: { BOOL: number % 3 === 0 },
});

const order = (number: number): Item => ({
  customerId: { S: customerIdOf(number * 7) },
  orderedAt: { S: new Date(Date.UTC(2026, 9, 1) + number * 3_600_000).toISOString() },
  total: { N: (((number * 37) % 400) + 9.5).toFixed(2) },
  state: { S: pick(STATES, number) },
  goods: { L: [{ S: pick(GOODS, number) }, { S: pick(GOODS, number * 3 + 1) }] },
  ...(number % 4 === 0 && { coupon: { S: `SAVE${number % 30}` } }),
  ...(number % 9 === 0 && { tags: { SS: ['gift', 'express'] } }),
});
