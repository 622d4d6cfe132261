import {
  type ExportRecord,
  type ExportStatus,
  type ExportsOf,
  exportPosition,
  type Requester,
  readExports,
} from '../records/export-records.ts';
import type { HistoryPosition, HistoryRange } from '../records/history.ts';
import { type ListPage, readListPage } from './list-page.ts';
import type { Outport } from './outport.ts';
import { mayView } from './view.ts';

/** Which exports to list; null does not restrict. */
export interface ExportFilter {
  readonly tableArn: string | null;
  readonly status: ExportStatus | null;
  readonly exportType: ExportRecord['exportType'] | null;
  readonly requestedBy: Pick<Requester, 'issuer' | 'subject'> | null;
  /** The team that an export counts for. */
  readonly team: string | null;
  /** ISO 8601, inclusive. */
  readonly createdFrom: string | null;
  /** ISO 8601, exclusive. */
  readonly createdBefore: string | null;
}

export const EVERY_EXPORT: ExportFilter = {
  tableArn: null,
  status: null,
  exportType: null,
  requestedBy: null,
  team: null,
  createdFrom: null,
  createdBefore: null,
};

export interface ExportsPage {
  readonly first: number;
  readonly after: HistoryPosition | null;
  readonly order: NonNullable<HistoryRange['order']>;
}

/**
 * The exports that fit a filter and that the viewer may see. The most selective restriction chooses the index; what is
 * left of the filter passes over records, of which a page looks at a bounded number.
 */
export function listExports(
  outport: Pick<Outport, 'table' | 'permit'>,
  viewer: Requester,
  filter: ExportFilter,
  { first, after, order }: ExportsPage,
): Promise<ListPage<ExportRecord>> {
  const range = { after, order, from: filter.createdFrom, before: filter.createdBefore, expected: first + 1 };
  const history = readExports(outport.table, whoseExports(filter), range);
  return readListPage(
    history,
    exportPosition,
    first,
    (record) => fits(record, filter) && mayView(outport, viewer, record),
  );
}

/** A person has the fewest exports, then a table, a team, a status. */
function whoseExports({ requestedBy, tableArn, team, status }: ExportFilter): ExportsOf {
  if (requestedBy !== null) return { of: 'REQUESTER', requester: requestedBy };
  if (tableArn !== null) return { of: 'TABLE', tableArn };
  if (team !== null) return { of: 'TEAM', team };
  return status === null ? { of: 'ALL' } : { of: 'STATUS', status };
}

/** Whether a filter lets an export through. */
export function fits(
  record: ExportRecord,
  { tableArn, status, exportType, requestedBy, team, createdFrom, createdBefore }: ExportFilter,
): boolean {
  const { issuer, subject } = record.requestedBy ?? {};
  return (
    (tableArn === null || record.tableArn === tableArn) &&
    // The index may be a moment behind the record that it led to.
    (status === null || record.status === status) &&
    (exportType === null || record.exportType === exportType) &&
    (requestedBy === null || (issuer === requestedBy.issuer && subject === requestedBy.subject)) &&
    (team === null || record.team === team) &&
    (createdFrom === null || record.createdAt >= createdFrom) &&
    (createdBefore === null || record.createdAt < createdBefore)
  );
}
