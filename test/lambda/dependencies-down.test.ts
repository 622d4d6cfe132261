import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createHealth } from '../../src/lambda/health.ts';
import { createPublishHandler } from '../../src/lambda/publish-handler.ts';
import type { Fault } from '../../src/local/aws/faults.ts';
import { type ExportRecord, isOpen, readExport } from '../../src/records/export-records.ts';
import { readDeliveries } from '../../src/records/webhooks.ts';
import { BOUNDED_CALLS } from '../../src/services/bounded-calls.ts';
import { EVENT_BUS, postToBus } from '../../src/services/events/bus-outbox.ts';
import { createEventBus } from '../../src/services/events/event-bus.ts';
import { reconcileAccounts, reconcileExport } from '../../src/services/reconcile.ts';
import { deliverStored } from '../../src/services/webhooks/deliver.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { exportFailed } from '../support/export-moves.ts';
import { reconcileAllAccounts, reconcileToTheEnd, testRun } from '../support/reconcile-run.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/* Each row of "When AWS fails" in docs/operations.md: what goes on, what callers see, what recovers by itself. */

const ITEM_OPERATIONS = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'TransactWriteItems'];
const records = (fault: Omit<Fault, 'service' | 'operation'>): Fault[] =>
  ITEM_OPERATIONS.map((operation) => ({ service: 'dynamodb', operation, ...fault }));

const directory = temporaryDirectory();
const faultsFile = () => `${directory.path}/faults.json`;
let plane: TestControlPlane;
let token: string;
let tableArn: string;

beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  plane = await startControlPlane({}, { faultsFile: faultsFile() });
  token = await plane.issuer.token('ann', ['platform']);
  tableArn = await plane.createTable('orders');
  await plane.createBucket('lake');
});
afterEach(recover);
afterAll(() => plane.close());

const inject = (...faults: readonly Fault[]) => writeFileSync(faultsFile(), JSON.stringify(faults));

function recover(): void {
  rmSync(faultsFile(), { force: true });
}

const EXPORT_TABLE = `mutation ($input: ExportTableInput!) {
  exportTable(input: $input) { export { id status } userErrors { code message remedy } }
}`;

const ask = (clientToken: string = randomUUID()) =>
  plane.query(token, EXPORT_TABLE, { input: { clientToken, tableArn, destination: { bucket: 'lake' } } });

async function started(): Promise<string> {
  const { body } = await ask();
  return body.data.exportTable.export.id;
}

const codesOf = (errors: ReadonlyArray<{ code: string }>) => [...new Set(errors.map(({ code }) => code))];

async function recordOf(id: string): Promise<ExportRecord> {
  const record = await readExport(plane.outport.table, id);
  if (!record) throw new Error(`there is no export ${id}`);
  return record;
}

/** One step of reconcile, which leaves a record open that it could do nothing about. */
async function reconcileOnce(id: string): Promise<ExportRecord> {
  const record = await recordOf(id);
  return isOpen(record) ? reconcileExport(plane.outport, record) : record;
}

/** Reconciles while it fails for a while, and to the end when it does not any more. */
async function endsCompleted(id: string): Promise<void> {
  recover();
  expect(await reconcileToTheEnd(plane.outport, id)).toMatchObject({
    status: 'COMPLETED',
    itemCount: 3,
    verification: { status: 'VERIFIED' },
  });
}

/** Has the stream tell `publish` that an export has failed. @returns whether it comes again */
async function publish(id: string): Promise<boolean> {
  const sender = { send: async () => 'SENT' as const, close: async () => {} };
  const handler = createPublishHandler(plane.controlPlane, sender, createEventBus('outport-test'), [
    { name: 'portal', url: 'https://portal.example', team: null, statuses: null },
  ]);
  const NewImage = marshall({ ...exportFailed(id, 2), kind: 'EXPORT' }, { removeUndefinedValues: true });
  const Records = [{ eventName: 'MODIFY', dynamodb: { NewImage, SequenceNumber: '1' } } as DynamoDBRecord];
  return (await handler({ Records }, { awsRequestId: 'r' })).batchItemFailures.length > 0;
}

