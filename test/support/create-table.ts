import {
  CreateTableCommand,
  type DynamoDBClient,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

const OFTEN = { maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.2 };

/** A table with a string partition key `pk`, ready for use. */
export async function createTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  await tableExists(client, TableName);
}

export async function tableExists(client: DynamoDBClient, TableName: string): Promise<void> {
  await waitUntilTableExists({ client, ...OFTEN }, { TableName });
}

/** Turns point-in-time recovery on or off. */
export async function setRecovery(client: DynamoDBClient, TableName: string, enabled: boolean): Promise<void> {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: enabled };
  await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
}
