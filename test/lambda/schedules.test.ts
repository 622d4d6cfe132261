import { randomUUID } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSchedule as createRecord, readSchedule } from '../../src/records/schedule-records.ts';
import type { Outport } from '../../src/services/outport.ts';
import type { Permit } from '../../src/services/permit.ts';
import { createSchedule } from '../../src/services/schedules/create-schedule.ts';
import { reconcileSchedules } from '../../src/services/schedules/reconcile-schedules.ts';
import { startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { Crash, crashingAt } from '../support/crash.ts';
import { newSchedule } from '../support/new-schedule.ts';
import { outportAt, reconcileSchedulesToTheEnd } from '../support/passing-time.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { testRun } from '../support/reconcile-run.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Both Outport's clock and AWS's: requests over the API are made in the present, steps of schedules whenever it says. */
let clockMs = Date.now();
let plane: TestControlPlane;
let token: string;

beforeAll(async () => {
  plane = await startControlPlane({}, { now: () => clockMs });
  token = await plane.issuer.token('pam', ['platform'], { name: 'Pam' });
  await plane.createBucket('lake');
});
afterAll(() => plane.close());

const outportNow = (): Outport => outportAt(plane.outport, () => clockMs);

/** A session lasts an hour. */
const NEW_SESSIONS_MS = 30 * MINUTE_MS;

/** Lets time pass, with a run of reconcile every few minutes. */
async function pass(
  milliseconds: number,
  { every = 5 * MINUTE_MS, permit = plane.outport.permit }: { every?: number; permit?: Permit } = {},
): Promise<void> {
  let sessionsEndMs = 0;
  let outport = outportNow();
  for (const until = clockMs + milliseconds; clockMs < until; ) {
    clockMs += every;
    if (clockMs > sessionsEndMs) {
      outport = { ...outportNow(), permit };
      sessionsEndMs = clockMs + NEW_SESSIONS_MS;
    }
    await reconcileSchedulesToTheEnd(outport);
  }
}

const CREATE = `mutation ($input: CreateScheduleInput!) { createSchedule(input: $input) {
  schedule { id status requestedBy { name } windowMinutes fullEveryDays chainedThrough } replayed userErrors { code field message remedy } } }`;

async function create(tableArn: string, input: Record<string, unknown> = {}, asWhom = token) {
  const { body } = await plane.query(asWhom, CREATE, {
    input: {
      clientToken: randomUUID(),
      tableArn,
      windowMinutes: 60,
      destination: { bucket: 'lake', prefix: 'kept' },
      ...input,
    },
  });
  expect(body.errors).toBeUndefined();
  return body.data.createSchedule;
}

interface Shown {
  status: string;
  chainedThrough: string | null;
  problem: { code: string; message: string } | null;
  verdict: {
    contiguous: boolean;
    verified: boolean;
    whole: boolean;
    links: number;
    from: string;
    to: string;
    problems: string[];
  };
  chain: {
    nodes: Array<{
      number: number;
      chain: number;
      from: string | null;
      to: string;
      status: string;
      attempt: number;
      verified: boolean;
      superseded: boolean;
      gap: { from: string; to: string; code: string } | null;
      export: {
        id: string;
        status: string;
        exportType: string;
        destination: { prefix: string };
        requestedBy: { name: string };
      } | null;
    }>;
  };
}

async function show(id: string, asWhom = token): Promise<Shown> {
  const { body } = await plane.query(
    asWhom,
    `query ($id: ID!) { schedule(id: $id) {
       status chainedThrough problem { code message }
       verdict { contiguous verified whole links from to problems }
       chain(first: 100) { nodes {
         number chain from to status attempt verified superseded gap { from to code }
         export { id status exportType destination { prefix } requestedBy { name } } } } } }`,
    { id },
  );
  expect(body.errors).toBeUndefined();
  return body.data.schedule;
}

const write = (table: string, pk: string) =>
  plane.dynamodb.send(new PutItemCommand({ TableName: table, Item: { pk: { S: pk }, at: { N: String(clockMs) } } }));

describe('a schedule', () => {
  // Time passes for all of them.
  afterEach(async () => {
    const { body } = await plane.query(token, '{ schedules(first: 10) { nodes { id } } }');
    for (const { id } of body.data.schedules.nodes) await change('deleteSchedule', id);
  });

  test('makes a full export, then windows that follow each other, each verified and in a folder of its own', async () => {
    const tableArn = await plane.createTable('orders');
    clockMs += 10 * MINUTE_MS;
    const { schedule, userErrors } = await create(tableArn);
    expect(userErrors).toEqual([]);
    expect(schedule).toMatchObject({ status: 'ACTIVE', requestedBy: { name: 'Pam' }, chainedThrough: null });
    await write('orders', 'early');
    await pass(2 * HOUR_MS);
    await plane.dynamodb.send(new DeleteItemCommand({ TableName: 'orders', Key: { pk: { S: 'early' } } }));
    await pass(2 * HOUR_MS);

    const { chain, verdict, chainedThrough, problem } = await show(schedule.id);
    const links = chain.nodes.toReversed();
    expect(problem).toBeNull();
    expect(links.length).toBeGreaterThanOrEqual(4);
    const [full, ...increments] = links.filter(({ status }) => status === 'COMPLETED');
    expect(full).toMatchObject({
      from: null,
      chain: 1,
      verified: true,
      gap: null,
      export: { exportType: 'FULL_EXPORT' },
    });
    let end = full?.to;
    for (const [n, link] of increments.entries()) {
      expect(link).toMatchObject({ number: n + 2, from: end, chain: 1, verified: true });
      expect(Date.parse(link.to) - Date.parse(link.from ?? '')).toBe(HOUR_MS);
      expect(link.export).toMatchObject({
        status: 'COMPLETED',
        exportType: 'INCREMENTAL_EXPORT',
        requestedBy: { name: 'Pam' },
        destination: { prefix: `kept/${schedule.id}/chain-1/link-${n + 2}` },
      });
      end = link.to;
    }
    expect(verdict).toEqual({
      contiguous: true,
      verified: true,
      whole: true,
      links: increments.length + 1,
      from: full?.to,
      to: chainedThrough,
      problems: [],
    });
    expect(end).toBe(chainedThrough);
  }, 60_000);

  test('tells of the gap when recovery was turned off and on, in the audit too, and begins again', async () => {
    const tableArn = await plane.createTable('toggled');
    clockMs += 10 * MINUTE_MS;
    const { schedule } = await create(tableArn);
    await pass(90 * MINUTE_MS);
    const { chainedThrough: end } = await show(schedule.id);
    await plane.setRecovery('toggled', false);
    await pass(10 * MINUTE_MS);
    const off = await show(schedule.id);
    await plane.setRecovery('toggled', true);
    await pass(2 * HOUR_MS);

    const { chain, verdict, problem } = await show(schedule.id);
    expect(off.verdict.problems).toEqual([]);
    expect(problem).toBeNull();
    const [restart] = chain.nodes.filter(({ gap }) => gap !== null);
    expect(restart).toMatchObject({ from: null, chain: 2, status: 'COMPLETED', gap: { from: end, to: restart?.to } });
    expect(chain.nodes.filter(({ superseded }) => superseded).map((link) => link.chain)).toContain(1);
    expect(chain.nodes.every((link) => link.superseded === (link.chain === 1))).toBe(true);
    expect(verdict).toMatchObject({ contiguous: true, verified: true, from: restart?.to });
    const { body } = await plane.query(
      token,
      'query ($filter: AuditEventFilter) { auditEvents(first: 10, filter: $filter) { nodes { errorCode input } } }',
      { filter: { tableArn, outcome: 'GAP' } },
    );
    expect(body.data.auditEvents.nodes).toHaveLength(1);
    const from = end?.replace('.000Z', 'Z');
    expect(JSON.parse(body.data.auditEvents.nodes[0].input)).toEqual({ scheduleId: schedule.id, chain: 1, from });
  }, 60_000);

  test('catches up after an outage, window by window', async () => {
    const tableArn = await plane.createTable('outage');
    clockMs += 10 * MINUTE_MS;
    const { schedule } = await create(tableArn);
    await pass(10 * MINUTE_MS);
    clockMs += 5 * HOUR_MS;
    await pass(30 * MINUTE_MS);
    const { chain, verdict } = await show(schedule.id);
    expect(chain.nodes.filter(({ status }) => status === 'COMPLETED').length).toBeGreaterThanOrEqual(6);
    expect(verdict).toMatchObject({ contiguous: true, verified: true });
    expect(chain.nodes.every(({ gap }) => gap === null)).toBe(true);
  }, 60_000);

  test('makes no second export of a link, wherever a process dies', async () => {
    const tableArn = await plane.createTable('crashes');
    clockMs += 10 * MINUTE_MS;
    const { schedule } = await create(tableArn);
    for (let point = 1; point < 40; point += 2) {
      clockMs += 2 * MINUTE_MS;
      const run = { ...testRun, report: () => {} };
      await reconcileSchedules(crashingAt(point, outportNow()), run).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
    }
    await pass(2 * HOUR_MS);
    const { chain, verdict } = await show(schedule.id);
    expect(verdict).toMatchObject({ contiguous: true, verified: true });
    const { body } = await plane.query(
      token,
      'query ($filter: ExportFilter) { exports(first: 100, filter: $filter) { nodes { id } } }',
      { filter: { tableArn } },
    );
    const made: string[] = body.data.exports.nodes.map(({ id }: { id: string }) => id);
    expect(made.sort()).toEqual(chain.nodes.flatMap(({ export: made }) => made?.id ?? []).sort());
  }, 60_000);

  test('takes no other export for a link, though it has the client token of one', async () => {
    const tableArn = await plane.createTable('taken');
    clockMs += 10 * MINUTE_MS;
    const { schedule } = await create(tableArn);
    const { body } = await plane.query(
      token,
      'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } userErrors { code } } }',
      { input: { tableArn, clientToken: `${schedule.id}-2-1`, destination: { bucket: 'lake', prefix: 'elsewhere' } } },
    );
    const { export: other, userErrors } = body.data.exportTable;
    expect(userErrors).toEqual([]);
    await pass(3 * HOUR_MS);

    const { chain, verdict } = await show(schedule.id);
    expect(verdict).toMatchObject({ contiguous: true, verified: true });
    const second = chain.nodes.find(({ number }) => number === 2);
    expect(second).toMatchObject({ status: 'COMPLETED', attempt: 2, export: { exportType: 'INCREMENTAL_EXPORT' } });
    expect(chain.nodes.map((link) => link.export?.id)).not.toContain(other.id);
  }, 60_000);

  test('is decided on again at every link: it stops when its person may no longer export', async () => {
    const tableArn = await plane.createTable('revoked');
    clockMs += 10 * MINUTE_MS;
    const { schedule } = await create(tableArn);
    await pass(10 * MINUTE_MS);
    const permit: Permit = (person, question) =>
      question.action === 'ExportTable'
        ? { allowed: false, policyIds: ['no-more'] }
        : plane.outport.permit(person, question);
    await pass(2 * HOUR_MS, { permit });
    expect(await show(schedule.id)).toMatchObject({ status: 'PAUSED', problem: { code: 'PERMISSION_DENIED' } });

    await change('resumeSchedule', schedule.id);
    await pass(2 * HOUR_MS);
    expect(await show(schedule.id)).toMatchObject({ status: 'ACTIVE', problem: null, verdict: { contiguous: true } });
  }, 60_000);
});

async function change(mutation: string, id: string, asWhom = token) {
  const { body } = await plane.query(
    asWhom,
    `mutation ($id: ID!) { ${mutation}(input: { id: $id }) { schedule { id status } userErrors { code message field } } }`,
    { id },
  );
  return body.data[mutation];
}

describe('a request for a schedule', () => {
  beforeAll(async () => {
    await plane.createTable('wanted');
  });

  test('happens once, by its client token', async () => {
    const clientToken = randomUUID();
    const first = await create(tableArnOf('wanted'), { clientToken });
    const again = await create(tableArnOf('wanted'), { clientToken });
    expect(again).toEqual({ ...first, replayed: true });
    const other = await create(tableArnOf('wanted'), { clientToken, windowMinutes: 30 });
    expect(other).toMatchObject({ schedule: null, userErrors: [{ code: 'CLIENT_TOKEN_REUSED' }] });
  });

  test('is told everything that is wrong with it at once', async () => {
    const { schedule, userErrors } = await create('orders', {
      windowMinutes: 14,
      fullEveryDays: 0,
      destination: { bucket: 'Lake', prefix: 'x'.repeat(901) },
    });
    expect(schedule).toBeNull();
    expect(userErrors.map(({ code, field }: { code: string; field: string[] }) => [code, field.join('.')])).toEqual([
      ['INVALID_TABLE_ARN', 'input.tableArn'],
      ['INVALID_BUCKET', 'input.destination.bucket'],
      ['INVALID_SCHEDULE', 'input.windowMinutes'],
      ['INVALID_SCHEDULE', 'input.fullEveryDays'],
      ['INVALID_SCHEDULE', 'input.destination.prefix'],
    ]);
  });

  test('is refused where its first export would be', async () => {
    await plane.createTable('without-recovery', { recovery: false });
    const refused = await create(tableArnOf('without-recovery'), { destination: { bucket: 'nowhere-at-all' } });
    expect(refused.userErrors.map(({ code }: { code: string }) => code)).toEqual([
      'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
      'S3_NO_SUCH_BUCKET',
    ]);
  });

  test('is refused when the table has twenty', async () => {
    const tableArn = await plane.createTable('full');
    for (let n = 0; n < 20; n += 1) {
      await createRecord(plane.outport.table, { ...newSchedule(`sch_${n}`, new Date()), tableArn, status: 'PAUSED' });
    }
    expect(await create(tableArn)).toMatchObject({ schedule: null, userErrors: [{ code: 'TOO_MANY_SCHEDULES' }] });
  });

  test('needs a right of its own beside that to export', async () => {
    const permit: Permit = (person, question) =>
      question.action === 'CreateSchedule' ? { allowed: false, policyIds: [] } : plane.outport.permit(person, question);
    const input = {
      clientToken: randomUUID(),
      tableArn: tableArnOf('wanted'),
      exportFormat: 'DYNAMODB_JSON' as const,
      exportViewType: 'NEW_IMAGE' as const,
      windowMinutes: 60,
      destination: { bucket: 'lake' },
    };
    const { userErrors } = await createSchedule({ ...plane.outport, permit }, ANN, ORIGIN, input);
    expect(userErrors).toMatchObject([
      { code: 'PERMISSION_DENIED', message: `CreateSchedule is not permitted on ${tableArnOf('wanted')}.` },
    ]);
    expect(await create(tableArnOf('wanted'), {}, await plane.issuer.token('dan', []))).toMatchObject({
      schedule: null,
      userErrors: [{ code: 'PERMISSION_DENIED' }],
    });
  });
});

describe('a schedule that is there', () => {
  let id: string;
  beforeAll(async () => {
    await plane.createTable('managed');
    id = (await create(tableArnOf('managed'))).schedule.id;
  });

  const listed = async (asWhom: string, tableArn: string | null = null) => {
    const query =
      'query ($tableArn: String) { schedules(first: 100, tableArn: $tableArn) { nodes { id viewerCanManage } } }';
    return (await plane.query(asWhom, query, { tableArn })).body.data.schedules.nodes;
  };

  test('is seen and managed by whoever asked for it and their teams, and is nothing to all others', async () => {
    const [dan, owner] = [await plane.issuer.token('dan', ['sales']), await plane.issuer.token('pam', [])];
    expect(await listed(owner, tableArnOf('managed'))).toEqual([{ id, viewerCanManage: true }]);
    expect(await listed(dan)).toEqual([]);
    expect(await show(id, dan)).toBeNull();
    const absent = await change('pauseSchedule', 'sch_absent', dan);
    expect(absent).toEqual({
      schedule: null,
      userErrors: [{ code: 'NO_SUCH_SCHEDULE', message: 'There is no schedule "sch_absent".', field: ['input', 'id'] }],
    });
    const hidden = await change('pauseSchedule', id, dan);
    expect(JSON.parse(JSON.stringify(hidden).replaceAll(id, 'sch_absent'))).toEqual(absent);
  });

  test('is paused, resumed and deleted, each as often as one likes', async () => {
    for (const [mutation, status] of [
      ['pauseSchedule', 'PAUSED'],
      ['pauseSchedule', 'PAUSED'],
      ['resumeSchedule', 'ACTIVE'],
      ['deleteSchedule', 'DELETED'],
      ['deleteSchedule', 'DELETED'],
    ] as const) {
      expect(await change(mutation, id)).toEqual({ schedule: { id, status }, userErrors: [] });
    }
    expect(await change('resumeSchedule', id)).toMatchObject({ userErrors: [{ code: 'NO_SUCH_SCHEDULE' }] });
    expect(await listed(token, tableArnOf('managed'))).toEqual([]);
    const before = await readSchedule(plane.outport.table, id);
    await pass(10 * MINUTE_MS);
    expect(await readSchedule(plane.outport.table, id)).toEqual(before);
  });
});
