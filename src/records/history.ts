import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { isPartitionKey, type RecordsTable } from './table.ts';

/** Where an item stands in a history: `<ISO time>#<id>`, so that times sort and equal times still have an order. */
export type HistoryPosition = string;

export const historyPosition = (time: string, id: string): HistoryPosition => `${time}#${id}`;

/** A history is one partition of one of these: gsi2 has everything of a kind, the others what they are named for. */
export interface History {
  readonly index: 'gsi2' | 'gsi3' | 'gsi4' | 'gsi5' | 'gsi6';
  readonly partition: string;
}

/** What of a history to read, and how. */
export interface HistoryRange {
  /** Where the reader is; null: at the beginning. */
  readonly after: HistoryPosition | null;
  readonly order?: 'NEWEST_FIRST' | 'OLDEST_FIRST';
  /** ISO 8601, inclusive; null: from the oldest on. */
  readonly from?: string | null;
  /** ISO 8601, exclusive; null: up to the newest. */
  readonly before?: string | null;
  /** How many items the reader hopes to be done with. */
  readonly expected?: number;
}

const PAGE_ITEMS_MAX = 100;
/** Sort before and behind every time. */
const BEGINNING_OF_TIME = '0';
const END_OF_TIME = '~';

/**
 * The items of a history from just behind `after`. A page is read from DynamoDB only when the caller asks for its first
 * item, so what is not consumed is not paid for.
 */
export async function* readHistory(
  table: RecordsTable,
  { index, partition }: History,
  { after, order = 'NEWEST_FIRST', from, before, expected = PAGE_ITEMS_MAX }: HistoryRange,
): AsyncGenerator<Record<string, unknown>> {
  if (!isPartitionKey(partition)) return;
  const oldestFirst = order === 'OLDEST_FIRST';
  let startKey: Record<string, unknown> | undefined;
  let limit = Math.min(after === null ? expected : expected + 1, PAGE_ITEMS_MAX);
  do {
    const page = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        IndexName: index,
        // A position is its time and more, so it sorts behind its own time: `before` itself is left out.
        KeyConditionExpression: '#pk = :partition AND #sk BETWEEN :from AND :before',
        ExpressionAttributeNames: { '#pk': `${index}pk`, '#sk': `${index}sk` },
        ExpressionAttributeValues: {
          ':partition': partition,
          ':from': (oldestFirst ? after : null) ?? from ?? BEGINNING_OF_TIME,
          ':before': (oldestFirst ? null : after) ?? before ?? END_OF_TIME,
        },
        ScanIndexForward: oldestFirst,
        Limit: limit,
        ExclusiveStartKey: startKey,
      }),
    );
    // `after` is a bound of the range, and bounds are part of it.
    for (const item of page.Items ?? []) if (item[`${index}sk`] !== after) yield item;
    startKey = page.LastEvaluatedKey;
    limit = PAGE_ITEMS_MAX;
  } while (startKey);
}
