import { type ExportFieldsFragment, NoSuchExportError, type OutportClient } from '../../client/index.ts';

/** An export that is there. @throws NoSuchExportError */
export async function existingExport(client: OutportClient, id: string): Promise<ExportFieldsFragment> {
  const found = await client.export(id);
  if (!found) throw new NoSuchExportError(id);
  return found;
}
