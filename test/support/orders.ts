import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createTable, setRecovery } from './create-table.ts';

const ACCOUNT = { region: 'us-east-1', credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' } };
const BATCH = 25;

export const LAKE = 'lake';

export const ordersArn = (table = 'orders'): string => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;

/** What an Outport that runs as a process can export: the table `orders`, to the bucket `lake`. */
export async function createOrders(
  { awsEndpoint }: { readonly awsEndpoint: string },
  { table = 'orders', items = 3 } = {},
): Promise<{ readonly tableArn: string }> {
  const dynamodb = new DynamoDBClient({ ...ACCOUNT, endpoint: awsEndpoint });
  const s3 = new S3Client({ ...ACCOUNT, endpoint: awsEndpoint, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: LAKE }));
  await createTable(dynamodb, table);
  await setRecovery(dynamodb, table, true);
  const orders = Array.from({ length: items }, (_, index) => ({
    PutRequest: { Item: { pk: { S: `order-${index}` }, total: { N: String(index) } } },
  }));
  for (let written = 0; written < items; written += BATCH) {
    const RequestItems = { [table]: orders.slice(written, written + BATCH) };
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
  }
  s3.destroy();
  dynamodb.destroy();
  return { tableArn: ordersArn(table) };
}
