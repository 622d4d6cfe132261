import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { ErrorCode } from './error-codes.ts';
import { type History, type HistoryPosition, type HistoryRange, historyPosition, readHistory } from './history.ts';
import { ownersOf } from './owners.ts';
import { isPartitionKey, KEY_ATTRIBUTE_NAMES, type RecordsTable } from './table.ts';

/** The person who asked, as their token named them at the time. */
export interface Requester {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | null;
  readonly teams: readonly string[];
}

export interface Destination {
  readonly bucket: string;
  /** The 12-digit account that must own the bucket. Null only for adopted exports that named none. */
  readonly bucketOwner: string | null;
  readonly prefix: string | null;
  readonly encryption: { readonly algorithm: 'AES256' | 'KMS'; readonly kmsKeyId: string | null };
}

/** The window whose changes are exported: from its first second to before its last. */
export interface IncrementalExport {
  readonly exportFromTime: string;
  /** Null until DynamoDB, which was left to choose, has said up to when. */
  readonly exportToTime: string | null;
  readonly exportViewType: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';
}

/** Which items, and what of them, as DynamoDB's expressions say it. What was not sent is null. */
export interface FilterSpecification {
  readonly filterExpression: string | null;
  readonly projectionExpression: string | null;
  readonly keyConditionExpression: string | null;
  readonly expressionAttributeNames: Readonly<Record<string, string>> | null;
  /** Each value as DynamoDB JSON, such as `{"S": "x"}`; binary values as base64. */
  readonly expressionAttributeValues: Readonly<Record<string, unknown>> | null;
}

/** What has been written to the bucket so far, counted from the bucket. */
export interface Progress {
  readonly filesWritten: number;
  readonly bytesWritten: number;
  /** Of what past exports of the table let expect, 0 to 100; null without any. An estimate. */
  readonly estimatedPercent: number | null;
}

export interface Failure {
  readonly code: ErrorCode;
  /** What AWS said, word for word, where AWS said it. */
  readonly message: string;
  readonly remedy: string;
}

/** What the latest check of a finished export's files against their manifests has found. */
export interface Verification {
  /** UNAVAILABLE: the output could not be read, so nothing is proven either way. */
  readonly status: 'IN_PROGRESS' | 'VERIFIED' | 'MISMATCH' | 'UNAVAILABLE';
  /** Whether the files themselves are read, rather than what S3 and the manifests say of them. */
  readonly deep: boolean;
  readonly checkedAt: string;
  readonly filesChecked: number;
  /** The size of those files, compressed. */
  readonly bytesChecked: number;
  /** Lines in those files; null unless they are read. */
  readonly itemsCounted: number | null;
  readonly problems: readonly string[];
}

/** A verification that has been asked for and is not finished. */
interface OpenVerification {
  /** When it ends as UNAVAILABLE unless it is finished. */
  readonly deadlineAt: string;
  /** Until when a run of reconcile has it; null: none has had it yet. */
  readonly leasedUntil: string | null;
}