async function eventsAbout(id: string): Promise<string[]> {
  const reply = await fetch(`${plane.endpoint}/_outport/events`);
  const events = (await reply.json()) as Array<{ detail: { id: string; subject: string } }>;
  return events.filter(({ detail }) => detail.subject === id).map(({ detail }) => detail.id);
}

describe('while DynamoDB throttles the records', () => {
  test('callers are told to come again, health is not ready, and the same request succeeds afterwards, once', async () => {
    const clientToken = randomUUID();
    inject(...records({ refusal: 'Throttled' }));
    const refused = await ask(clientToken);
    const health = await createHealth(plane.outport.table, plane.outport.now)('r');

    expect(refused).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { errors: [{ extensions: { code: 'RECORDS_UNAVAILABLE', retryAfterSeconds: 5 } }] },
    });
    expect(refused.body.errors[0].message).toContain('the same clientToken');
    expect(health.statusCode).toBe(503);
    recover();
    const answers = await Promise.all([ask(clientToken), ask(clientToken)]);
    const ids = answers.map(({ body }) => body.data.exportTable.export.id);
    expect(new Set(ids).size).toBe(1);
    await endsCompleted(ids[0]);
  });

  test('a call is tried three times and no more', async () => {
    let attempts = 0;
    const { client } = plane.outport.table;
    client.middlewareStack.add(
      (next) => async (args) => {
        attempts += 1;
        return next(args);
      },
      { step: 'deserialize', name: 'attempts' },
    );
    inject(...records({ refusal: 'Throttled' }));
    await expect(readExport(plane.outport.table, 'exp_1')).rejects.toMatchObject({ name: 'ThrottlingException' });
    client.middlewareStack.remove('attempts');

    expect(attempts).toBe(BOUNDED_CALLS.maxAttempts);
  });

  test('a request that fails halfway is finished by the same request, with one export', async () => {
    const clientToken = randomUUID();
    let refusals = 0;
    let id: string | undefined;
    while (id === undefined) {
      inject(...records({ refusal: 'Throttled', share: refusals < 3 ? 0.7 : 0 }));
      const { body } = await ask(clientToken);
      id = body.data?.exportTable?.export?.id;
      if (id === undefined) refusals += 1;
      for (const { extensions } of body.errors ?? []) expect(extensions.code).toBe('RECORDS_UNAVAILABLE');
    }
    await endsCompleted(id);
    const list = await plane.query(token, '{ exports(first: 100) { nodes { id } } }');
    expect(list.body.data.exports.nodes.filter((node: { id: string }) => node.id === id)).toHaveLength(1);
  });

  test('a field that fails is said to, beside the others', async () => {
    const id = await started();
    await endsCompleted(id);
    inject({ service: 'dynamodb', operation: 'Query', refusal: 'Throttled' });
    const { status, body } = await plane.query(
      token,
      `{ export(id: "${id}") { id } exports(first: 1) { nodes { id } } }`,
    );

    expect({ status, data: body.data }).toEqual({ status: 200, data: null });
    expect(body.errors).toMatchObject([{ path: ['exports'], extensions: { code: 'RECORDS_UNAVAILABLE' } }]);
  });

  test('the bus is told of a move at once, webhooks and subscribers afterwards', async () => {
    const id = randomUUID();
    inject(...records({ refusal: 'Throttled' }));
    expect(await publish(id)).toBe(true);
    expect(await eventsAbout(id)).toEqual([`${id}/2`]);
    recover();
    expect(await publish(id)).toBe(false);

    const deliveries = await readDeliveries(plane.outport.table, 'portal', null, 100);
    expect(deliveries.filter(({ eventId }) => eventId === `${id}/2`)).toHaveLength(1);
  });
});

describe('while S3 fails', () => {
  test('a new request is told to come again, and what runs ends when its output can be verified', async () => {
    const id = await started();
    const clientToken = randomUUID();
    inject({ service: 's3', refusal: 'Unavailable' });

    const { body } = await ask(clientToken);
    expect(body.data.exportTable.export).toBeNull();
    expect(body.data.exportTable.userErrors).toMatchObject([
      { code: 'AWS_UNAVAILABLE', message: 'S3 answered 503 and gave no reason.' },
    ]);
    await vi.waitFor(async () => {
      const { body: described } = await plane.query(token, `{ export(id: "${id}") { status } }`);
      expect(described.data.export.status).toBe('IN_PROGRESS');
      expect(await reconcileOnce(id)).toMatchObject({ status: 'IN_PROGRESS' });
    });
    await endsCompleted(id);
    expect((await ask(clientToken)).body.data.exportTable.userErrors).toEqual([]);
  });
});

