import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { type HistoryPosition, historyPosition, readHistory } from './history.ts';
import type { RecordsTable } from './table.ts';

/** Something that was asked, decided or done. Written once, never changed and never deleted by Outport. */
export interface AuditEvent {
  readonly id: string;
  /** ISO 8601. CloudTrail gives whole seconds. */
  readonly eventTime: string;
  readonly source: 'OUTPORT' | 'CLOUDTRAIL';
  /** What was called: `ExportTable` of Outport's API, or the AWS API's name. */
  readonly eventName: string;
  /**
   * REQUESTED: an attempt, written before anything was done about it. REPLAYED, REFUSED, QUEUED: what became of the
   * request. Else the state its export has reached, or, from CloudTrail, whether AWS accepted the call.
   */
  readonly outcome:
    | 'REQUESTED'
    | 'REPLAYED'
    | 'REFUSED'
    | 'QUEUED'
    | 'IN_PROGRESS'
    | 'COMPLETED'
    | 'FAILED'
    | 'CANCELED'
    | 'ACCEPTED'
    | 'REJECTED';
  readonly issuer: string | null;
  /** The person's subject, or the ARN that CloudTrail names. */
  readonly principal: string | null;
  readonly principalName: string | null;
  readonly sourceIpAddress: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly tableArn: string | null;
  readonly exportId: string | null;
  readonly exportArn: string | null;
  /** The canonical input as JSON. */
  readonly input: string | null;
  readonly decision: 'ALLOW' | 'DENY' | null;
  /** The policies that decided; none when the request was denied because no policy permits it. */
  readonly policyIds: readonly string[];
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** Appends an event. The same id again changes nothing: whoever was first told the truth. */
export async function appendAuditEvent(table: RecordsTable, event: AuditEvent): Promise<void> {
  const position = auditPosition(event);
  const item = {
    ...event,
    pk: `AUDIT_EVENT#${event.id}`,
    sk: 'AUDIT_EVENT',
    kind: 'AUDIT_EVENT',
    gsi2pk: 'AUDIT_EVENTS',
    gsi2sk: position,
    ...(event.exportId !== null && { gsi3pk: `EXPORT#${event.exportId}`, gsi3sk: position }),
  };
  try {
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

export const auditPosition = (event: AuditEvent): HistoryPosition => historyPosition(event.eventTime, event.id);

/** Events newest first, of one export or of all, from just behind a position. */
export async function* readAuditEvents(
  table: RecordsTable,
  { exportId, after }: { exportId: string | null; after: HistoryPosition | null },
): AsyncGenerator<AuditEvent> {
  const partition =
    exportId === null
      ? ({ index: 'gsi2', partition: 'AUDIT_EVENTS' } as const)
      : ({ index: 'gsi3', partition: `EXPORT#${exportId}` } as const);
  for await (const item of readHistory(table, { ...partition, kind: 'AUDIT_EVENT' }, after)) {
    const { pk, sk, gsi2pk, gsi2sk, gsi3pk, gsi3sk, kind, ...event } = item;
    yield event as unknown as AuditEvent;
  }
}
