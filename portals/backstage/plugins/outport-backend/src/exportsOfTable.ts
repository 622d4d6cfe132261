import { type ExportFieldsFragment, NoSuchExportError, type OutportClient } from 'outport/client';

/** How many exports of a table are listed. */
const LISTED_MAX = 50;

/** The newest exports of a table. */
export async function newestExports(outport: OutportClient, tableArn: string): Promise<ExportFieldsFragment[]> {
  const newest: ExportFieldsFragment[] = [];
  for await (const each of outport.exports({ tableArn }, { pageSize: LISTED_MAX })) {
    newest.push(each);
    if (newest.length === LISTED_MAX) break;
  }
  return newest;
}

/** An export of this table. @throws NoSuchExportError, also for one of another table */
export async function exportOfTable(
  outport: OutportClient,
  tableArn: string,
  id: string,
): Promise<ExportFieldsFragment> {
  const found = await outport.export(id);
  if (found?.tableArn !== tableArn) throw new NoSuchExportError(id);
  return found;
}
