import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { QueryCommand, type QueryCommandInput, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type AuditRecord, chainOf, linked } from './audit-chain.ts';
import type { AuditEvent } from './audit-event.ts';
import { type History, type HistoryPosition, type HistoryRange, historyPosition, readHistory } from './history.ts';
import { KEY_ATTRIBUTE_NAMES, type RecordsTable } from './table.ts';

/** Each lost attempt is somebody else's success, so this many in a row do not happen unless something is broken. */
const ATTEMPTS_MAX = 60;
const BACKOFF_MS_FIRST = 5;
const BACKOFF_MS_MAX = 250;

const CHAIN_DIGITS = 2;
const SEQUENCE_DIGITS = 12;
const chainText = (chain: number): string => String(chain).padStart(CHAIN_DIGITS, '0');
const sequenceText = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0');

const chainPartition = (chain: number): string => `AUDIT_CHAIN#${chainText(chain)}`;
const entryKey = (eventId: string) => ({ pk: `AUDIT_EVENT_ID#${digested(eventId)}`, sk: 'AUDIT_EVENT_ID' });

/** Ids and names come from callers and may be longer than a key may be (2,048 bytes). */
const KEY_PART_CHARACTERS_MAX = 300;
const digested = (part: string): string =>
  part.length <= KEY_PART_CHARACTERS_MAX ? part : createHash('sha256').update(part).digest('hex');

/**
 * Appends an event to its chain. The same id again changes nothing: whoever was first told the truth.
 *
 * One transaction writes the record, only where none is yet, right behind the one that was the last when it was linked,
 * and enters its id, only if that is not entered yet. So neither a crash nor a race writes an event twice or leaves a gap:
 *
 *     A  reads n ── writes X as n+1, enters X ✓
 *     B    reads n ── writes X as n+1, enters X ✗ X is entered: done
 *     C    reads n ── writes Y as n+1, enters Y ✗ n+1 is taken → reads n+1, links Y anew
 */
export async function appendAuditEvent(table: RecordsTable, event: AuditEvent): Promise<void> {
  const chain = chainOf(event);
  const queues = queuesOf.get(table) ?? new Map<number, Promise<void>>();
  queuesOf.set(table, queues);
  const append = () => appendTo(table, chain, event);
  const appended = (queues.get(chain) ?? Promise.resolve()).then(append, append);
  queues.set(chain, appended);
  return appended;
}

/** The last append of this process to each chain: those of one process take turns, and race only those of others. */
const queuesOf = new WeakMap<RecordsTable, Map<number, Promise<void>>>();

/**
 * The last record that this process has written to each chain, for as long as nobody else is likely to have written
 * behind it: what is told of one request comes one after the other. If somebody has, the condition fails, and it is read.
 */
const writtenBy = new WeakMap<RecordsTable, Map<number, { readonly record: AuditRecord; readonly untilMs: number }>>();
const LIKELY_LAST_MS = 1_000;

async function appendTo(table: RecordsTable, chain: number, event: AuditEvent): Promise<void> {
  const written = writtenBy.get(table) ?? new Map();
  writtenBy.set(table, written);
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const mine = attempt === 1 ? written.get(chain) : undefined;
    const likelyLast = mine && performance.now() < mine.untilMs ? mine.record : null;
    const last = likelyLast ?? (await readLastRecord(table, chain));
    if (last?.id === event.id) return;
    const record = linked(event, last);
    const outcome = await putRecord(table, record);
    if (outcome === 'PUT') written.set(chain, { record, untilMs: performance.now() + LIKELY_LAST_MS });
    if (outcome !== 'OVERTAKEN') return;
    // Nobody is known to be writing there now: the guess was wrong.
    if (likelyLast) continue;
    await wait(Math.random() * Math.min(BACKOFF_MS_FIRST * 2 ** attempt, BACKOFF_MS_MAX));
  }
  throw new Error(`audit chain ${chain} grew ${ATTEMPTS_MAX} times while an event was appended to it`);
}

async function readLastRecord(table: RecordsTable, chain: number): Promise<AuditRecord | null> {
  const [last] = (await queryChain(table, chain, { ScanIndexForward: false, Limit: 1 })).records;
  return last ?? null;
}

/** @returns KNOWN: the event is in the chain already; OVERTAKEN: somebody else has written to the chain, or is about to */
async function putRecord(table: RecordsTable, record: AuditRecord): Promise<'PUT' | 'KNOWN' | 'OVERTAKEN'> {
  const { id, chain, sequence } = record;
  const entry = { ...entryKey(id), kind: 'AUDIT_EVENT_ID', chain, sequence };
  const putNew = (Item: Record<string, unknown>) => ({
    Put: { TableName: table.name, Item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: [putNew(itemOf(record)), putNew(entry)] }));
    return 'PUT';
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const [ofRecord, ofEntry] = error.CancellationReasons?.map(({ Code }) => Code) ?? [];
    if (ofEntry === 'ConditionalCheckFailed') return 'KNOWN';
    const overtaken = [ofRecord, ofEntry].some((code) => code !== undefined && LOST_RACES.has(code));
    if (overtaken) return 'OVERTAKEN';
    throw error;
  }
}

