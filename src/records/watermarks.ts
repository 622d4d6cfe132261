import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AccountRegion } from './ledger.ts';
import type { RecordsTable } from './table.ts';

/**
 * What is read from AWS piece by piece: CloudTrail's events, once as soon as they are there and once when late ones have
 * come, and DynamoDB's list of exports.
 */
export type WatermarkSource = 'CLOUDTRAIL' | 'CLOUDTRAIL_SETTLED' | 'LIST_EXPORTS';

const keyOf = (source: WatermarkSource, { account, region }: AccountRegion) => ({
  pk: `WATERMARK#${source}#${account}#${region}`,
  sk: 'WATERMARK',
});

/** Up to when a source has been read completely (ISO 8601), or null when it never was. */
export async function readWatermark(
  table: RecordsTable,
  source: WatermarkSource,
  scope: AccountRegion,
): Promise<string | null> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: keyOf(source, scope) }));
  return typeof Item?.through === 'string' ? Item.through : null;
}

/** Moves a watermark forward. It never goes back, however overlapping readers finish. */
export async function raiseWatermark(
  table: RecordsTable,
  source: WatermarkSource,
  scope: AccountRegion,
  through: string,
): Promise<void> {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keyOf(source, scope),
        UpdateExpression: 'SET #through = :through, #kind = :kind',
        ConditionExpression: 'attribute_not_exists(#through) OR #through < :through',
        ExpressionAttributeNames: { '#through': 'through', '#kind': 'kind' },
        ExpressionAttributeValues: { ':through': through, ':kind': 'WATERMARK' },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
