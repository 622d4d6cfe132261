import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { type Message, MessageType } from 'graphql-ws';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPublishHandler, type PublishHandler } from '../../src/lambda/publish-handler.ts';
import { compileFilters } from '../../src/local/host/event-filter.ts';
import { readServiceDefinition } from '../../src/local/host/service-definition.ts';
import {
  acknowledgeConnection,
  createConnection,
  exportTopic,
  readConnection,
  readSubscriptions,
  reserveSubscription,
  type SubscriptionRecord,
  storeSubscription,
} from '../../src/records/connections.ts';
import type { ExportRecord } from '../../src/records/export-records.ts';
import type { ScheduleRecord } from '../../src/records/schedule-records.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { EVENT_BUS, postToBus } from '../../src/services/events/bus-outbox.ts';
import { createEventBus, type EventBus } from '../../src/services/events/event-bus.ts';
import { begun, failed } from '../../src/services/schedules/advance.ts';
import type { Sender, Sent } from '../../src/services/subscriptions/sender.ts';
import { deliverStored } from '../../src/services/webhooks/deliver.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { exportFailed, exportInProgress, writeMove } from '../support/export-moves.ts';
import { newSchedule } from '../support/new-schedule.ts';
import { testRun } from '../support/reconcile-run.ts';

const { functions } = readServiceDefinition('serverless.yml');
const [publishStream] = functions.find(({ name }) => name === 'publish')?.streams ?? [];
const passes = compileFilters(publishStream?.filterPatterns ?? []);

const FOLLOW = 'subscription ($id: ID!) { exportUpdated(id: $id) { version } }';
const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600;

let controlPlane: TestControlPlane;
let table: RecordsTable;
let publish: PublishHandler;
/** What was sent to each connection. */
let messages: Map<string, Message[]>;
let closed: string[];
/** The bus of the embedded EventBridge, and how it goes at the moment. */
let realBus: EventBus;
let busIsDown = false;
const bus: EventBus = {
  async send(events) {
    if (busIsDown) return events.map((event) => ({ event, reason: new Error('EventBridge is not to be reached') }));
    return realBus.send(events);
  },
};
/** How sending to a connection goes, instead of well. */
let trouble: Map<string, (message: Message) => Sent>;

const sender: Sender = {
  async send(connectionId, message) {
    const sent = trouble.get(connectionId)?.(message) ?? 'SENT';
    if (sent === 'SENT') messages.set(connectionId, [...(messages.get(connectionId) ?? []), message]);
    return sent;
  },
  async close(connectionId) {
    closed.push(connectionId);
  },
};

const unreachable = (): Sent => {
  throw new Error('API Gateway is not to be reached');
};

beforeAll(async () => {
  controlPlane = await startControlPlane();
  table = controlPlane.outport.table;
  realBus = createEventBus('outport-test');
});

const log = vi.spyOn(console, 'log').mockImplementation(() => {});

beforeEach(() => {
  publish = createPublishHandler(controlPlane.controlPlane, sender, bus, []);
  messages = new Map();
  trouble = new Map();
  closed = [];
});

afterAll(() => controlPlane.close());

/** A subscription to an export that has been told of version 1. */
function subscriptionTo(exportId: string): SubscriptionRecord {
  const identity = { issuer: 'https://issuer.example', subject: 'dev', name: null, teams: ['platform'] };
  return {
    topic: exportTopic(exportId),
    connectionId: randomUUID(),
    id: 'one',
    operation: { query: FOLLOW, operationName: null, variables: { id: exportId } },
    subscriber: { ...identity, expiresAtSeconds: IN_AN_HOUR },
    lastVersion: 1,
    expiresAt: IN_AN_HOUR,
  };
}

/** Subscriptions of so many connections, of which nothing else is known. */
async function followers(exportId: string, count: number): Promise<string[]> {
  const subscriptions = Array.from({ length: count }, () => subscriptionTo(exportId));
  await Promise.all(subscriptions.map((subscription) => storeSubscription(table, subscription)));
  return subscriptions.map(({ connectionId }) => connectionId);
}

/** A connection that follows an export and has been told of version 1. */
async function subscriber(exportId: string, overrides: Partial<SubscriptionRecord> = {}): Promise<string> {
  const subscription: SubscriptionRecord = { ...subscriptionTo(exportId), ...overrides };
  const { connectionId } = subscription;
  await createConnection(table, { connectionId, expiresAt: IN_AN_HOUR });
  await acknowledgeConnection(table, connectionId, subscription.subscriber);
  await reserveSubscription(table, subscription, 1);
  await storeSubscription(table, subscription);
  return connectionId;
}

