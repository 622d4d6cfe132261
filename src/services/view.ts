import { type ExportRecord, type Requester, readExport } from '../records/export-records.ts';
import type { Outport } from './outport.ts';

/** Whether a person may know that an export exists. */
export const mayView = ({ permit }: Pick<Outport, 'permit'>, viewer: Requester, record: ExportRecord): boolean =>
  permit(viewer, { action: 'ViewExport', record }).allowed;

/** The export, or null when there is none or the viewer may not see it: the two cannot be told apart. */
export async function viewExport(outport: Outport, viewer: Requester, id: string): Promise<ExportRecord | null> {
  const record = await readExport(outport.table, id);
  return record && mayView(outport, viewer, record) ? record : null;
}
