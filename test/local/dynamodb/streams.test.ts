import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTable, dynamoDbClient, startLocalDynamoDb } from './support/local-dynamodb.ts';
import { until } from './support/until.ts';

let nowMs: number;
let plane: Awaited<ReturnType<typeof startLocalDynamoDb>>;
let client: DynamoDBClient;

beforeEach(async () => {
  nowMs = Date.parse('2026-11-01T10:00:00Z');
  plane = await startLocalDynamoDb({ now: () => nowMs, maintenanceIntervalMs: 20 });
  client = dynamoDbClient(plane.endpoint);
});

afterEach(async () => {
  client.destroy();
  await plane.close();
});

const key = (pk: string) => ({ pk: { S: pk }, sk: { N: '1' } });
const put = (pk: string, value: string) =>
  client.send(new PutItemCommand({ TableName: 'Watched', Item: { ...key(pk), value: { S: value } } }));

async function watchedTable(StreamViewType: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES') {
  await createTable(client, 'Watched', { StreamSpecification: { StreamEnabled: true, StreamViewType } });
  return streamArn();
}

async function streamArn(): Promise<string> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'Watched' }));
  return Table?.LatestStreamArn ?? '';
}

it('has a record of every change in order, as Lambda receives it', async () => {
  const arn = await watchedTable('NEW_AND_OLD_IMAGES');
  await put('a', 'one');
  await put('a', 'two');
  await put('a', 'two');
  await client.send(new DeleteItemCommand({ TableName: 'Watched', Key: key('a') }));
  await client.send(new DeleteItemCommand({ TableName: 'Watched', Key: key('never was') }));

  const { records, lastSequence } = await plane.streams.read(arn, '', 100);

  const common = {
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-north-1',
    eventSourceARN: arn,
    eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
  };
  const image = (value: string) => ({ ...key('a'), value: { S: value } });
  const change = (more: object) => ({
    ApproximateCreationDateTime: nowMs / 1000,
    Keys: key('a'),
    SequenceNumber: expect.stringMatching(/^\d{21}$/),
    SizeBytes: expect.any(Number),
    StreamViewType: 'NEW_AND_OLD_IMAGES',
    ...more,
  });
  // Writing what is there already, or deleting what is not, changes nothing.
  expect(records).toEqual([
    { ...common, eventName: 'INSERT', dynamodb: change({ NewImage: image('one') }) },
    { ...common, eventName: 'MODIFY', dynamodb: change({ OldImage: image('one'), NewImage: image('two') }) },
    { ...common, eventName: 'REMOVE', dynamodb: change({ OldImage: image('two') }) },
  ]);
  expect(lastSequence).toBe(records.at(-1)?.dynamodb?.SequenceNumber);
  expect(await plane.streams.read(arn, lastSequence, 100)).toEqual({ records: [], lastSequence });
});

it.each([
  ['KEYS_ONLY', []],
  ['NEW_IMAGE', ['NewImage']],
  ['OLD_IMAGE', ['OldImage']],
] as const)('shows with %s only that', async (viewType, images) => {
  const arn = await watchedTable(viewType);
  await put('a', 'one');
  await put('a', 'two');
  const { records } = await plane.streams.read(arn, '', 100);
  const shown = Object.keys(records[1]?.dynamodb ?? {}).filter((member) => member.endsWith('Image'));
  expect(shown).toEqual(images);
  expect(records[1]?.dynamodb?.Keys).toEqual(key('a'));
});

it('is read in pieces and wakes who waits', async () => {
  const arn = await watchedTable('KEYS_ONLY');
  const waiting = plane.streams.waitForRecords(arn, '', new AbortController().signal);
  const writes = Array.from({ length: 5 }, (_, n) => ({ PutRequest: { Item: key(`item${n}`) } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { Watched: writes } }));
  await waiting;
  const seen: string[] = [];
  let position = '';
  for (;;) {
    const { records, lastSequence } = await plane.streams.read(arn, position, 2);
    if (records.length === 0) break;
    expect(records.length).toBeLessThanOrEqual(2);
    seen.push(...records.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S ?? ''));
    position = lastSequence;
  }
  expect(seen.sort()).toEqual(writes.map((_, n) => `item${n}`));

  const abort = new AbortController();
  const aborted = plane.streams.waitForRecords(arn, position, abort.signal);
  abort.abort();
  await aborted;
});

it('keeps records for 24 hours', async () => {
  const arn = await watchedTable('KEYS_ONLY');
  await put('old', '1');
  nowMs += 23 * 3600_000;
  await put('young', '1');
  expect((await plane.streams.read(arn, '', 100)).records).toHaveLength(2);
  nowMs += 2 * 3600_000;
  const left = await until(async () => {
    const { records } = await plane.streams.read(arn, '', 100);
    return records.length === 1 && records;
  });
  expect(left[0]?.dynamodb?.Keys?.pk).toEqual({ S: 'young' });
});

it('ends when it is disabled, and a new one begins with what comes then', async () => {
  const first = await watchedTable('KEYS_ONLY');
  await put('first', '1');
  await client.send(new UpdateTableCommand({ TableName: 'Watched', StreamSpecification: { StreamEnabled: false } }));
  await put('between', '1');
  expect((await plane.streams.read(first, '', 100)).records).toHaveLength(1);
  nowMs += 1000;
  await client.send(
    new UpdateTableCommand({
      TableName: 'Watched',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    }),
  );
  await put('second', '1');
  const second = await streamArn();
  expect(second).not.toBe(first);
  const { records } = await plane.streams.read(second, '', 100);
  expect(records.map(({ dynamodb }) => dynamodb?.Keys?.pk)).toEqual([{ S: 'second' }]);
});
