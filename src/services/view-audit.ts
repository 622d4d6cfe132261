import { type AuditRecord, type ChainEntry, type ChainLink } from '../records/audit-chain.ts';
import type { AuditEvent } from '../records/audit-event.ts';
import { type AuditEventsOf, auditPosition, readAuditChain, readAuditEvents } from '../records/audit-records.ts';
import type { Requester } from '../records/export-records.ts';
import type { HistoryPosition, HistoryRange } from '../records/history.ts';
import { readLedgers } from '../records/ledger.ts';
import { readWatermark } from '../records/watermarks.ts';
import { recordAuditRead } from './audit.ts';
import { type ListPage, readListPage } from './list-page.ts';
import type { Outport } from './outport.ts';
import type { Principal, RequestOrigin } from './principal.ts';
import { parseTableArn } from './table-arn.ts';

/** Which events to list; null does not restrict. */
export interface AuditEventFilter {
  readonly source: AuditEvent['source'] | null;
  readonly exportId: string | null;
  readonly tableArn: string | null;
  readonly principal: string | null;
  readonly eventName: string | null;
  readonly outcome: AuditEvent['outcome'] | null;
  /** ISO 8601, inclusive. */
  readonly from: string | null;
  /** ISO 8601, exclusive. */
  readonly before: string | null;
}

export interface AuditPage {
  readonly first: number;
  readonly after: HistoryPosition | null;
  readonly order: NonNullable<HistoryRange['order']>;
}

const mayRead = ({ permit }: Outport, viewer: Requester, { tableArn }: AuditEvent): boolean => {
  const table = tableArn === null ? null : parseTableArn(tableArn);
  return permit(viewer, { action: 'ViewAudit', table }).allowed;
};

/**
 * The audit events that fit a filter and that the viewer may read; that they read is an event as well. The most
 * selective restriction chooses the index, the rest passes over records, of which a page looks at a bounded number.
 */
export async function listAuditEvents(
  outport: Outport,
  viewer: Principal,
  origin: RequestOrigin,
  filter: AuditEventFilter,
  page: AuditPage,
): Promise<ListPage<AuditRecord>> {
  await recordAuditRead(outport, { principal: viewer, origin }, { ...filter, ...page });
  const { first, after, order } = page;
  const range = { after, order, from: filter.from, before: filter.before, expected: first + 1 };
  const history = readAuditEvents(outport.table, whoseEvents(filter), range);
  return readListPage(history, auditPosition, first, (event) => fits(event, filter) && mayRead(outport, viewer, event));
}

/** An export has the fewest events, then a person, a table. */
function whoseEvents({ exportId, principal, tableArn }: AuditEventFilter): AuditEventsOf {
  if (exportId !== null) return { of: 'EXPORT', exportId };
  if (principal !== null) return { of: 'PRINCIPAL', principal };
  return tableArn === null ? { of: 'ALL' } : { of: 'TABLE', tableArn };
}

const EQUAL = ['source', 'exportId', 'tableArn', 'principal', 'eventName', 'outcome'] as const;

const fits = (event: AuditEvent, filter: AuditEventFilter): boolean =>
  EQUAL.every((name) => filter[name] === null || event[name] === filter[name]);

/**
 * Up to when CloudTrail was read in every account and Region that Outport exports from.
 * @returns ISO 8601, or null when it has yet to be read somewhere
 */
export async function cloudTrailIngestedThrough({ table }: Outport): Promise<string | null> {
  let earliest: string | null = null;
  for (const scope of await readLedgers(table)) {
    const through = await readWatermark(table, 'CLOUDTRAIL', scope);
    if (through === null) return null;
    if (earliest === null || through < earliest) earliest = through;
  }
  return earliest;
}

/** A page of a hash chain. */
export interface AuditChainPage {
  readonly entries: readonly ChainEntry[];
  readonly hasMore: boolean;
}

/**
 * Records of a chain in its order, from just behind a sequence number; that they are read is an event as well. A chain
 * holds events about everything: those that the viewer may not read are there without their content.
 * @returns null when the viewer may not read the audit's chains
 */
export async function viewAuditChain(
  outport: Outport,
  viewer: Principal,
  origin: RequestOrigin,
  page: { readonly chain: number; readonly after: number; readonly first: number },
): Promise<AuditChainPage | null> {
  const decision = outport.permit(viewer, { action: 'ViewAudit', table: null });
  await recordAuditRead(outport, { principal: viewer, origin }, { ...page }, decision);
  if (!decision.allowed) return null;
  const { records, hasMore } = await readAuditChain(outport.table, page);
  return { entries: records.map((record) => entryOf(record, mayRead(outport, viewer, record))), hasMore };
}

function entryOf(record: AuditRecord, readable: boolean): ChainEntry {
  const { chain, sequence, previousHash, hash, ...event } = record;
  const link: ChainLink = { chain, sequence, previousHash, hash };
  return { ...link, event: readable ? event : null };
}
