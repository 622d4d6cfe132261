import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type RecordsTable, TIME_TO_LIVE_ATTRIBUTE } from './table.ts';

/** A stretch of time in which requests are counted together. */
export interface CountWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/**
 * Counts one more request of a kind, such as those of one person, in a window, with one conditional update.
 * @returns false when there have been `max` already
 */
export async function countRequest(
  table: RecordsTable,
  ofWhat: string,
  { startSeconds, endSeconds }: CountWindow,
  max: number,
): Promise<boolean> {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { pk: `REQUEST_COUNT#${ofWhat}`, sk: `REQUEST_COUNT#${startSeconds}` },
        UpdateExpression: 'ADD #count :one SET #kind = :kind, #expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(#count) OR #count < :max',
        ExpressionAttributeNames: { '#count': 'count', '#kind': 'kind', '#expiresAt': TIME_TO_LIVE_ATTRIBUTE },
        ExpressionAttributeValues: { ':one': 1, ':kind': 'REQUEST_COUNT', ':expiresAt': endSeconds, ':max': max },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
