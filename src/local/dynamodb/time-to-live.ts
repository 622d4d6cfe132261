import describeTimeToLiveRules from 'dynalite/validations/describeTimeToLive.js';
import type { Item } from './dynalite.ts';
import { parseRequest } from './dynalite.ts';
import { validationError } from './errors.ts';
import { withTableName } from './item-operations.ts';
import { writeItem } from './item-writes.ts';
import { keyspace } from './keyspace.ts';
import type { Requester, ServiceContext } from './service-context.ts';
import type { Table } from './table.ts';

/** DynamoDB leaves items alone whose time lies further back, as a guard against wrong units. */
const EXPIRED_LONGEST_AGO_S = 5 * 365 * 24 * 3600;
/** Deletions of a sweep that share a commit. */
const SWEEP_BATCH_MAX = 100;

interface Specification {
  readonly Enabled: boolean;
  readonly AttributeName: string;
}

const updateRules: Dynalite.Validation = {
  types: {
    ...describeTimeToLiveRules.types,
    TimeToLiveSpecification: {
      type: 'FieldStruct<TimeToLiveSpecification>',
      notNull: true,
      children: {
        Enabled: { type: 'Boolean', notNull: true },
        AttributeName: {
          type: 'String',
          notNull: true,
          lengthGreaterThanOrEqual: 1,
          lengthLessThanOrEqual: 255,
        },
      },
    },
  },
};

export async function updateTimeToLive({ commits, tables }: ServiceContext, requester: Requester, data: object) {
  const { TableName, TimeToLiveSpecification: wanted } = parseRequest<{
    TableName: string;
    TimeToLiveSpecification: Specification;
  }>(withTableName(data, requester), updateRules);
  await commits.commit((commit) => {
    const table = tables.getActive(requester, TableName);
    const current = table.record.timeToLiveAttribute;
    if (wanted.Enabled && current !== null) throw validationError('TimeToLive is already enabled');
    if (!wanted.Enabled && current === null) throw validationError('TimeToLive is already disabled');
    if (!wanted.Enabled && current !== wanted.AttributeName) {
      throw validationError(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
    }
    table.update(commit, { timeToLiveAttribute: wanted.Enabled ? wanted.AttributeName : null });
  });
  return { TimeToLiveSpecification: wanted };
}

export async function describeTimeToLive({ tables }: ServiceContext, requester: Requester, data: object) {
  const { TableName } = parseRequest<{ TableName: string }>(withTableName(data, requester), describeTimeToLiveRules);
  const attribute = tables.get(requester, TableName).record.timeToLiveAttribute;
  return {
    TimeToLiveDescription:
      attribute === null ? { TimeToLiveStatus: 'DISABLED' } : { TimeToLiveStatus: 'ENABLED', AttributeName: attribute },
  };
}

/** Deletes the expired items of all tables that have a time-to-live attribute. */
export async function sweepExpiredItems(context: ServiceContext, signal: AbortSignal): Promise<void> {
  for (const table of context.tables.all()) {
    const attribute = table.record.timeToLiveAttribute;
    if (attribute === null) continue;
    // Most items have no such number: looking for its text first saves parsing them.
    const mark = `${JSON.stringify(attribute)}:{"N":`;
    let expired: string[] = [];
    for await (const [key, text] of context.store.entries(keyspace.items(table.id))) {
      if (signal.aborted) return;
      if (!text.includes(mark) || !isExpired(JSON.parse(text), attribute, context.commits.nowMs())) continue;
      expired.push(key);
      if (expired.length < SWEEP_BATCH_MAX) continue;
      await deleteExpired(context, table, attribute, expired);
      expired = [];
    }
    if (expired.length > 0) await deleteExpired(context, table, attribute, expired);
  }
}

/** Looks again under the locks: an item may have been given a later time since the sweep saw it. */
function deleteExpired(
  context: ServiceContext,
  table: Table,
  attribute: string,
  keys: readonly string[],
): Promise<void> {
  const { locks, store, commits } = context;
  return locks.hold(
    keys.map((key) => `${table.id}/${key}`),
    async () => {
      await commits.commit((commit) => {
        if (table.dropped || table.record.timeToLiveAttribute !== attribute) return;
        for (const key of keys) {
          const text = store.get(keyspace.items(table.id) + key);
          if (text === undefined) continue;
          const item: Item = JSON.parse(text);
          if (!isExpired(item, attribute, commits.nowMs())) continue;
          writeItem(commit, { table, key, before: { text, item }, after: undefined, byTimeToLive: true });
        }
      });
    },
  );
}

function isExpired(item: Item, attribute: string, nowMs: number): boolean {
  const time = item[attribute]?.N;
  if (typeof time !== 'string') return false;
  const secondsAgo = nowMs / 1000 - Number(time);
  return secondsAgo >= 0 && secondsAgo <= EXPIRED_LONGEST_AGO_S;
}
