import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type RecordsTable, TIME_TO_LIVE_ATTRIBUTE } from './table.ts';

/** A stretch of time in which requests are counted together. */
export interface CountWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/**
 * Counts more requests of a kind, such as those of one person, in a window, with one conditional update.
 * @returns false, and counts none, when there would be more than `max`
 */
export async function countRequests(
  table: RecordsTable,
  ofWhat: string,
  { startSeconds, endSeconds }: CountWindow,
  max: number,
  more = 1,
): Promise<boolean> {
  if (more > max) return false;
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { pk: `REQUEST_COUNT#${ofWhat}`, sk: `REQUEST_COUNT#${startSeconds}` },
        UpdateExpression: 'ADD #count :more SET #kind = :kind, #expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(#count) OR #count <= :room',
        ExpressionAttributeNames: { '#count': 'count', '#kind': 'kind', '#expiresAt': TIME_TO_LIVE_ATTRIBUTE },
        ExpressionAttributeValues: {
          ':more': more,
          ':kind': 'REQUEST_COUNT',
          ':expiresAt': endSeconds,
          ':room': max - more,
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
