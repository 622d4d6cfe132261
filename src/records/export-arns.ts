import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { RecordsTable } from './table.ts';

const keyOf = (exportArn: string) => ({ pk: `EXPORT_ARN#${exportArn}`, sk: 'EXPORT_ARN' });

/** Remembers which export DynamoDB knows by an ARN: AWS's own records name nothing else. Idempotent. */
export async function rememberExportArn(table: RecordsTable, exportArn: string, exportId: string): Promise<void> {
  const Item = { ...keyOf(exportArn), kind: 'EXPORT_ARN', exportId };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

/** The id of the export with an ARN, or null when no export of ours has started under it. */
export async function readExportIdByArn(table: RecordsTable, exportArn: string): Promise<string | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keyOf(exportArn), ConsistentRead: true }),
  );
  return typeof Item?.exportId === 'string' ? Item.exportId : null;
}