/** What an export is, whatever has become of it. Times are ISO 8601 in UTC. */
interface ExportFacts {
  readonly id: string;
  /** 1 when created, one more with every change: of two images of an export the one with the higher version is newer. */
  readonly version: number;
  /** ADOPTED: started elsewhere (console, CLI, Terraform) and found by reconcile. */
  readonly source: 'OUTPORT' | 'ADOPTED';
  readonly requestedBy: Requester | null;
  /** The team that it counts for, in quotas and in the queue; null without one, and for adopted exports. */
  readonly team: string | null;
  readonly clientToken: string | null;
  /** The failed export that this asks for again, by its id. */
  readonly retryOf: string | null;
  /** SHA-256 of the canonical input: tells a replay from a reused token. */
  readonly inputHash: string | null;
  readonly tableArn: string;
  /** The point in time exported, to the second; null: the moment DynamoDB took the request. */
  readonly exportTime: string | null;
  readonly exportFormat: 'DYNAMODB_JSON' | 'ION';
  readonly exportType: 'FULL_EXPORT' | 'INCREMENTAL_EXPORT';
  /** Null for full exports. */
  readonly incrementalExport: IncrementalExport | null;
  /** Null when everything is exported. */
  readonly filter: FilterSpecification | null;
  readonly destination: Destination;
  /** What it takes of the ledger's bytes: the table's `TableSizeBytes` when it was asked for. */
  readonly tableSizeBytes: number;
  /** What its files are expected to come to, compressed, by the table's past exports; null: nothing to go by. */
  readonly expectedOutputBytes: number | null;
  /** How long it is expected to run, by past exports; null: nothing to go by. */
  readonly expectedSeconds: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** DynamoDB has taken the request. */
interface Started {
  readonly exportArn: string;
  readonly startTime: string;
  readonly progress: Progress | null;
}

export interface QueuedExport extends ExportFacts {
  readonly status: 'QUEUED';
  /** Set before DynamoDB is first called: from then on the export may be running there. */
  readonly admittedAt: string | null;
  /** When it fails unless it has been started. */
  readonly deadlineAt: string;
}

export interface InProgressExport extends ExportFacts, Started {
  readonly status: 'IN_PROGRESS';
  readonly deadlineAt: string;
}

export interface CompletedExport extends ExportFacts, Started {
  readonly status: 'COMPLETED';
  readonly endTime: string;
  readonly itemCount: number;
  readonly billedSizeBytes: number;
  /** Key of `manifest-summary.json` in the bucket. */
  readonly exportManifest: string;
  readonly verification: Verification;
  /** Set while `verification` is IN_PROGRESS. */
  readonly openVerification?: OpenVerification;
}

export interface FailedExport extends ExportFacts, Partial<Started> {
  readonly status: 'FAILED';
  readonly endTime: string;
  readonly failure: Failure;
  /** Set when DynamoDB completed the export and its output did not pass. */
  readonly verification?: Verification;
}

export interface CanceledExport extends ExportFacts {
  readonly status: 'CANCELED';
  readonly endTime: string;
}

export type OpenExport = QueuedExport | InProgressExport;
export type ExportRecord = OpenExport | CompletedExport | FailedExport | CanceledExport;
export type ExportStatus = ExportRecord['status'];

export const isOpen = (record: ExportRecord): record is OpenExport =>
  record.status === 'QUEUED' || record.status === 'IN_PROGRESS';

/** QUEUED without a slot: DynamoDB has certainly not been called for it. */
export type WaitingExport = QueuedExport & { readonly admittedAt: null };

export const isWaiting = (record: ExportRecord): record is WaitingExport =>
  record.status === 'QUEUED' && record.admittedAt === null;

/** An export that has ended and whose files are being checked again. */
export type ExportBeingVerified = CompletedExport & { readonly openVerification: OpenVerification };

export const isBeingVerified = (record: ExportRecord): record is ExportBeingVerified =>
  record.status === 'COMPLETED' && record.openVerification !== undefined;

const STATUSES = new Set<unknown>([
  'QUEUED',
  'IN_PROGRESS',
  'COMPLETED',
  'FAILED',
  'CANCELED',
] satisfies ExportStatus[]);

/**
 * Reads an item of the table or an unmarshalled image of its stream. Only this file writes such items, so beyond what
 * kind of item it is and in which state, the shape is trusted.
 * @throws Error when the item is no export
 */
export function parseExportRecord(item: Readonly<Record<string, unknown>>): ExportRecord {
  const { kind, ...attributes } = item;
  const record = Object.fromEntries(Object.entries(attributes).filter(([name]) => !KEY_ATTRIBUTES.has(name)));
  if (kind !== 'EXPORT' || !STATUSES.has(record.status)) throw new Error(`not an export record: ${String(item.pk)}`);
  return record as unknown as ExportRecord;
}

const KEY_ATTRIBUTES = new Set<string>(KEY_ATTRIBUTE_NAMES);

export const WAITING_EXPORTS = 'WAITING_EXPORTS';
const RUNNING_EXPORTS = 'RUNNING_EXPORTS';
const VERIFYING_EXPORTS = 'VERIFYING_EXPORTS';

/** The partition of an export: of its record, and of whoever follows it. */
export const exportPartition = (id: string): string => `EXPORT#${id}`;

const keyOf = (id: string) => ({ pk: exportPartition(id), sk: 'EXPORT' });

export const exportPosition = (record: ExportRecord): HistoryPosition => historyPosition(record.createdAt, record.id);

/** The item that an export is kept as. */
export function exportItemOf(record: ExportRecord) {
  const position = exportPosition(record);
  return {
    ...record,
    ...keyOf(record.id),
    kind: 'EXPORT',
    ...openIndexOf(record, position),
    gsi2pk: ALL_EXPORTS,
    gsi2sk: position,
    gsi3pk: tablePartition(record),
    gsi3sk: position,
    ...(record.requestedBy && { gsi4pk: requesterPartition(record.requestedBy), gsi4sk: position }),
    ...(record.team !== null && { gsi5pk: teamPartition(record.team), gsi5sk: position }),
    gsi6pk: statusPartition(record),
    gsi6sk: position,
  };
}

const ALL_EXPORTS = 'EXPORTS';
const tablePartition = ({ tableArn }: { readonly tableArn: string }) => `TABLE#${tableArn}`;
const requesterPartition = ({ issuer, subject }: Pick<Requester, 'issuer' | 'subject'>) =>
  `REQUESTER#${issuer}|${subject}`;
const teamPartition = (team: string) => `TEAM#${team}`;
const statusPartition = ({ status }: { readonly status: ExportStatus }) => `STATUS#${status}`;

function openIndexOf(record: ExportRecord, position: HistoryPosition) {
  if (isWaiting(record)) return { gsi1pk: WAITING_EXPORTS, gsi1sk: `${laneOf(record)}#${position}` };
  if (isBeingVerified(record)) return { gsi1pk: VERIFYING_EXPORTS, gsi1sk: position };
  return isOpen(record) ? { gsi1pk: RUNNING_EXPORTS, gsi1sk: position } : {};
}

/**
 * Waiting exports of one account and Region that have the same owners lie together: what a limit says of the first it
 * says of all. Owners are as long as tokens have them, keys are not.
 */
function laneOf(record: WaitingExport): string {
  const [, , , region, account] = record.tableArn.split(':');
  const [queue, person = queue] = ownersOf(record).map((owner) =>
    createHash('sha256').update(owner).digest('base64url').slice(0, OWNER_DIGEST_CHARACTERS),
  );
  return `${account}#${region}#${queue}#${person}`;
}

const OWNER_DIGEST_CHARACTERS = 22;

/** Creates the record unless its id is taken. Of any number of concurrent calls for one id, one returns true. */
export async function createExport(table: RecordsTable, record: ExportRecord): Promise<boolean> {
  return put(table, record, { ConditionExpression: 'attribute_not_exists(pk)' });
}

/**
 * Replaces the record if it still is at the version that `next` was decided on.
 * @returns false when somebody else moved it meanwhile
 */
export async function replaceExport(table: RecordsTable, next: ExportRecord): Promise<boolean> {
  return put(table, next, {
    ConditionExpression: '#version = :decidedOn',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':decidedOn': next.version - 1 },
  });
}

