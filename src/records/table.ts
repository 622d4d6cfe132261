import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * Outport's one DynamoDB table. Every item carries `kind`, so that a stream filter can choose by it.
 *
 * | kind         | pk                                | sk          | gsi1pk / gsi1sk           | gsi2pk / gsi2sk        | gsi3pk / gsi3sk           |
 * |--------------|-----------------------------------|-------------|---------------------------|------------------------|---------------------------|
 * | EXPORT       | EXPORT#id                         | EXPORT      | see below *               | EXPORTS / time#id      | TABLE#tableArn / time#id  |
 * | AUDIT_EVENT  | AUDIT_CHAIN#chain                 | sequence    | —                         | AUDIT_EVENTS / position | EXPORT#exportId / position |
 * | AUDIT_EVENT_ID | AUDIT_EVENT_ID#id               | AUDIT_EVENT_ID | —                      | —                      | —                         |
 * | LEDGER       | LEDGER#account#region             | LEDGER      | LEDGERS / account#region  | —                      | —                         |
 * | QUEUE_TICKETS | QUEUE#account#region             | owner's digest | —                      | —                      | —                         |
 * | EXPORT_ARN   | EXPORT_ARN#exportArn              | EXPORT_ARN  | —                         | —                      | —                         |
 * | REQUEST_COUNT | REQUEST_COUNT#issuer\|subject, or #kind of refusal | REQUEST_COUNT#seconds | — | —              | —                         |
 * | WATERMARK    | WATERMARK#source#account#region   | WATERMARK   | —                         | —                      | —                         |
 *
 * Exports are also in gsi4 by requester (REQUESTER#issuer|subject), in gsi5 by team (TEAM#team) and in gsi6 by status
 * (STATUS#status), each by time#id: what is listed costs the same however many exports there are besides.
 *
 * Audit events are also in gsi4 by table (AUDIT_TABLE#tableArn) and in gsi5 by principal (AUDIT_PRINCIPAL#principal).
 * Their position is time#chain-sequence.
 *
 * (*) Only while the export has not ended: the index lists the work at hand, however long the history. Those that wait
 * for a slot are in WAITING_EXPORTS / account#region#owner#person#time#id, the others in RUNNING_EXPORTS / time#id. An export that is
 * verified again after it has ended is in VERIFYING_EXPORTS / time#id meanwhile.
 *
 * gsi1 is what is open now, gsi2 is history by time, the others are histories of one subject each. Connections and subscriptions
 * (`connections.ts`), webhooks (`webhooks.ts`) and schedules (`schedule-records.ts`) bring kinds of their own and may use the same indexes.
 */
export interface RecordsTable {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

/** Epoch seconds after which DynamoDB may delete an item. Exports, audit events and ledgers never carry it. */
export const TIME_TO_LIVE_ATTRIBUTE = 'expiresAt';

const INDEXES = ['gsi1', 'gsi2', 'gsi3', 'gsi4', 'gsi5', 'gsi6'] as const;

/** DynamoDB takes no longer partition key, and so keeps nothing under one. What callers send may be longer. */
const PARTITION_KEY_BYTES_MAX = 2_048;

/** Whether there can be anything under a partition key. */
export const isPartitionKey = (key: string): boolean => Buffer.byteLength(key) <= PARTITION_KEY_BYTES_MAX;

/** Every attribute that is there for the keys alone. */
export const KEY_ATTRIBUTE_NAMES: readonly string[] = [
  'pk',
  'sk',
  ...INDEXES.flatMap((name) => [`${name}pk`, `${name}sk`]),
];

const index = (name: string) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: `${name}pk`, KeyType: 'HASH' as const },
    { AttributeName: `${name}sk`, KeyType: 'RANGE' as const },
  ],
  Projection: { ProjectionType: 'ALL' as const },
});

/** The table as CreateTable takes it. `serverless.yml` declares the same for CloudFormation. */
export function recordsTableDefinition(tableName: string) {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: KEY_ATTRIBUTE_NAMES.map((name) => ({ AttributeName: name, AttributeType: 'S' as const })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: INDEXES.map(index),
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  } satisfies CreateTableCommandInput;
}
