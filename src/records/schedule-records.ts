import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, paginateQuery, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { ErrorCode } from './error-codes.ts';
import type { Destination, Requester } from './export-records.ts';
import { type HistoryPosition, type HistoryRange, historyPosition, readHistory } from './history.ts';
import { isPartitionKey, KEY_ATTRIBUTE_NAMES, type RecordsTable } from './table.ts';

/*
 * Schedules and the links of their chains.
 *
 * | kind          | pk            | sk          | gsi1pk / gsi1sk                 | gsi2pk / gsi2sk      | gsi3pk / gsi3sk                   |
 * |---------------|---------------|-------------|---------------------------------|----------------------|-----------------------------------|
 * | SCHEDULE      | SCHEDULE#id   | SCHEDULE    | DUE_SCHEDULES / nextStepAt#id * | SCHEDULES / time#id  | SCHEDULES_OF#tableArn / time#id   |
 * | SCHEDULE_LINK | SCHEDULE#id   | LINK#number | —                               | —                    | —                                 |
 *
 * (*) Only while it is ACTIVE. One that is deleted is in no index.
 */

/** Why a chain cannot go on where it ended, or a link not be made. */
export interface ScheduleProblem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A stretch of time whose changes no link of a schedule has. ISO 8601, whole seconds. */
export interface Gap extends ScheduleProblem {
  readonly from: string;
  readonly to: string;
}

/** An export of a schedule. Links of one chain follow each other without gap or overlap. */
export interface ScheduleLink {
  readonly scheduleId: string;
  /** 1 for the first of the schedule, then one more each. */
  readonly number: number;
  /** The chain that it is of, from 1: each begins with a full export. */
  readonly chain: number;
  /** Where its window begins; null: a full export. */
  readonly from: string | null;
  /** Where its window ends, or the time of the full export: where the next link goes on. */
  readonly to: string;
  /** 1, then one more each time that it is asked for again. */
  readonly attempt: number;
  /** The export of this attempt. */
  readonly exportId: string;
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  /** Whether its files were found to be what they should be, when it completed. */
  readonly verified: boolean;
  /** Set on the first link of a chain that could not go on where the one before it ended. */
  readonly gap: Gap | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

/** How far a schedule has come. */
interface ChainState {
  /** Of the chain at hand; 0 before the first. */
  readonly number: number;
  /** The time of its full export; null: there is none yet. */
  readonly since: string | null;
  /** Where its next link begins; null: the next link is a full export. */
  readonly through: string | null;
  /** Where the chain before it broke, and why, until a full export has begun a new one. */
  readonly brokenAt: ({ readonly from: string } & ScheduleProblem) | null;
}

export interface ScheduleRecord {
  readonly id: string;
  readonly version: number;
  /** On whose behalf every link is made. */
  readonly requestedBy: Requester;
  readonly clientToken: string;
  /** SHA-256 of what was asked for: tells a replay from a reused token. */
  readonly inputHash: string;
  readonly tableArn: string;
  readonly exportFormat: 'DYNAMODB_JSON' | 'ION';
  readonly exportViewType: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';
  /** Each link has a folder of its own below the prefix. */
  readonly destination: Destination & { readonly bucketOwner: string };
  readonly windowMinutes: number;
  /** After how many days a chain ends and a new one begins; null: never. */
  readonly fullEveryDays: number | null;
  readonly status: 'ACTIVE' | 'PAUSED' | 'DELETED';
  /** What is in the way; null: nothing. */
  readonly problem: ScheduleProblem | null;
  readonly chain: ChainState;
  /** The link that is being made. */
  readonly current: ScheduleLink | null;
  readonly linkCount: number;
  /** When reconcile takes the next step at the latest. */
  readonly nextStepAt: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const DUE_SCHEDULES = 'DUE_SCHEDULES';
const ALL_SCHEDULES = 'SCHEDULES';
const LINK_DIGITS = 9;
/** Sorts behind every id. */
const BEHIND_IDS = '~';

const partition = (id: string) => `SCHEDULE#${id}`;
const keyOf = (id: string) => ({ pk: partition(id), sk: 'SCHEDULE' });
const linkSortKey = (number: number) => `LINK#${String(number).padStart(LINK_DIGITS, '0')}`;

export const schedulePosition = ({ createdAt, id }: ScheduleRecord): HistoryPosition => historyPosition(createdAt, id);

function itemOf(record: ScheduleRecord) {
  const position = schedulePosition(record);
  return {
    ...record,
    ...keyOf(record.id),
    kind: 'SCHEDULE',
    ...(record.status === 'ACTIVE' && { gsi1pk: DUE_SCHEDULES, gsi1sk: historyPosition(record.nextStepAt, record.id) }),
    ...(record.status !== 'DELETED' && {
      gsi2pk: ALL_SCHEDULES,
      gsi2sk: position,
      gsi3pk: `SCHEDULES_OF#${record.tableArn}`,
      gsi3sk: position,
    }),
  };
}

/** Creates the record unless its id is taken. Of any number of concurrent calls for one id, one returns true. */
export async function createSchedule(table: RecordsTable, record: ScheduleRecord): Promise<boolean> {
  try {
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: itemOf(record), ConditionExpression: 'attribute_not_exists(pk)' }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * Replaces the record if it still is at the version that `next` was decided on, and a link of it with it.
 * @returns false when somebody else changed it meanwhile
 */
export async function replaceSchedule(
  table: RecordsTable,
  next: ScheduleRecord,
  link: ScheduleLink | null,
): Promise<boolean> {
  const replaced = {
    Put: {
      TableName: table.name,
      Item: itemOf(next),
      ConditionExpression: '#version = :decidedOn',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':decidedOn': next.version - 1 },
    },
  };
  const linkItem = link && { ...link, pk: partition(next.id), sk: linkSortKey(link.number), kind: 'SCHEDULE_LINK' };
  const TransactItems = [replaced, ...(linkItem ? [{ Put: { TableName: table.name, Item: linkItem } }] : [])];
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems }));
    return true;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const code = error.CancellationReasons?.[0]?.Code;
    if (code === 'ConditionalCheckFailed' || code === 'TransactionConflict') return false;
    throw error;
  }
}