async function put(
  table: RecordsTable,
  record: ExportRecord,
  condition: Pick<
    PutCommand['input'],
    'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
  >,
): Promise<boolean> {
  try {
    await table.client.send(new PutCommand({ TableName: table.name, Item: exportItemOf(record), ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** The record as of now (strongly consistent), or null. */
export async function readExport(table: RecordsTable, id: string): Promise<ExportRecord | null> {
  const Key = keyOf(id);
  if (!isPartitionKey(Key.pk)) return null;
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  return Item ? parseExportRecord(Item) : null;
}

/** All exports that are QUEUED or IN_PROGRESS, as the index has them: perhaps a moment old. */
export async function readOpenExports(table: RecordsTable): Promise<OpenExport[]> {
  // In the order in which exports go from one to the other, so that none is missed on its way.
  const waiting = (await queryWork(table, WAITING_EXPORTS)).filter(isOpen);
  const running = await readRunningExports(table);
  const runningIds = new Set(running.map(({ id }) => id));
  return [...running, ...waiting.filter(({ id }) => !runningIds.has(id))];
}

/** The exports that are IN_PROGRESS, or about to be: those that have a slot, and no more than there are slots. */
export async function readRunningExports(table: RecordsTable): Promise<OpenExport[]> {
  return (await queryWork(table, RUNNING_EXPORTS)).filter(isOpen);
}

/** The exports whose verification has been asked for and is not finished, as the index has them. */
export async function readExportsBeingVerified(table: RecordsTable): Promise<ExportBeingVerified[]> {
  return (await queryWork(table, VERIFYING_EXPORTS)).filter(isBeingVerified);
}

async function queryWork(table: RecordsTable, work: string): Promise<ExportRecord[]> {
  const records: ExportRecord[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :work',
      ExpressionAttributeValues: { ':work': work },
    },
  );
  for await (const { Items = [] } of pages) records.push(...Items.map(parseExportRecord));
  return records;
}

/** Whose exports to read: each has an index, so that what is read is what is asked for, however many others there are. */
export type ExportsOf =
  | { readonly of: 'ALL' }
  | { readonly of: 'TABLE'; readonly tableArn: string }
  | { readonly of: 'REQUESTER'; readonly requester: Pick<Requester, 'issuer' | 'subject'> }
  | { readonly of: 'TEAM'; readonly team: string }
  | { readonly of: 'STATUS'; readonly status: ExportStatus };

/** Exports by time, newest first unless the range says otherwise. */
export async function* readExports(
  table: RecordsTable,
  whose: ExportsOf,
  range: HistoryRange,
): AsyncGenerator<ExportRecord> {
  for await (const item of readHistory(table, historyOf(whose), range)) yield parseExportRecord(item);
}

function historyOf(whose: ExportsOf): History {
  switch (whose.of) {
    case 'ALL':
      return { index: 'gsi2', partition: ALL_EXPORTS };
    case 'TABLE':
      return { index: 'gsi3', partition: tablePartition(whose) };
    case 'REQUESTER':
      return { index: 'gsi4', partition: requesterPartition(whose.requester) };
    case 'TEAM':
      return { index: 'gsi5', partition: teamPartition(whose.team) };
    case 'STATUS':
      return { index: 'gsi6', partition: statusPartition(whose) };
    default:
      return whose satisfies never;
  }
}
