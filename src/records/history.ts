import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { RecordKind, RecordsTable } from './table.ts';

/** Where an item stands in a history: `<ISO time>#<id>`, so that times sort and equal times still have an order. */
export type HistoryPosition = string;

export const historyPosition = (time: string, id: string): HistoryPosition => `${time}#${id}`;

/** A history is one partition of gsi2 (everything of a kind) or gsi3 (everything of one subject). */
export interface History {
  readonly index: 'gsi2' | 'gsi3';
  readonly partition: string;
  readonly kind: Extract<RecordKind, 'EXPORT' | 'AUDIT_EVENT'>;
}

const PAGE_ITEMS = 100;

/**
 * The items of a history, newest first, from just behind `after`. A page is read from DynamoDB only when the caller
 * asks for its first item, so what is not consumed is not paid for.
 */
export async function* readHistory(
  table: RecordsTable,
  { index, partition, kind }: History,
  after: HistoryPosition | null,
): AsyncGenerator<Record<string, unknown>> {
  let startKey: Record<string, unknown> | undefined = after === null ? undefined : keyAt(after);
  do {
    const page = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        IndexName: index,
        KeyConditionExpression: '#pk = :partition',
        ExpressionAttributeNames: { '#pk': `${index}pk` },
        ExpressionAttributeValues: { ':partition': partition },
        ScanIndexForward: false,
        Limit: PAGE_ITEMS,
        ExclusiveStartKey: startKey,
      }),
    );
    yield* page.Items ?? [];
    startKey = page.LastEvaluatedKey;
  } while (startKey);

  function keyAt(position: HistoryPosition) {
    const id = position.slice(position.indexOf('#') + 1);
    return { pk: `${kind}#${id}`, sk: kind, [`${index}pk`]: partition, [`${index}sk`]: position };
  }
}
