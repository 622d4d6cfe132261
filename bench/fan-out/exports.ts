import {
  CreateTableCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type Addresses, graphql, mintToken } from '../../demo/outport.ts';

const BUCKET = 'lake';
const TABLE = 'orders';

/** Creates a table and a bucket to export to. */
export async function prepareTable(endpoint: string): Promise<void> {
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' },
  };
  const s3 = new S3Client(settings);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  s3.destroy();
  const dynamodb = new DynamoDBClient(settings);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 10, minDelay: 0.1 }, { TableName: TABLE });
  const recovery = { PointInTimeRecoveryEnabled: true };
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({ TableName: TABLE, PointInTimeRecoverySpecification: recovery }),
  );
  dynamodb.destroy();
}

/** Asks for an export as a team without room, so that it waits, and returns its id. */
export async function queueExport(addresses: Addresses, clientToken: string): Promise<string> {
  const input = {
    tableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${TABLE}`,
    destination: { bucket: BUCKET },
    clientToken,
  };
  const { exportTable } = await asWaitingTeam<{ exportTable: { export: { id: string } } }>(
    addresses,
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } } }',
    { input },
  );
  return exportTable.export.id;
}

export async function cancel(addresses: Addresses, id: string): Promise<void> {
  await asWaitingTeam(
    addresses,
    'mutation ($input: CancelExportInput!) { cancelExport(input: $input) { export { id } } }',
    { input: { id } },
  );
}

async function asWaitingTeam<Data>(
  addresses: Addresses,
  query: string,
  variables: Record<string, unknown>,
): Promise<Data> {
  const token = await mintToken(addresses, { subject: 'ana', name: 'Ana', teams: ['waiting', 'platform'] });
  return graphql<Data>({ ...addresses, token }, query, variables);
}
