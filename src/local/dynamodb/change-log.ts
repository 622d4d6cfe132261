import type { Commit } from './commit-queue.ts';
import type { ItemWrite } from './item-writes.ts';
import { keyspace, ordered } from './keyspace.ts';
import type { Store } from './store.ts';
import type { Table } from './table.ts';

/** One change of one item, as it lies in the table's log until streams and continuous backups are done with it. */
export interface LoggedChange {
  readonly sequence: number;
  readonly timeMicros: number;
  readonly byTimeToLive: boolean;
  readonly key: string;
  readonly newImage: string | null;
  /** Kept for streams only. */
  readonly oldImage: string | null;
}

/** DynamoDB Streams keep records for a day. */
const STREAM_RETENTION_MICROS = 24 * 3600 * 1_000_000;

const hasOpenStream = ({ record: { stream } }: Table): boolean => stream !== null && stream.throughSequence === null;

/** Adds a change to the log, when the table has a stream or recovery: otherwise nobody would read it. */
export function logChange(commit: Commit, write: ItemWrite, newText: string | undefined): void {
  const { table, key, before, byTimeToLive = false } = write;
  const forStream = hasOpenStream(table);
  if (!forStream && !table.record.recovery) return;
  table.lastChange = commit.nextSequence();
  // JSON text has no line breaks of its own, so lines need no escaping and the item's text is used as it is.
  const lines = [
    `${commit.timeMicros}${byTimeToLive ? ' ttl' : ''}`,
    key,
    newText ?? '',
    forStream ? (before?.text ?? '') : '',
  ];
  commit.put(keyspace.change(table.id, table.lastChange), lines.join('\n'));
}

/** Changes after `afterSequence` up to and including `throughSequence`, oldest first. */
export async function* readChanges(
  store: Store,
  tableId: string,
  afterSequence: number,
  throughSequence: number,
  limit = -1,
): AsyncGenerator<LoggedChange> {
  const range = { gt: ordered(afterSequence), lte: ordered(throughSequence), limit };
  for await (const batch of store.entryBatches(keyspace.changes(tableId), range)) {
    for (const [sequence, text] of batch) yield loggedChange(sequence, text);
  }
}

function loggedChange(sequence: string, text: string): LoggedChange {
  const [stamp = '', key = '', newImage = '', oldImage = ''] = text.split('\n');
  const [timeMicros, mark] = stamp.split(' ');
  return {
    sequence: Number(sequence),
    timeMicros: Number(timeMicros),
    byTimeToLive: mark === 'ttl',
    key,
    newImage: newImage || null,
    oldImage: oldImage || null,
  };
}

/**
 * Removes the changes that nobody needs any more.
 * @param archivedThrough the last sequence that the continuous backups hold, when the table has them
 */
export async function trimLog(
  store: Store,
  table: Table,
  archivedThrough: number | null,
  nowMicros: number,
): Promise<void> {
  const archived = table.record.recovery ? (archivedThrough ?? 0) : table.lastChange;
  const through = Math.min(archived, await lastExpired(store, table, nowMicros));
  if (through > 0) await store.clear(keyspace.changes(table.id), keyspace.change(table.id, through));
}

/** The last change that is no longer part of what the table's stream keeps. */
async function lastExpired(store: Store, { id, record: { stream }, lastChange }: Table, nowMicros: number) {
  if (!stream) return lastChange;
  let expired = stream.afterSequence;
  for await (const change of readChanges(store, id, stream.afterSequence, stream.throughSequence ?? lastChange)) {
    if (change.timeMicros > nowMicros - STREAM_RETENTION_MICROS) return expired;
    expired = change.sequence;
  }
  return stream.throughSequence === null ? expired : lastChange;
}