/** Publishes moves as one batch of the stream, numbered from 1, and returns the numbers that failed. */
async function tell(...records: ExportRecord[]): Promise<string[]> {
  return stream(records.map((record) => ({ ...record, pk: `EXPORT#${record.id}`, sk: 'EXPORT', kind: 'EXPORT' })));
}

interface Circumstances {
  /** When the images came about. */
  readonly at?: Date;
  /** What was there before. */
  readonly before?: Record<string, unknown>;
}

/** Publishes images of the stream. */
async function stream(
  images: readonly Record<string, unknown>[],
  { at = new Date(), before }: Circumstances = {},
): Promise<string[]> {
  const Records = images.map((image, index): DynamoDBRecord => {
    const dynamodb = {
      ...(before && { OldImage: marshall(before, { removeUndefinedValues: true }) }),
      SequenceNumber: String(index + 1),
      ApproximateCreationDateTime: Math.floor(at.getTime() / 1000),
      NewImage: marshall(image, { removeUndefinedValues: true }),
    };
    return { eventName: 'MODIFY', dynamodb } as DynamoDBRecord;
  });
  // Of schedules, the function is sent what its deployment lets through.
  const sent = Records.filter((record) => record.dynamodb?.NewImage?.kind?.S !== 'SCHEDULE' || passes(record));
  const { batchItemFailures } = await publish({ Records: sent }, { awsRequestId: randomUUID() });
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

/** Publishes that a subscription to an export has begun. */
const tellBegun = (exportId: string, connectionId: string) =>
  stream([{ kind: 'SUBSCRIPTION', topic: exportTopic(exportId), connectionId, id: 'one' }]);

async function subscriptionsTo(exportId: string): Promise<SubscriptionRecord[]> {
  const all: SubscriptionRecord[] = [];
  for await (const page of readSubscriptions(table, exportTopic(exportId))) all.push(...page);
  return all;
}

const next = (version: number) => ({ type: 'next', id: 'one', payload: { data: { exportUpdated: { version } } } });
const complete = { type: 'complete', id: 'one' };

describe('publish', () => {
  test('tells each version once, in order, and completes', async () => {
    const id = randomUUID();
    const connectionId = await subscriber(id);

    expect(await tell(exportInProgress(id, 2))).toEqual([]);
    expect(await tell(exportInProgress(id, 2), exportInProgress(id, 3))).toEqual([]);
    expect(await tell(exportInProgress(id, 3), exportFailed(id, 4))).toEqual([]);
    expect(await tell(exportFailed(id, 4))).toEqual([]);
    expect(messages.get(connectionId)).toEqual([next(2), next(3), next(4), complete]);
    expect(await subscriptionsTo(id)).toEqual([]);
    expect(await readConnection(table, connectionId)).toMatchObject({ subscriptions: {} });
  });

  test('begins with the export as it is, tells no older move, and every later one', async () => {
    const id = randomUUID();
    const connectionId = await subscriber(id, { lastVersion: 0 });
    await writeMove(table, exportInProgress(id, 4));

    // Moves that stand before the subscription in the stream, and are read while it is there already.
    await tell(exportInProgress(id, 2));
    await tell(exportInProgress(id, 3));
    expect(await tellBegun(id, connectionId)).toEqual([]);
    expect(await tellBegun(id, connectionId)).toEqual([]);
    await tell(exportInProgress(id, 4));
    await tell(exportFailed(id, 5));
    expect(messages.get(connectionId)).toEqual([next(4), next(5), complete]);
  });

  test('tells beginnings and moves of one batch in their order', async () => {
    const id = randomUUID();
    const followers = [
      await subscriber(id, { lastVersion: 0 }),
      await subscriber(id, { lastVersion: 0 }),
      await subscriber(id),
    ];
    await writeMove(table, exportInProgress(id, 3));
    const image = (record: ExportRecord) => ({ ...record, pk: `EXPORT#${id}`, sk: 'EXPORT', kind: 'EXPORT' });
    const begun = followers.map((connectionId) => ({
      kind: 'SUBSCRIPTION',
      topic: exportTopic(id),
      connectionId,
      id: 'one',
    }));
    await stream([image(exportInProgress(id, 2)), ...begun, image(exportFailed(id, 4))]);

    const [first, second, third] = followers.map((connectionId) => messages.get(connectionId));
    expect(first).toEqual([next(3), next(4), complete]);
    expect(second).toEqual([next(3), next(4), complete]);
    // It had begun before: version 3 is for a move of its own to tell, which is not part of this batch.
    expect(third).toEqual([next(2), next(4), complete]);
  });

  test('tells no beginning to a subscription that has ended meanwhile', async () => {
    const id = randomUUID();
    const connectionId = randomUUID();
    await writeMove(table, exportInProgress(id, 1));

    expect(await tellBegun(id, connectionId)).toEqual([]);
    expect(messages.get(connectionId)).toBeUndefined();
  });

  test('begins behind the version that was seen before, and completes all the same', async () => {
    const [running, ended] = [randomUUID(), randomUUID()];
    const query = 'subscription ($id: ID!) { exportUpdated(id: $id, after: 4) { version } }';
    const seen = (id: string) => ({
      lastVersion: 0,
      operation: { query, operationName: null, variables: { id } },
    });
    const [follower, late] = [await subscriber(running, seen(running)), await subscriber(ended, seen(ended))];
    await writeMove(table, exportInProgress(running, 4));
    await writeMove(table, exportFailed(ended, 4));
    await tellBegun(running, follower);
    await tellBegun(ended, late);
    await tell(exportInProgress(running, 5));

    expect(messages.get(follower)).toEqual([next(5)]);
    expect(messages.get(late)).toEqual([complete]);
  });

  test('leaves progress out where more of it follows, and never a state that ends an export', async () => {
    const id = randomUUID();
    const connectionId = await subscriber(id);
    await tell(exportInProgress(id, 2), exportInProgress(id, 3), exportInProgress(id, 4), exportFailed(id, 5));

    expect(messages.get(connectionId)).toEqual([next(4), next(5), complete]);
  });

  test('gives up a connection that cannot be told for a minute, so that its client connects again', async () => {
    const id = randomUUID();
    const connectionId = await subscriber(id);
    trouble.set(connectionId, unreachable);
    const move = { ...exportInProgress(id, 2), pk: `EXPORT#${id}`, sk: 'EXPORT', kind: 'EXPORT' };

    expect(await stream([move])).toEqual(['1']);
    expect(await stream([move], { at: new Date(Date.now() - 61_000) })).toEqual([]);
    expect(closed).toEqual([connectionId]);
    expect(await readConnection(table, connectionId)).toBeNull();
    expect(await subscriptionsTo(id)).toEqual([]);
  });

  test('tells nobody of other exports', async () => {
    const connectionId = await subscriber(randomUUID());
    await tell(exportInProgress(randomUUID(), 2));

    expect(messages.get(connectionId)).toBeUndefined();
  });

  test('reports a move that could not be told, and tells everybody else all the same', async () => {
    const id = randomUUID();
    const [unlucky, lucky] = [await subscriber(id), await subscriber(id)];
    let attempts = 0;
    trouble.set(unlucky, () => (++attempts === 1 ? unreachable() : 'SENT'));
    const moves = [exportInProgress(id, 2), exportFailed(id, 3)];

    expect(await tell(...moves)).toEqual(['1']);
    expect(log).toHaveBeenCalledWith(expect.stringContaining('API Gateway is not to be reached'));
    expect(messages.get(lucky)).toEqual([next(2), next(3), complete]);
    expect(await tell(...moves)).toEqual([]);
    expect(messages.get(lucky)).toHaveLength(3);
    expect(messages.get(unlucky)).toEqual([next(3), complete]);
  });

  test('completes again when only that failed', async () => {
    const id = randomUUID();
    const connectionId = await subscriber(id);
    trouble.set(connectionId, ({ type }) => (type === MessageType.Complete ? unreachable() : 'SENT'));
    expect(await tell(exportFailed(id, 2))).toEqual(['1']);
    trouble.clear();
    expect(await tell(exportFailed(id, 2))).toEqual([]);

    expect(messages.get(connectionId)).toEqual([next(2), complete]);
  });

  test('forgets connections that are gone', async () => {
    const id = randomUUID();
    const [gone, here] = [await subscriber(id), await subscriber(id)];
    trouble.set(gone, () => 'GONE');

    expect(await tell(exportInProgress(id, 2))).toEqual([]);
    expect(await subscriptionsTo(id)).toMatchObject([{ connectionId: here }]);
    expect(await readConnection(table, gone)).toBeNull();
  });

  test('ends a subscription whose token has expired', async () => {
    const id = randomUUID();
    const subscriberNow = { issuer: 'i', subject: 's', name: null, teams: ['platform'], expiresAtSeconds: 1 };
    const connectionId = await subscriber(id, { subscriber: subscriberNow });
    await tell(exportInProgress(id, 2));

    expect(messages.get(connectionId)).toMatchObject([
      { type: 'error', id: 'one', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    ]);
    expect(await subscriptionsTo(id)).toEqual([]);
  });

  test('ends a subscription whose subscriber may no longer see the export', async () => {
    const id = randomUUID();
    const stranger = { issuer: 'i', subject: 's', name: null, teams: [], expiresAtSeconds: IN_AN_HOUR };
    const connectionId = await subscriber(id, { subscriber: stranger });
    await tell(exportInProgress(id, 2));

    expect(messages.get(connectionId)).toMatchObject([
      { type: 'error', id: 'one', payload: [{ extensions: { code: 'NOT_FOUND' } }] },
    ]);
    expect(await subscriptionsTo(id)).toEqual([]);
  });

  test('ends a subscription that the schema no longer knows', async () => {
    const id = randomUUID();
    const operation = { query: 'subscription { formerly }', operationName: null, variables: null };
    const connectionId = await subscriber(id, { operation });
    await tell(exportInProgress(id, 2));

    expect(messages.get(connectionId)).toMatchObject([
      { type: 'error', id: 'one', payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    ]);
  });

  test('ends a subscription whose answer no message can hold', async () => {
    const id = randomUUID();
    const connectionId = await subscriber(id);
    trouble.set(connectionId, ({ type }) => (type === MessageType.Next ? 'TOO_LARGE' : 'SENT'));
    await tell(exportInProgress(id, 2));

    expect(messages.get(connectionId)).toMatchObject([
      { type: 'error', id: 'one', payload: [{ message: expect.stringContaining('128 KB') }] },
    ]);
    expect(await subscriptionsTo(id)).toEqual([]);
  });

  test('reaches all of more subscribers than it tells at once, with one decision for those who are the same', async () => {
    const id = randomUUID();
    const connectionIds = await followers(id, 130);
    const decisions = vi.spyOn(controlPlane.outport, 'permit');
    const calls = vi.spyOn(table.client, 'send');
    await tell(exportInProgress(id, 2));
    const [decisionCount, callCount] = [decisions.mock.calls.length, calls.mock.calls.length];
    decisions.mockRestore();
    calls.mockRestore();

    expect(connectionIds.map((connectionId) => messages.get(connectionId))).toEqual(connectionIds.map(() => [next(2)]));
    expect(decisionCount).toBe(1);
    // Those who follow the export, how far it has been told, a note for each hundred, and those who follow a list.
    expect(callCount).toBe(5);
  });

  test('decides on everybody who differs', async () => {
    const id = randomUUID();
    const as = (identity: object) => ({
      subscriber: {
        issuer: 'https://issuer.example',
        subject: 'dev',
        name: null,
        teams: ['platform'],
        expiresAtSeconds: IN_AN_HOUR,
        ...identity,
      },
    });
    const may = [await subscriber(id), await subscriber(id, as({ subject: 'other' }))];
    const mayNot = await subscriber(id, as({ teams: [] }));
    const late = await subscriber(id, as({ expiresAtSeconds: 1 }));
    await tell(exportInProgress(id, 2));

    for (const connectionId of may) expect(messages.get(connectionId)).toEqual([next(2)]);
    expect(messages.get(mayNot)).toMatchObject([{ type: 'error', payload: [{ extensions: { code: 'NOT_FOUND' } }] }]);
    expect(messages.get(late)).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    ]);
  });

  test('tells everybody before it completes anybody, whose id may be used again by then', async () => {
    const id = randomUUID();
    const connectionIds = [await subscriber(id), await subscriber(id)];
    const sent: string[] = [];
    let idsInUse: unknown;
    for (const connectionId of connectionIds) {
      trouble.set(connectionId, ({ type }) => {
        sent.push(type);
        return 'SENT';
      });
    }
    const send = sender.send.bind(sender);
    const completing = vi.spyOn(sender, 'send').mockImplementation(async (connectionId, message) => {
      if (message.type === MessageType.Complete) {
        idsInUse = (await readConnection(table, connectionId))?.subscriptions;
      }
      return send(connectionId, message);
    });
    await tell(exportFailed(id, 2));
    completing.mockRestore();

    expect(sent).toEqual(['next', 'next', 'complete', 'complete']);
    expect(idsInUse).toEqual({});
  });

  test('tells only those again who have not heard, when it could not go on', async () => {
    const id = randomUUID();
    await followers(id, 130);
    const inOrder = (await subscriptionsTo(id)).map(({ connectionId }) => connectionId);
    const [unlucky = '', ...others] = inOrder;
    trouble.set(unlucky, unreachable);
    // As if the process had ended within the second hundred.
    const send = table.client.send.bind(table.client);
    let notes = 0;
    const dying = vi.spyOn(table.client, 'send').mockImplementation(async (command: Parameters<typeof send>[0]) => {
      if (command instanceof UpdateCommand && command.input.Key?.pk === `TELLING#${id}` && ++notes === 2) {
        throw new Error('the process has ended');
      }
      return send(command);
    });
    expect(await tell(exportInProgress(id, 2))).toEqual(['1']);
    dying.mockRestore();
    trouble.clear();
    expect(await tell(exportInProgress(id, 2))).toEqual([]);

    expect(messages.get(unlucky)).toEqual([next(2)]);
    const heard = others.map((connectionId) => messages.get(connectionId)?.length);
    // The first hundred once; the others twice, as nobody knows how far they had been told.
    expect(heard).toEqual([...Array(99).fill(1), ...Array(30).fill(2)]);
  });

  test('leaves the others for the next attempt when nobody can be told', async () => {
    const id = randomUUID();
    const connectionIds = await followers(id, 230);
    let attempts = 0;
    for (const connectionId of connectionIds) {
      trouble.set(connectionId, () => {
        attempts += 1;
        return unreachable();
      });
    }
    expect(await tell(exportFailed(id, 2))).toEqual(['1']);
    expect(attempts).toBe(200);
    trouble.clear();
    expect(await tell(exportFailed(id, 2))).toEqual([]);

    for (const connectionId of connectionIds) expect(messages.get(connectionId)).toEqual([next(2), complete]);
  });
});

describe('the event bus', () => {
  /** The details of the events about an export, as a target of a rule receives them. */
  async function eventsAbout(exportId: string) {
    const reply = await fetch(`${controlPlane.endpoint}/_outport/events`);
    const events = (await reply.json()) as Array<{ detail: { id: string; subject: string } }>;
    return events.filter(({ detail }) => detail.subject === exportId);
  }

  test('is told of every state that an export reaches, and not of progress', async () => {
    const id = randomUUID();
    const image = (record: ExportRecord) => ({ ...record, pk: `EXPORT#${id}`, sk: 'EXPORT', kind: 'EXPORT' });
    const [started, progress, failed] = [exportInProgress(id, 2), exportInProgress(id, 3), exportFailed(id, 4)];
    await stream([image(started)]);
    await stream([image(progress)], { before: image(started) });
    await stream([image(failed)], { before: image(progress) });

    const events = await eventsAbout(id);
    expect(events).toMatchObject([
      { source: 'outport', 'detail-type': 'outport.export.started', resources: [started.tableArn] },
      { source: 'outport', 'detail-type': 'outport.export.failed', time: failed.updatedAt },
    ]);
    expect(events[1]?.detail).toEqual({
      specversion: '1.0',
      id: `${id}/4`,
      source: 'outport',
      type: 'outport.export.failed',
      subject: id,
      time: failed.updatedAt,
      datacontenttype: 'application/json',
      data: {
        id,
        version: 4,
        status: 'FAILED',
        tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
        exportType: 'FULL_EXPORT',
        exportFormat: 'DYNAMODB_JSON',
        destination: failed.destination,
        requestedBy: { issuer: 'https://issuer.example', subject: 'ana' },
        team: 'data',
        createdAt: failed.createdAt,
        exportArn: started.exportArn,
        endTime: '2026-11-23T00:01:00.000Z',
        failure: { code: 'S3_NO_SUCH_BUCKET', message: 'gone', remedy: 'Create the bucket.' },
      },
    });
  });

  /** One run of what reconcile does for the bus. */
  const sendStored = (laterMs: number) => {
    const delivering = { table, now: () => new Date(Date.now() + laterMs), random: () => 1, tell: () => {} };
    return deliverStored(
      { ...delivering, post: postToBus(bus) },
      [EVENT_BUS],
      { ...testRun, remainingMs: () => 50_000 },
      () => false,
    );
  };

  test('is told later of what it did not take, under the same id, and nobody waits for it', async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    const connectionId = await subscriber(id);
    busIsDown = true;
    expect(await tell(exportFailed(id, 2))).toEqual([]);
    expect(messages.get(connectionId)).toEqual([next(2), complete]);
    // The same move again, and another, for which the bus is not even asked.
    expect(await tell(exportFailed(id, 2), exportFailed(other, 2))).toEqual([]);
    await sendStored(0);
    expect(await eventsAbout(id)).toEqual([]);
    busIsDown = false;
    await sendStored(60_000);

    for (const each of [id, other])
      expect((await eventsAbout(each)).map(({ detail }) => detail.id)).toEqual([`${each}/2`]);
    expect(messages.get(connectionId)).toHaveLength(2);
  });

  test('is told once that the chain of a schedule is broken', async () => {
    const id = `sch_${randomUUID()}`;
    const image = (chain: Partial<ScheduleRecord['chain']>, version: number) => {
      const schedule = newSchedule(id, new Date());
      return { ...schedule, version, chain: { ...schedule.chain, number: 1, ...chain }, kind: 'SCHEDULE' };
    };
    const brokenAt = { from: '2026-11-23T00:00:00Z', code: 'RECOVERY_WINDOW_MOVED' as const, message: 'moved' };
    const [whole, broken] = [image({ through: brokenAt.from }, 5), image({ brokenAt }, 6)];
    expect(await stream([broken], { before: whole })).toEqual([]);
    expect(await stream([image({ brokenAt }, 7)], { before: broken })).toEqual([]);

    expect(await eventsAbout(id)).toMatchObject([
      {
        'detail-type': 'outport.schedule.broken',
        resources: [broken.tableArn],
        detail: { id: `${id}/chain-1`, data: { id, chain: 1, ...brokenAt, teams: ['platform'] } },
      },
    ]);
  });

  test('is told that a schedule was stopped, and not that somebody paused one', async () => {
    const id = `sch_${randomUUID()}`;
    const schedule = newSchedule(id, new Date());
    const problem = { code: 'PERMISSION_DENIED' as const, message: 'no more' };
    const image = (changes: Partial<ScheduleRecord>) => ({ ...schedule, kind: 'SCHEDULE', ...changes });
    const [active, stopped] = [image({ problem }), image({ status: 'PAUSED', version: 6, problem })];
    expect(await stream([stopped], { before: active })).toEqual([]);
    expect(await stream([image({ status: 'PAUSED', version: 7, problem })], { before: stopped })).toEqual([]);
    expect(await stream([image({ status: 'PAUSED', version: 6 })], { before: active })).toEqual([]);

    expect(await eventsAbout(id)).toMatchObject([
      {
        'detail-type': 'outport.schedule.stopped',
        detail: { id: `${id}/6`, data: { id, chainedThrough: null, teams: ['platform'], ...problem } },
      },
    ]);
  });

  test('is told once that a link of a schedule has failed five times', async () => {
    const id = `sch_${randomUUID()}`;
    const now = new Date();
    const { schedule, link } = begun(newSchedule(id, now), { from: null, to: '2026-11-23T00:00:00Z' }, now);
    const problem = { code: 'S3_NO_SUCH_BUCKET' as const, message: 'gone' };
    // What a chain cannot go on without is not given up.
    let last: ScheduleRecord = {
      ...schedule,
      chain: { ...schedule.chain, through: '2026-11-23T00:00:00Z' },
      current: link,
    };
    for (let failures = 0; failures < 8; failures += 1) {
      const { current } = last;
      if (!current) throw new Error('the link was given up');
      const next = failed(last, current, problem, now).schedule;
      expect(await stream([{ ...next, kind: 'SCHEDULE' }], { before: { ...last, kind: 'SCHEDULE' } })).toEqual([]);
      last = next;
    }

    expect(await eventsAbout(id)).toMatchObject([
      {
        'detail-type': 'outport.schedule.delayed',
        detail: { id: `${id}/link-1`, data: { link: 1, from: null, ...problem } },
      },
    ]);
  });

  test('takes more events than fit into one call', async () => {
    const ids = Array.from({ length: 23 }, () => randomUUID());
    expect(await tell(...ids.map((id) => exportInProgress(id, 1)))).toEqual([]);

    for (const id of ids) expect(await eventsAbout(id)).toHaveLength(1);
  });
});