/** Why a transaction is canceled when another one was faster, or is under way with the same items. */
const LOST_RACES = new Set(['ConditionalCheckFailed', 'TransactionConflict']);

function itemOf(record: AuditRecord): Record<string, unknown> {
  const position = auditPosition(record);
  const { exportId, tableArn, principal } = record;
  return {
    ...record,
    pk: chainPartition(record.chain),
    sk: sequenceText(record.sequence),
    kind: 'AUDIT_EVENT',
    gsi2pk: ALL_EVENTS,
    gsi2sk: position,
    ...(exportId && { gsi3pk: exportPartition(exportId), gsi3sk: position }),
    ...(tableArn && { gsi4pk: tablePartition(tableArn), gsi4sk: position }),
    ...(principal && { gsi5pk: principalPartition(principal), gsi5sk: position }),
  };
}

const ALL_EVENTS = 'AUDIT_EVENTS';
const exportPartition = (exportId: string) => `EXPORT#${digested(exportId)}`;
const tablePartition = (tableArn: string) => `AUDIT_TABLE#${digested(tableArn)}`;
const principalPartition = (principal: string) => `AUDIT_PRINCIPAL#${digested(principal)}`;

/** By time, then by place in the chain: the events of an export are in the order in which they were written. */
export const auditPosition = ({ eventTime, chain, sequence }: AuditRecord): HistoryPosition =>
  historyPosition(eventTime, `${chainText(chain)}-${sequenceText(sequence)}`);

/** Whose events to read: each has an index, so that what is read is what is asked for. */
export type AuditEventsOf =
  | { readonly of: 'ALL' }
  | { readonly of: 'EXPORT'; readonly exportId: string }
  | { readonly of: 'TABLE'; readonly tableArn: string }
  | { readonly of: 'PRINCIPAL'; readonly principal: string };

/** Events by time, newest first unless the range says otherwise. */
export async function* readAuditEvents(
  table: RecordsTable,
  whose: AuditEventsOf,
  range: HistoryRange,
): AsyncGenerator<AuditRecord> {
  for await (const item of readHistory(table, historyOf(whose), range)) yield parseAuditRecord(item);
}

function historyOf(whose: AuditEventsOf): History {
  switch (whose.of) {
    case 'ALL':
      return { index: 'gsi2', partition: ALL_EVENTS };
    case 'EXPORT':
      return { index: 'gsi3', partition: exportPartition(whose.exportId) };
    case 'TABLE':
      return { index: 'gsi4', partition: tablePartition(whose.tableArn) };
    case 'PRINCIPAL':
      return { index: 'gsi5', partition: principalPartition(whose.principal) };
    default:
      return whose satisfies never;
  }
}

/** A page of a chain, in its order and as it is stored now (strongly consistent), from just behind a sequence number. */
export function readAuditChain(
  table: RecordsTable,
  { chain, after, first }: { readonly chain: number; readonly after: number; readonly first: number },
): Promise<{ readonly records: AuditRecord[]; readonly hasMore: boolean }> {
  const startKey = { pk: chainPartition(chain), sk: sequenceText(after) };
  return queryChain(table, chain, { Limit: first, ...(after > 0 && { ExclusiveStartKey: startKey }) });
}

async function queryChain(
  table: RecordsTable,
  chain: number,
  options: Pick<QueryCommandInput, 'ScanIndexForward' | 'Limit' | 'ExclusiveStartKey'>,
): Promise<{ records: AuditRecord[]; hasMore: boolean }> {
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :chain',
      ExpressionAttributeValues: { ':chain': chainPartition(chain) },
      ConsistentRead: true,
      ...options,
    }),
  );
  return { records: Items.map(parseAuditRecord), hasMore: LastEvaluatedKey !== undefined };
}

const NOT_OF_THE_RECORD = new Set(['kind', ...KEY_ATTRIBUTE_NAMES]);

/** Only this file writes such items, so their shape is trusted; that nobody changed them is for the chain to say. */
function parseAuditRecord(item: Readonly<Record<string, unknown>>): AuditRecord {
  const entries = Object.entries(item).filter(([name]) => !NOT_OF_THE_RECORD.has(name));
  return Object.fromEntries(entries) as unknown as AuditRecord;
}
