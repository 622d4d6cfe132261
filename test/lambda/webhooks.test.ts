import { randomUUID } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readSignedWebhooks } from '../../src/lambda/configured-webhooks.ts';
import { createPublishHandler } from '../../src/lambda/publish-handler.ts';
import type { ExportRecord } from '../../src/records/export-records.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { readDeliveries } from '../../src/records/webhooks.ts';
import { type Attempt, deliverStored, isParked } from '../../src/services/webhooks/deliver.ts';
import { createPostWebhook } from '../../src/services/webhooks/post.ts';
import type { SignedWebhook } from '../../src/services/webhooks/webhook.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { Crash, crashingAt } from '../support/crash.ts';
import { exportCompleted, exportFailed, exportInProgress } from '../support/export-moves.ts';
import { startWebhookReceiver, verified, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let plane: TestControlPlane;
let table: RecordsTable;
let receiver: WebhookReceiver;
/** A webhook of a name of its own, as each test has other events. */
let webhook: SignedWebhook;
let clock: number;
let attempts: Attempt[];

beforeAll(async () => {
  plane = await startControlPlane();
  table = plane.outport.table;
  vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterAll(() => plane.close());
beforeEach(async () => {
  receiver = await startWebhookReceiver();
  webhook = webhookNamed(randomUUID());
  clock = Date.now();
  attempts = [];
});
afterEach(() => receiver.close());

function webhookNamed(name: string, filter: { team?: string; statuses?: string[] } = {}): SignedWebhook {
  const [configured] = readSignedWebhooks({
    OUTPORT_WEBHOOKS: JSON.stringify([{ name, url: receiver.url, ...filter }]),
    OUTPORT_WEBHOOK_SECRETS: JSON.stringify([{ name, secret: WEBHOOK_SECRET }]),
    OUTPORT_ALLOW_LOCAL_WEBHOOKS: 'true',
  });
  if (!configured) throw new Error('there is no webhook');
  return configured;
}

/** Has the stream tell `publish` of moves, and returns those that it could not note. */
async function move(webhooks: readonly SignedWebhook[], ...records: ExportRecord[]): Promise<unknown[]> {
  const sender = { send: async () => 'SENT' as const, close: async () => {} };
  const outport = { ...plane.outport, now: () => new Date(clock) };
  const controlPlane = { ...plane.controlPlane, outport };
  const publish = createPublishHandler(controlPlane, sender, { send: async () => [] }, webhooks);
  const Records = records.map((record): DynamoDBRecord => {
    const NewImage = marshall({ ...record, kind: 'EXPORT' }, { removeUndefinedValues: true });
    return { eventName: 'MODIFY', dynamodb: { NewImage, SequenceNumber: record.id } } as DynamoDBRecord;
  });
  const { batchItemFailures } = await publish({ Records }, { awsRequestId: randomUUID() });
  return batchItemFailures;
}

/** One run of what reconcile does for webhooks. */
const deliver = (webhooks: readonly SignedWebhook[] = [webhook], records = table): Promise<void> =>
  deliverStored(
    {
      table: records,
      post: createPostWebhook({ allowLocal: true }),
      now: () => new Date(clock),
      random: () => 1,
      tell: (attempt) => attempts.push(attempt),
    },
    webhooks,
    {
      remainingMs: () => 50_000,
      wait: async () => {},
      report: (error) => {
        throw error;
      },
    },
    () => false,
  );

/** Runs now and then for a while, as the schedule does every minute. */
async function passTime(milliseconds: number, everyMs = 15 * MINUTE_MS): Promise<void> {
  for (const end = clock + milliseconds; clock < end; clock += everyMs) await deliver();
}

const pending = (name = webhook.name) => readDeliveries(table, name, null, 100);
const outcomes = () => attempts.map(({ outcome }) => outcome);

describe('a webhook', () => {
  test('is told of every state that an export reaches, as the event bus is, once', async () => {
    const id = randomUUID();
    const [started, completed] = [exportInProgress(id, 2), exportCompleted(id, 3)];
    await move([webhook], started);
    await move([webhook], started, completed);
    await deliver();
    await move([webhook], started, completed);
    await deliver();

    expect(receiver.ids().sort()).toEqual([`${id}/2`, `${id}/3`]);
    const [, told] = [...receiver.received].sort((a, b) => a.body.length - b.body.length);
    expect(told && verified(told)).toMatchObject({
      specversion: '1.0',
      id: `${id}/3`,
      type: 'outport.export.completed',
      data: { id, status: 'COMPLETED', itemCount: 1 },
    });
    expect(await pending()).toEqual([]);
  });

  test('is told of what it is meant for only', async () => {
    const [other, ended] = [randomUUID(), randomUUID()];
    const others = webhookNamed(other, { team: 'analytics' });
    const endedOnly = webhookNamed(ended, { team: 'data', statuses: ['COMPLETED', 'FAILED'] });
    const id = randomUUID();
    await move([others, endedOnly], exportInProgress(id, 2), exportFailed(id, 3));

    expect(await pending(other)).toEqual([]);
    expect(await pending(ended)).toMatchObject([{ eventId: `${id}/3` }]);
  });

  test('is told by one of two runs at once', async () => {
    await move([webhook], exportCompleted(randomUUID(), 2));
    await Promise.all([deliver(), deliver(), deliver()]);

    expect(receiver.received).toHaveLength(1);
  });

  test('does not wait for one that does not take anything', async () => {
    const healthy = webhookNamed(randomUUID());
    const refusing = { ...webhookNamed(randomUUID()), url: 'http://127.0.0.1:1/' };
    const moves = Array.from({ length: 30 }, () => exportCompleted(randomUUID(), 2));
    await move([refusing, healthy], ...moves);
    await deliver([refusing, healthy]);

    expect(receiver.received).toHaveLength(30);
    expect(await pending(refusing.name)).toHaveLength(30);
  });
});

describe('an event that is refused', () => {
  test('is sent again, the same under the same id, at ever greater distances', async () => {
    const id = randomUUID();
    await move([webhook], exportCompleted(id, 2));
    receiver.answerWith(() => 503);
    const distances: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await deliver();
      await deliver();
      expect(receiver.received).toHaveLength(attempt);
      const [next] = await pending();
      const due = Date.parse(next?.nextAttemptAt ?? '');
      distances.push((due - clock) / 1000);
      clock = due + 1;
    }
    receiver.answerWith(() => 200);
    await deliver();

    expect(distances).toEqual([30, 90, 270, 810]);
    expect(receiver.ids()).toEqual(Array(5).fill(`${id}/2`));
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(outcomes()).toEqual(['REFUSED', 'REFUSED', 'REFUSED', 'REFUSED', 'TAKEN']);
    expect(attempts.at(-1)).toEqual({
      webhook: webhook.name,
      eventId: `${id}/2`,
      attempts: 5,
      outcome: 'TAKEN',
      problem: null,
    });
  });

  test('is given up after three days, while others are taken', async () => {
    const poison = randomUUID();
    receiver.answerWith(({ body }) => (body.includes(poison) ? 400 : 200));
    await move([webhook], exportCompleted(poison, 2));
    for (let hours = 0; hours < 73; hours += 1) {
      await move([webhook], exportCompleted(randomUUID(), 2));
      await passTime(HOUR_MS, HOUR_MS);
    }

    expect(await pending()).toEqual([]);
    expect(receiver.ids().filter((id) => !id?.includes(poison))).toHaveLength(73);
    expect(attempts.find(({ eventId }) => eventId === `${poison}/2`)).toMatchObject({ outcome: 'REFUSED' });
    expect(attempts.filter(({ outcome }) => outcome === 'GIVEN_UP')).toMatchObject([
      { eventId: `${poison}/2`, problem: 'it answered 400' },
    ]);
  });
});

describe('a webhook that takes nothing', () => {
  test('is parked after an hour, tried with one event now and then, and told of all of them when it comes back', async () => {
    const ids = Array.from({ length: 10 }, () => randomUUID());
    await move([webhook], ...ids.map((id) => exportCompleted(id, 2)));
    receiver.answerWith(() => 500);
    await passTime(HOUR_MS);
    expect(await isParked(table, webhook, new Date(clock - 1))).toBe(false);
    await passTime(15 * MINUTE_MS);
    expect(await isParked(table, webhook, new Date(clock))).toBe(true);

    receiver.received.length = 0;
    await passTime(2 * DAY_MS);
    expect(receiver.received.length).toBeLessThanOrEqual(2 * 24 * 4);
    expect(new Set(receiver.ids()).size).toBeGreaterThan(1);

    const kept = await pending();
    await move([webhook], exportCompleted(randomUUID(), 2));
    receiver.received.length = 0;
    receiver.answerWith(() => 200);
    await passTime(2 * HOUR_MS);
    expect(receiver.received).toHaveLength(kept.length + 1);
    expect(await isParked(table, webhook, new Date(clock))).toBe(false);
    expect(await pending()).toEqual([]);
  });

  test('because it is gone is parked at once', async () => {
    await move([webhook], exportCompleted(randomUUID(), 2), exportCompleted(randomUUID(), 2));
    receiver.answerWith(() => 410);
    await deliver();

    expect(await isParked(table, webhook, new Date(clock))).toBe(true);
    expect(outcomes()).toContain('GONE');
  });
});

describe('a process that dies', () => {
  test('while it stores an event has it stored in the end, once', async () => {
    for (let point = 1; ; point += 1) {
      const name = randomUUID();
      const id = randomUUID();
      const mortal = crashingAt(point, plane.outport).table;
      const dying = { ...plane, controlPlane: { ...plane.controlPlane, records: mortal } };
      const sender = { send: async () => 'SENT' as const, close: async () => {} };
      const publish = createPublishHandler(dying.controlPlane, sender, { send: async () => [] }, [webhookNamed(name)]);
      const NewImage = marshall({ ...exportCompleted(id, 2), kind: 'EXPORT' }, { removeUndefinedValues: true });
      const Records = [{ eventName: 'MODIFY', dynamodb: { NewImage, SequenceNumber: '1' } } as DynamoDBRecord];
      const survived = await publish({ Records }, { awsRequestId: 'r' }).then(
        ({ batchItemFailures }) => batchItemFailures.length === 0,
        () => false,
      );
      await move([webhookNamed(name)], exportCompleted(id, 2));

      expect(await pending(name)).toMatchObject([{ eventId: `${id}/2` }]);
      if (survived) return;
    }
  });

  test('while it sends has the event sent in the end, under the same id', async () => {
    for (let point = 1; ; point += 1) {
      const mortal = crashingAt(point, plane.outport).table;
      const mine = webhookNamed(randomUUID());
      const id = randomUUID();
      receiver.received.length = 0;
      await move([mine], exportCompleted(id, 2));
      const survived = await deliver([mine], mortal).then(
        () => true,
        (error) => {
          expect(error).toBeInstanceOf(Crash);
          return false;
        },
      );
      clock += HOUR_MS;
      await deliver([mine]);

      expect(new Set(receiver.ids())).toEqual(new Set([`${id}/2`]));
      expect(receiver.received.length).toBeLessThanOrEqual(2);
      expect(await pending(mine.name)).toEqual([]);
      if (survived) {
        expect(receiver.received).toHaveLength(1);
        return;
      }
    }
  });
});

describe('the configuration', () => {
  const read = (webhooks: unknown, secrets: unknown = [{ name: 'a', secret: WEBHOOK_SECRET }]) =>
    readSignedWebhooks({
      OUTPORT_WEBHOOKS: JSON.stringify(webhooks),
      OUTPORT_WEBHOOK_SECRETS: JSON.stringify(secrets),
    });
  const url = 'https://portal.example/exports';

  test('is none by default, and may have two secrets for one webhook', () => {
    expect(readSignedWebhooks({})).toEqual([]);
    const [webhook] = read([{ name: 'a', url }], [{ name: 'a', secret: [WEBHOOK_SECRET, WEBHOOK_SECRET] }]);
    expect(webhook?.secrets).toHaveLength(2);
  });

  test.each([
    ['http', [{ name: 'a', url: 'http://portal.example' }], /OUTPORT_WEBHOOKS\[0\].url must be an https address/],
    ['a local address', [{ name: 'a', url: 'http://127.0.0.1:80' }], /must be an https address/],
    ['a password', [{ name: 'a', url: 'https://u:p@portal.example' }], /must be an https address without a user/],
    ['a status that there is not', [{ name: 'a', url, statuses: ['DONE'] }], /statuses must be of QUEUED/],
    [
      'a name twice',
      [
        { name: 'a', url },
        { name: 'a', url },
      ],
      /another name/,
    ],
    ['no secret', [{ name: 'b', url }], /an entry for the webhook b/],
    ['too many', Array.from({ length: 21 }, (_, n) => ({ name: `n${n}`, url })), /20 entries at most/],
  ])('with %s fails the start', (_, webhooks, message) => {
    expect(() => read(webhooks)).toThrow(message);
  });

  test('with a secret that is none fails the start, without repeating it', () => {
    const short = `whsec_${Buffer.alloc(23).toString('base64')}`;
    for (const secret of ['hunter2', short, `${WEBHOOK_SECRET}!`]) {
      const reading = () => read([{ name: 'a', url }], [{ name: 'a', secret }]);

      expect(reading).toThrow('OUTPORT_WEBHOOK_SECRETS[0].secret must be whsec_ and 24 to 64 bytes as base64');
      expect(reading).not.toThrow(secret);
    }
  });
});
