import { type AuditEvent, auditPosition, readAuditEvents } from '../records/audit-records.ts';
import {
  type ExportRecord,
  type ExportStatus,
  exportPosition,
  type Requester,
  readExport,
  readExports,
} from '../records/export-records.ts';
import type { HistoryPosition } from '../records/history.ts';
import { type ListPage, readListPage } from './list-page.ts';
import type { Outport } from './outport.ts';
import { parseTableArn } from './table-arn.ts';

/** Whether a person may know that an export exists. */
export const mayView = ({ permit }: Outport, viewer: Requester, record: ExportRecord): boolean =>
  permit(viewer, { action: 'ViewExport', record }).allowed;

/** The export, or null when there is none or the viewer may not see it: the two cannot be told apart. */
export async function viewExport(outport: Outport, viewer: Requester, id: string): Promise<ExportRecord | null> {
  const record = await readExport(outport.table, id);
  return record && mayView(outport, viewer, record) ? record : null;
}

export interface ExportFilter {
  readonly tableArn: string | null;
  readonly status: ExportStatus | null;
}

/** The exports that fit a filter and that the viewer may see, newest first. */
export function listExports(
  outport: Outport,
  viewer: Requester,
  { tableArn, status }: ExportFilter,
  page: { readonly first: number; readonly after: HistoryPosition | null },
): Promise<ListPage<ExportRecord>> {
  const history = readExports(outport.table, { tableArn, after: page.after });
  return readListPage(history, exportPosition, page.first, (record) => {
    return (status === null || record.status === status) && mayView(outport, viewer, record);
  });
}

/** The audit events that the viewer may read, newest first. */
export function listAuditEvents(
  outport: Outport,
  viewer: Requester,
  { exportId }: { readonly exportId: string | null },
  page: { readonly first: number; readonly after: HistoryPosition | null },
): Promise<ListPage<AuditEvent>> {
  const history = readAuditEvents(outport.table, { exportId, after: page.after });
  return readListPage(history, auditPosition, page.first, ({ tableArn }) => {
    const table = tableArn === null ? null : parseTableArn(tableArn);
    return outport.permit(viewer, { action: 'ViewAudit', table }).allowed;
  });
}