describe('while STS fails', () => {
  test('a new request is told to come again, and what runs is shown, and ends afterwards', async () => {
    const id = await started();
    inject({ service: 'sts', refusal: 'Unavailable' });
    // Sessions last: those of an account that is new have to be asked for.
    const fresh = await plane.query(token, EXPORT_TABLE, {
      input: { clientToken: randomUUID(), tableArn, destination: { bucket: 'lake', prefix: randomUUID() } },
    });

    expect(codesOf(fresh.body.data.exportTable.userErrors)).toEqual(['AWS_UNAVAILABLE']);
    const shown = await plane.query(token, `{ export(id: "${id}") { id } }`);
    expect(shown.body.data.export).toEqual({ id });
    await endsCompleted(id);
  });
});

describe('while CloudTrail fails', () => {
  test('exports go on, the audit says up to when it is complete, and catches up', async () => {
    await reconcileAllAccounts(plane.outport);
    const through = async () => {
      const { body } = await plane.query(token, '{ auditEvents(first: 1) { ingestedThrough } }');
      return body.data.auditEvents.ingestedThrough;
    };
    const before = await through();
    inject({ service: 'cloudtrail', refusal: 'Throttled' });
    const id = await started();
    expect(await reconcileToTheEnd(plane.outport, id)).toMatchObject({ status: 'COMPLETED' });
    const reported: string[] = [];
    await reconcileAccounts(plane.outport, { ...testRun, report: (_, about) => reported.push(about) });
    expect(reported).toEqual([expect.stringMatching(/^ingesting CloudTrail events in \d+ [\w-]+$/)]);
    expect(await through()).toBe(before);

    recover();
    await reconcileAllAccounts(plane.outport);
    expect(Date.parse(await through())).toBeGreaterThan(Date.parse(before));
  });
});

describe('while DynamoDB takes no exports', () => {
  test('a request is taken, waits, and is started once when it can be', async () => {
    inject({ service: 'dynamodb', operation: 'ExportTableToPointInTime', refusal: 'Throttled' });
    const { body } = await ask();
    expect(body.data.exportTable).toMatchObject({ export: { status: 'QUEUED' }, userErrors: [] });
    const { id } = body.data.exportTable.export;
    expect(await reconcileOnce(id)).toMatchObject({ status: 'QUEUED' });
    await endsCompleted(id);
  });

  test('what runs is left alone while its state cannot be asked for', async () => {
    const id = await started();
    inject({ service: 'dynamodb', operation: 'DescribeExport', refusal: 'Unavailable' });
    expect(await reconcileOnce(id)).toMatchObject({ status: 'IN_PROGRESS' });
    await endsCompleted(id);
  });
});

describe('while EventBridge fails', () => {
  test('the event is sent later under its id, and the stream does not wait for it', async () => {
    const id = randomUUID();
    inject({ service: 'events', refusal: 'Unavailable' });
    expect(await publish(id)).toBe(false);
    expect(await eventsAbout(id)).toEqual([]);
    recover();
    const post = postToBus(createEventBus('outport-test'));
    const delivering = { table: plane.outport.table, post, now: () => new Date(), random: () => 1, tell: () => {} };
    await deliverStored(delivering, [EVENT_BUS], { ...testRun, remainingMs: () => 50_000 }, () => false);

    expect(await eventsAbout(id)).toEqual([`${id}/2`]);
  });

  test('and the records are throttled, too, the move comes again', async () => {
    const id = randomUUID();
    inject({ service: 'events', refusal: 'Unavailable' }, ...records({ refusal: 'Throttled' }));
    expect(await publish(id)).toBe(true);
    recover();
    expect(await publish(id)).toBe(false);

    expect(await eventsAbout(id)).toEqual([`${id}/2`]);
  });
});
