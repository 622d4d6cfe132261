import {
  DescribeContinuousBackupsCommand,
  type DynamoDBClient,
  type PointInTimeRecoveryDescription,
} from '@aws-sdk/client-dynamodb';

/** What AWS says of a table's point-in-time recovery; null: it is off. */
export async function readRecovery(
  dynamodb: DynamoDBClient,
  tableName: string,
): Promise<PointInTimeRecoveryDescription | null> {
  const { ContinuousBackupsDescription: backups } = await dynamodb.send(
    new DescribeContinuousBackupsCommand({ TableName: tableName }),
  );
  const recovery = backups?.PointInTimeRecoveryDescription;
  return recovery?.PointInTimeRecoveryStatus === 'ENABLED' ? recovery : null;
}
