import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  type WriteRequest,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type Item, keyOf } from './cities.ts';

const ITEMS_PER_BATCH = 25; // BatchWriteItem's limit
const BATCHES_IN_FLIGHT = 8;

/** Creates the table with point-in-time recovery on, and returns its ARN. */
export async function createTable(dynamodb: DynamoDBClient, tableName: string): Promise<string> {
  const created = await dynamodb.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'country', AttributeType: 'S' },
        { AttributeName: 'id', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'country', KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 1 }, { TableName: tableName });
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: tableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  const tableArn = created.TableDescription?.TableArn;
  if (tableArn === undefined) throw new Error(`CreateTable of ${tableName} answered without a TableArn`);
  return tableArn;
}

/** Puts all items, `ITEMS_PER_BATCH` a request and `BATCHES_IN_FLIGHT` requests at a time. */
export async function putAll(
  dynamodb: DynamoDBClient,
  tableName: string,
  items: readonly Item[],
  onProgress: (written: number) => void,
): Promise<void> {
  await writeInBatches(
    dynamodb,
    tableName,
    items.map((item) => ({ PutRequest: { Item: item } })),
    onProgress,
  );
}

export async function deleteAll(dynamodb: DynamoDBClient, tableName: string, items: readonly Item[]): Promise<void> {
  await writeInBatches(
    dynamodb,
    tableName,
    items.map((item) => ({ DeleteRequest: { Key: keyOf(item) } })),
    () => {},
  );
}

/** Makes each city a little bigger, so that a state after T would be seen. */
export async function growAll(dynamodb: DynamoDBClient, tableName: string, items: readonly Item[]): Promise<void> {
  await inParallel(items, BATCHES_IN_FLIGHT, async (item) => {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: keyOf(item),
        UpdateExpression: 'SET population = population + :one, grown = :true',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':true': { BOOL: true } },
      }),
    );
  });
}

async function writeInBatches(
  dynamodb: DynamoDBClient,
  tableName: string,
  requests: readonly WriteRequest[],
  onProgress: (written: number) => void,
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(requests.length / ITEMS_PER_BATCH) }, (_, n) =>
    requests.slice(n * ITEMS_PER_BATCH, (n + 1) * ITEMS_PER_BATCH),
  );
  let written = 0;
  await inParallel(batches, BATCHES_IN_FLIGHT, async (batch) => {
    let rest = batch;
    while (rest.length > 0) {
      const { UnprocessedItems } = await dynamodb.send(
        new BatchWriteItemCommand({ RequestItems: { [tableName]: rest } }),
      );
      rest = UnprocessedItems?.[tableName] ?? [];
    }
    written += batch.length;
    onProgress(written);
  });
}

async function inParallel<T>(work: readonly T[], lanes: number, run: (piece: T) => Promise<void>): Promise<void> {
  const pieces = work.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const piece of pieces) await run(piece);
    }),
  );
}