/** The schedule as of now (strongly consistent), or null. */
export async function readSchedule(table: RecordsTable, id: string): Promise<ScheduleRecord | null> {
  const Key = keyOf(id);
  if (!isPartitionKey(Key.pk)) return null;
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  return Item ? parsed<ScheduleRecord>(Item) : null;
}

/** The active schedules whose next step is due at a time, as the index has them: perhaps a moment old. */
export async function readDueSchedules(table: RecordsTable, now: Date): Promise<ScheduleRecord[]> {
  const due: ScheduleRecord[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :due AND gsi1sk <= :now',
      ExpressionAttributeValues: { ':due': DUE_SCHEDULES, ':now': historyPosition(now.toISOString(), BEHIND_IDS) },
    },
  );
  for await (const { Items = [] } of pages) due.push(...Items.map((item) => parsed<ScheduleRecord>(item)));
  return due;
}

/** Schedules that are not deleted, newest first; of one table, or of all. */
export async function* readSchedules(
  table: RecordsTable,
  tableArn: string | null,
  range: HistoryRange,
): AsyncGenerator<ScheduleRecord> {
  const history =
    tableArn === null
      ? ({ index: 'gsi2', partition: ALL_SCHEDULES } as const)
      : ({ index: 'gsi3', partition: `SCHEDULES_OF#${tableArn}` } as const);
  for await (const item of readHistory(table, history, range)) yield parsed<ScheduleRecord>(item);
}

/** Links of a schedule, newest first, below a number (strongly consistent). */
export async function readLinks(
  table: RecordsTable,
  scheduleId: string,
  { before, first }: { readonly before: number | null; readonly first: number },
): Promise<ScheduleLink[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :schedule AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':schedule': partition(scheduleId),
        ':from': linkSortKey(1),
        ':to': before === null ? `LINK#${BEHIND_IDS}` : linkSortKey(before - 1),
      },
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: first,
    }),
  );
  return Items.map((item) => parsed<ScheduleLink>(item));
}

/** Reads which schedule an unmarshalled image of the table's stream is; null: it is something else. */
export const parseSchedule = (item: Readonly<Record<string, unknown>>): ScheduleRecord | null =>
  item.kind === 'SCHEDULE' ? parsed<ScheduleRecord>(item) : null;

const NOT_OF_THE_RECORD = new Set(['kind', ...KEY_ATTRIBUTE_NAMES]);

/** Only this file writes such items, so their shape is trusted. */
function parsed<T extends ScheduleRecord | ScheduleLink>(item: Readonly<Record<string, unknown>>): T {
  const entries = Object.entries(item).filter(([name]) => !NOT_OF_THE_RECORD.has(name));
  return Object.fromEntries(entries) as unknown as T;
}
