import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDataPlane, type TestDataPlane } from '../../support/data-plane.ts';

let plane: TestDataPlane;
let client: EventBridgeClient;
beforeAll(async () => {
  plane = await startDataPlane({ verifySignatures: true });
  client = new EventBridgeClient({
    endpoint: plane.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: '111122223333', secretAccessKey: 'outport' },
  });
});
afterAll(async () => {
  client.destroy();
  await plane.close();
});

const ENTRY: PutEventsRequestEntry = {
  EventBusName: 'bus',
  Source: 'tests',
  DetailType: 'told',
  Time: new Date('2026-11-23T04:27:12Z'),
  Resources: ['arn:aws:dynamodb:eu-central-1:111122223333:table/orders'],
  Detail: '{"n":1}',
};
const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));

test('takes events, and shows them as a rule hands them on', async () => {
  const { FailedEntryCount, Entries } = await put(ENTRY, { ...ENTRY, Detail: '{"n":2}' });
  expect(FailedEntryCount).toBe(0);

  const shown = await (await fetch(`${plane.endpoint}/_outport/events`)).json();
  expect(shown).toEqual(
    [1, 2].map((n) => ({
      version: '0',
      id: Entries?.[n - 1]?.EventId,
      'detail-type': 'told',
      source: 'tests',
      account: '111122223333',
      time: '2026-11-23T04:27:12.000Z',
      region: 'eu-central-1',
      resources: ENTRY.Resources,
      detail: { n },
    })),
  );
});

test('refuses an event that is none, and takes the others', async () => {
  const { FailedEntryCount, Entries } = await put({ ...ENTRY, Detail: 'no' }, ENTRY, { ...ENTRY, Source: undefined });
  expect(FailedEntryCount).toBe(2);
  expect(Entries).toEqual([
    { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
    { EventId: expect.any(String) },
    { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining('Source is a required argument') },
  ]);
});

test('refuses more than ten events, and what it does not serve', async () => {
  await expect(put(...Array.from({ length: 11 }, () => ENTRY))).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(client.send(new ListRulesCommand())).rejects.toMatchObject({ name: 'UnknownOperationException' });
});
