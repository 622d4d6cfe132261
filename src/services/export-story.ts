import type { AuditEvent } from '../records/audit-event.ts';
import { readAuditEvents } from '../records/audit-records.ts';
import type { ExportRecord, Requester } from '../records/export-records.ts';
import type { Outport } from './outport.ts';
import { sizeText } from './size-text.ts';
import { tableOf } from './table-arn.ts';

/** What can happen to an export, as its story tells it. */
export const STORY_EVENTS = [
  'REQUESTED',
  'ALLOWED',
  'ADOPTED',
  'QUEUED',
  'ADMITTED',
  'STARTED',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'VERIFIED',
  'MISMATCH',
  'UNAVAILABLE',
] as const;

export type StoryEvent = (typeof STORY_EVENTS)[number];

export interface StoryEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly event: StoryEvent;
  readonly title: string;
  readonly detail: string | null;
}

/** Who repeats a request adds two events each time. */
const EVENTS_READ_MAX = 200;
const ENDS = new Set<AuditEvent['outcome']>(['COMPLETED', 'FAILED', 'CANCELED']);

/** What has become of an export so far, oldest first, for somebody who may see it. */
export async function exportStory(outport: Outport, viewer: Requester, record: ExportRecord): Promise<StoryEntry[]> {
  const events: AuditEvent[] = [];
  let read = 0;
  const range = { after: null, order: 'OLDEST_FIRST' as const };
  for await (const event of readAuditEvents(outport.table, { of: 'EXPORT', exportId: record.id }, range)) {
    if (event.source === 'OUTPORT' && event.eventName === 'ExportTable') events.push(event);
    read += 1;
    if (ENDS.has(event.outcome) || read === EVENTS_READ_MAX) break;
  }
  const mayReadAudit = outport.permit(viewer, { action: 'ViewAudit', table: tableOf(record) }).allowed;
  return storyOf(record, events, mayReadAudit);
}

/**
 * Tells the story of an export by the events of the audit, oldest first. Which policies allowed it is for those alone who
 * may read the audit; the rest is on the export itself, whose viewer this is told.
 */
export function storyOf(record: ExportRecord, events: readonly AuditEvent[], mayReadAudit: boolean): StoryEntry[] {
  // A token may have been refused before: what made this export is the last request until it was there.
  const request = events.findLast(({ outcome, eventTime }) => outcome === 'REQUESTED' && eventTime <= record.createdAt);
  const began = record.source === 'ADOPTED' ? [adopted(record)] : request ? requested(request, mayReadAudit) : [];
  const moves = events
    .filter(({ id }) => id.startsWith(`${record.id}-`) || id === `${request?.id}-QUEUED`)
    .flatMap((event) => moveEntry(event, record, mayReadAudit));
  return [...began, ...moves, ...verified(record)];
}

const adopted = ({ createdAt }: ExportRecord): StoryEntry => ({
  time: createdAt,
  event: 'ADOPTED',
  title: 'Started elsewhere',
  detail: 'Outport found it in the account, and does not know who asked for it.',
});

function requested(
  { eventTime: time, principalName, principal, policyIds }: AuditEvent,
  mayReadAudit: boolean,
): StoryEntry[] {
  const title = `Requested by ${principalName ?? principal ?? 'somebody'}`;
  return [
    { time, event: 'REQUESTED', title, detail: null },
    { time, event: 'ALLOWED', title: 'Allowed', detail: mayReadAudit ? byPolicies(policyIds) : null },
  ];
}

const byPolicies = (policyIds: readonly string[]): string | null =>
  policyIds.length === 0 ? null : `By ${policyIds.join(', ')}.`;

function moveEntry(event: AuditEvent, record: ExportRecord, mayReadAudit: boolean): StoryEntry[] {
  const { eventTime: time, outcome, policyIds, errorCode, errorMessage } = event;
  switch (outcome) {
    case 'QUEUED':
      return [{ time, event: 'QUEUED', title: 'Queued', detail: 'It waits for room, or for DynamoDB.' }];
    case 'ADMITTED':
      return [
        {
          time,
          event: 'ADMITTED',
          title: 'Its turn came, and it was allowed again',
          detail: mayReadAudit ? byPolicies(policyIds) : null,
        },
      ];
    case 'IN_PROGRESS':
      return [{ time, event: 'STARTED', title: 'Started by DynamoDB', detail: event.exportArn }];
    case 'COMPLETED':
      return [{ time, event: 'COMPLETED', title: 'Completed', detail: completedDetail(record) }];
    case 'FAILED':
      return [{ time, event: 'FAILED', title: `Failed: ${errorCode}`, detail: errorMessage }];
    case 'CANCELED':
      return [{ time, event: 'CANCELED', title: 'Canceled', detail: 'Taken out of the queue before it was started.' }];
    case 'REQUESTED':
    case 'REPLAYED':
    case 'REFUSED':
    case 'VERIFIED':
    case 'MISMATCH':
    case 'UNAVAILABLE':
    case 'GAP':
    case 'ACCEPTED':
    case 'REJECTED':
      return [];
    default:
      return outcome satisfies never;
  }
}

const completedDetail = (record: ExportRecord): string | null =>
  record.status === 'COMPLETED'
    ? `${record.itemCount.toLocaleString('en')} items, ${sizeText(record.billedSizeBytes)} billed.`
    : null;

/** The latest verification: there is one of every export that DynamoDB completed. */
function verified(record: ExportRecord): StoryEntry[] {
  if (record.status !== 'COMPLETED' && record.status !== 'FAILED') return [];
  const { verification } = record;
  if (!verification) return [];
  const { checkedAt: time, filesChecked, deep, problems } = verification;
  const found = problems.join(' ') || null;
  switch (verification.status) {
    case 'VERIFIED': {
      const how = deep ? 'read to their end' : 'compared with their manifests';
      return [{ time, event: 'VERIFIED', title: 'Verified', detail: `${filesChecked} files ${how}.` }];
    }
    case 'MISMATCH':
      return [{ time, event: 'MISMATCH', title: 'The files are not what they should be', detail: found }];
    case 'UNAVAILABLE':
      return [{ time, event: 'UNAVAILABLE', title: 'The files could not be read', detail: found }];
    case 'IN_PROGRESS':
      return [];
    default:
      return verification.status satisfies never;
  }
}
