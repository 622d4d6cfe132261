import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { attributesOf, LOOKUP_ATTRIBUTE_KEYS } from '../../../src/local/cloudtrail/attributes.ts';
import { EventStore, type Lookup } from '../../../src/local/cloudtrail/event-store.ts';
import { type CloudTrailRecord, recordOf } from '../../../src/local/cloudtrail/record.ts';

let directory: string;
let database: ClassicLevel<string, string>;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'outport-events-'));
  database = new ClassicLevel(path.join(directory, 'store'));
});
afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

interface Appended {
  readonly timeMs: number;
  readonly record: CloudTrailRecord;
}

// Few values, so that records meet; one of them would break out of a careless index key.
const name = fc.constantFrom('PutItem', 'Put', 'PutItem\0', 'a"b', 'ListTables');
const account = fc.constantFrom('111122223333', '999999999999');
const calls = fc.array(
  fc.record({
    timeMs: fc.integer({ min: 0, max: 5000 }),
    eventName: name,
    accountId: account,
    managementEvent: fc.boolean(),
    table: fc.option(name, { nil: undefined }),
  }),
  { maxLength: 40 },
);
const lookups = fc.record({
  accountId: account,
  attribute: fc.option(
    fc.record({ key: fc.constantFrom(...LOOKUP_ATTRIBUTE_KEYS), value: fc.oneof(name, fc.constant('true')) }),
    {
      nil: undefined,
    },
  ),
  fromMs: fc.integer({ min: 0, max: 5000 }),
  toMs: fc.integer({ min: 0, max: 5000 }),
  limit: fc.integer({ min: 1, max: 7 }),
  sweptMs: fc.integer({ min: 0, max: 2500 }),
});

/** What a lookup must find, by looking at everything. */
function expected(
  appended: readonly Appended[],
  { accountId, attribute, fromMs, toMs, sweptMs }: Omit<Lookup, 'region'> & { sweptMs: number },
) {
  return appended
    .map((entry, arrival) => ({ ...entry, arrival }))
    .filter(
      ({ timeMs, record }) =>
        record.recipientAccountId === accountId && timeMs >= Math.max(fromMs, sweptMs) && timeMs <= toMs,
    )
    .filter(({ record }) =>
      attribute
        ? attributesOf(record).some(({ key, value }) => key === attribute.key && value === attribute.value)
        : record.managementEvent,
    )
    .sort((a, b) => b.timeMs - a.timeMs || b.arrival - a.arrival)
    .map(({ record }) => record.eventID);
}

test('finds, page by page, what a search through all records finds', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(calls, lookups, async (made, wanted) => {
      run += 1;
      const region = `region-${run}`;
      const store = new EventStore(database);
      const appended: Appended[] = [];
      for (const [index, { timeMs, eventName, accountId, managementEvent, table }] of made.entries()) {
        const event = {
          eventName,
          readOnly: index % 2 === 0,
          managementEvent,
          ...(table !== undefined && { resources: [{ ARN: `arn:aws:dynamodb:r:a:table/${table}`, type: table }] }),
        };
        const origin = { region, eventSource: 'dynamodb.amazonaws.com', sourceIpAddress: '::1', requestId: '' };
        const record = recordOf({ ...origin, timeMs, recipientAccountId: accountId, event }, `${run}-${index}`);
        appended.push({ timeMs, record });
        await store.append(record, timeMs);
      }
      await store.sweep(wanted.sweptMs);
      const { sweptMs, ...query } = wanted;
      const found: string[] = [];
      let before: string | undefined;
      do {
        const page = await store.lookup({ ...query, region, before });
        expect(page.records.length).toBeLessThanOrEqual(query.limit);
        found.push(...page.records.map(({ eventID }) => eventID));
        before = page.next;
      } while (before !== undefined);
      expect(found).toEqual(expected(appended, wanted));
    }),
    { numRuns: 60 },
  );
});

test('a sweep leaves nothing of the records it deletes', async () => {
  const store = new EventStore(database);
  const call = {
    requestId: '',
    timeMs: 1000,
    region: 'r',
    eventSource: 's',
    sourceIpAddress: '::1',
    recipientAccountId: '1',
  };
  for (let index = 0; index < 1200; index++) {
    const event = { eventName: `E${index}`, readOnly: true, managementEvent: true };
    await store.append(recordOf({ ...call, event }, String(index)), 1000);
  }
  await store.settle();
  await store.sweep(1001);
  expect(await database.sublevel('cloudtrail').keys().all()).toEqual([]);
});
