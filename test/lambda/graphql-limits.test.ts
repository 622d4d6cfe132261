import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExportRecord, isOpen, readExport, readOpenExports } from '../../src/records/export-records.ts';
import { readLedger } from '../../src/records/ledger.ts';
import { exportTable as request } from '../../src/services/export-table.ts';
import type { Outport } from '../../src/services/outport.ts';
import { preflight } from '../../src/services/preflight.ts';
import type { Principal } from '../../src/services/principal.ts';
import { reconcileOpenExports } from '../../src/services/reconcile.ts';
import { takeSlot } from '../../src/services/slots.ts';
import { startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { Crash, crashingAt } from '../support/crash.ts';
import { reconcileAllAccounts, testRun } from '../support/reconcile-run.ts';
import { waitingExport } from '../support/waiting-export.ts';

const SCOPE = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };

let plane: TestControlPlane;
let ann: string;
let bob: string;
let eve: string;
beforeAll(async () => {
  plane = await startControlPlane({
    OUTPORT_MAX_EXPORTS: '2',
    OUTPORT_QUOTAS: JSON.stringify([
      { team: 'payments', maxExports: 1, maxStartsPerDay: 2 },
      { person: '*', maxExports: 2 },
    ]),
  });
  ann = await plane.issuer.token('ann', ['platform']);
  bob = await plane.issuer.token('bob', ['platform', 'payments']);
  eve = await plane.issuer.token('eve', ['marketing']);
  await plane.createTable('cities');
  await plane.createBucket('exports');
});
afterAll(() => plane.close());

const EXPORT_TABLE = /* GraphQL */ `
  mutation ($input: ExportTableInput!) {
    exportTable(input: $input) {
      replayed
      export { id status queuePosition }
      userErrors { code message remedy limit { scope measure inUse max retryAt } }
    }
  }
`;
const CANCEL_EXPORT = /* GraphQL */ `
  mutation ($input: CancelExportInput!) {
    cancelExport(input: $input) {
      clientMutationId
      export { id status queuePosition }
      userErrors { code field message remedy }
    }
  }
`;

async function exportTable(token: string, input: Record<string, unknown> = {}) {
  const { body } = await plane.query(token, EXPORT_TABLE, {
    input: { clientToken: randomUUID(), tableArn: tableArnOf('cities'), destination: { bucket: 'exports' }, ...input },
  });
  return body.data.exportTable;
}

async function cancelExport(token: string, id: string) {
  const { body } = await plane.query(token, CANCEL_EXPORT, { input: { id, clientMutationId: 'm' } });
  return body.data.cancelExport;
}

async function limits(token: string) {
  const { body } = await plane.query(
    token,
    `{ limits(account: "${SCOPE.account}", region: "${SCOPE.region}") { account region queued
         exports { inUse max } bytes { inUse max } quotas { scope name exports { inUse max } startsPerDay { inUse max } } } }`,
  );
  return body.data.limits;
}

/** Exports of nobody here that fill the account and Region. */
const OTHERS = ['other_1', 'other_2'].map((id) =>
  waitingExport({ id, team: 'others', subject: id, tableArn: tableArnOf('cities') }),
);

async function whileFull<T>(work: () => Promise<T>): Promise<T> {
  for (const other of OTHERS) expect(await takeSlot(plane.outport, other)).toBeNull();
  try {
    return await work();
  } finally {
    // As they have no records, they are given back once they are old.
    await reconcileAllAccounts({ ...plane.outport, now: () => new Date(Date.now() + 3_600_000) });
    expect(await inFlight()).not.toEqual(expect.arrayContaining(OTHERS.map(({ id }) => id)));
  }
}

const inFlight = async () => Object.keys((await readLedger(plane.outport.table, SCOPE)).exports);

/** Ends everything that is open, as time would. */
async function endAll(): Promise<void> {
  await reconcileOpenExports({ ...plane.outport, now: () => new Date(Date.now() + 10_000) }, testRun);
  expect(await readOpenExports(plane.outport.table)).toEqual([]);
  expect(await inFlight()).toEqual([]);
}

describe('an export that a limit leaves no room for', () => {
  test('is refused if its caller wants that, leaves nothing behind, and may be asked for again with the same token', async () => {
    const clientToken = randomUUID();
    const refused = await whileFull(() => exportTable(ann, { clientToken, whenFull: 'REFUSE' }));
    expect(refused).toMatchObject({
      export: null,
      userErrors: [
        {
          code: 'LIMIT_EXCEEDED',
          message: 'For the account and Region, 2 of 2 exports are in flight.',
          remedy: expect.any(String),
          limit: { scope: 'ACCOUNT_REGION', measure: 'EXPORTS', inUse: 2, max: 2, retryAt: null },
        },
      ],
    });
    expect(await readOpenExports(plane.outport.table)).toEqual([]);
    expect(await exportTable(ann, { clientToken, whenFull: 'REFUSE' })).toMatchObject({
      replayed: false,
      export: { status: 'IN_PROGRESS' },
      userErrors: [],
    });
    await endAll();
  });

  test('otherwise waits in a queue in which teams take turns, and is told its place', async () => {
    await whileFull(async () => {
      const places = [];
      for (const token of [ann, ann, bob, ann]) places.push((await exportTable(token)).export);
      expect(places).toMatchObject([1, 2, 3, 4].map((queuePosition) => ({ status: 'QUEUED', queuePosition })));
      const dan = await plane.issuer.token('dan', ['data', 'platform']);
      // One of another team: its turn comes before the second of the first.
      expect(await exportTable(dan)).toMatchObject({ export: { status: 'QUEUED', queuePosition: 2 } });
      expect(await limits(ann)).toMatchObject({ queued: 5, exports: { inUse: 2, max: 2 } });
      const { body } = await plane.query(
        ann,
        '{ exports(first: 5, filter: { status: QUEUED }) { nodes { queuePosition } } }',
      );
      const positions = body.data.exports.nodes.map((node: { queuePosition: number }) => node.queuePosition);
      expect(positions.sort()).toEqual([1, 2, 3, 4, 5]);
    });
    await endAll();
  });

  test('is let in behind those who wait already, whatever is free by then', async () => {
    const waiting = await whileFull(() => exportTable(ann));
    // Two slots are free, and the second is for whom asked second.
    expect(await exportTable(ann)).toMatchObject({ export: { status: 'IN_PROGRESS' } });
    expect(await exportTable(ann, { whenFull: 'REFUSE' })).toMatchObject({ userErrors: [{ code: 'LIMIT_EXCEEDED' }] });
    expect(await readExport(plane.outport.table, waiting.export.id)).toMatchObject({ status: 'QUEUED' });
    await endAll();
  });
});

test('a queue that is full takes no more of the same team, says so beforehand, and takes those of others', async () => {
  const short: Outport = { ...plane.outport, maxQueued: 1 };
  const member = (team: string): Principal => ({
    issuer: plane.issuer.url,
    subject: team,
    name: null,
    teams: [team, 'platform'],
    expiresAtSeconds: 0,
  });
  const origin = { requestId: 'r', sourceIpAddress: '192.0.2.7', userAgent: null };
  const input = () => ({
    clientToken: randomUUID(),
    tableArn: tableArnOf('cities'),
    exportFormat: 'ION' as const,
    destination: { bucket: 'exports' },
  });
  await whileFull(async () => {
    const again = input();
    expect(await request(short, member('red'), origin, input())).toMatchObject({ export: { status: 'QUEUED' } });
    expect(await preflight(short, member('red'), origin, again)).toMatchObject({ ready: false });
    expect(await request(short, member('red'), origin, again)).toMatchObject({
      export: null,
      userErrors: [
        {
          code: 'QUEUE_FULL',
          message: 'For your team, 1 of 1 exports wait in the queue.',
          limit: { scope: 'TEAM', measure: 'QUEUED', inUse: 1, max: 1, retryAt: null },
        },
      ],
    });
    expect(await request(short, member('blue'), origin, input())).toMatchObject({ export: { status: 'QUEUED' } });
    expect(await request({ ...short, maxQueued: 2 }, member('red'), origin, again)).toMatchObject({
      replayed: false,
      export: { status: 'QUEUED' },
    });
  });
  await endAll();
});

describe('a quota', () => {
  test('of a team holds back its own exports only, and a daily one says when there is room again', async () => {
    const cid = await plane.issuer.token('cid', ['payments', 'platform']);
    const first = await exportTable(cid);
    expect(first).toMatchObject({ export: { status: 'IN_PROGRESS' } });
    expect(await exportTable(cid, { whenFull: 'REFUSE' })).toMatchObject({
      userErrors: [
        {
          message: expect.stringMatching(
            /^For your team, 1 of 1 exports are in flight. By past exports, there may be room from about 20.+Z\.$/,
          ),
          limit: { scope: 'TEAM', measure: 'EXPORTS', inUse: 1, max: 1, retryAt: expect.stringMatching(/Z$/) },
        },
      ],
    });
    const second = await exportTable(cid);
    expect(second).toMatchObject({ export: { status: 'QUEUED' } });
    expect(await exportTable(ann)).toMatchObject({ export: { status: 'IN_PROGRESS' } });
    expect((await limits(cid)).quotas).toEqual([
      { scope: 'TEAM', name: 'payments', exports: { inUse: 1, max: 1 }, startsPerDay: { inUse: 1, max: 2 } },
      { scope: 'TEAM', name: 'platform', exports: { inUse: 1, max: null }, startsPerDay: null },
      { scope: 'PERSON', name: 'cid', exports: { inUse: 1, max: 2 }, startsPerDay: null },
    ]);
    await endAll();

    const { limit } = (await exportTable(cid, { whenFull: 'REFUSE' })).userErrors[0];
    expect(limit).toMatchObject({ scope: 'TEAM', measure: 'STARTS_PER_DAY', inUse: 2, max: 2 });
    const hours = (new Date(limit.retryAt).getTime() - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23);
    expect(hours).toBeLessThanOrEqual(24);
  });
});

test('what is in use of all together is for whoever may know; their own quotas everybody sees', async () => {
  const eves = await limits(eve);
  expect(eves).toMatchObject({ account: SCOPE.account, exports: null, bytes: null, queued: null });
  expect(eves.quotas).toEqual([
    { scope: 'TEAM', name: 'marketing', exports: { inUse: 0, max: null }, startsPerDay: null },
    { scope: 'PERSON', name: 'eve', exports: { inUse: 0, max: 2 }, startsPerDay: null },
  ]);
});

describe('cancelExport', () => {
  const outcomesOf = async (id: string) => {
    const { body } = await plane.query(
      ann,
      `{ auditEvents(first: 20, filter: { exportId: "${id}" }) { nodes { eventName outcome principal errorCode } } }`,
    );
    return body.data.auditEvents.nodes
      .filter((event: { eventName: string }) => event.eventName === 'CancelExport')
      .map(({ outcome, principal, errorCode }: Record<string, string>) => [outcome, principal, errorCode])
      .toReversed();
  };

  test('takes an export out of the queue, once, and it is in the audit', async () => {
    const id = await whileFull(async () => {
      const { export: queued } = await exportTable(ann);
      expect(await cancelExport(bob, queued.id)).toEqual({
        clientMutationId: 'm',
        export: { id: queued.id, status: 'CANCELED', queuePosition: null },
        userErrors: [],
      });
      expect(await cancelExport(ann, queued.id)).toMatchObject({ export: { status: 'CANCELED' }, userErrors: [] });
      return queued.id;
    });
    await endAll();
    expect(await readExport(plane.outport.table, id)).toMatchObject({ status: 'CANCELED' });
    expect(await outcomesOf(id)).toEqual([
      ['REQUESTED', 'bob', null],
      ['REQUESTED', 'ann', null],
      ['REPLAYED', 'ann', null],
    ]);
  });

  test('says honestly that nothing stops an export that runs, or has ended', async () => {
    const { export: running } = await exportTable(ann);
    expect(await cancelExport(ann, running.id)).toMatchObject({
      export: { status: 'IN_PROGRESS' },
      userErrors: [
        {
          code: 'EXPORT_NOT_CANCELABLE',
          field: ['input', 'id'],
          message: `Export ${running.id} is IN_PROGRESS: DynamoDB has no way to cancel an export that runs.`,
        },
      ],
    });
    await endAll();
    expect(await cancelExport(ann, running.id)).toMatchObject({
      export: { status: 'COMPLETED' },
      userErrors: [{ code: 'EXPORT_NOT_CANCELABLE', message: `Export ${running.id} is COMPLETED: it has ended.` }],
    });
  });

  test('tells whoever may not see an export what it tells of one that is not there, and audits both', async () => {
    const queued = await whileFull(async () => (await exportTable(ann)).export);
    const forbidden = await cancelExport(eve, queued.id);
    const missing = await cancelExport(eve, 'exp_missing');
    expect(forbidden).toMatchObject({ export: null, userErrors: [{ code: 'NO_SUCH_EXPORT' }] });
    expect(JSON.stringify(missing)).toBe(JSON.stringify(forbidden).replaceAll(queued.id, 'exp_missing'));
    expect(await outcomesOf(queued.id)).toEqual([
      ['REQUESTED', 'eve', null],
      ['REFUSED', 'eve', 'NO_SUCH_EXPORT'],
    ]);
    await endAll();
  });

  test('beside a start has one outcome: canceled and never started, or started and said so', async () => {
    for (let point = 1; point <= 26; point += 1) {
      const { id } = await whileFull(async () => (await exportTable(ann)).export);
      const crashed = reconcileOpenExports(
        crashingAt(point, { ...plane.outport, now: () => new Date(Date.now() + 10_000) }),
        { ...testRun, remainingMs: () => 0, report: () => {} },
      ).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      const [canceled] = await Promise.all([cancelExport(ann, id), crashed]);
      await endAll();
      const record: ExportRecord | null = await readExport(plane.outport.table, id);
      const was = canceled.userErrors.length === 0 ? 'CANCELED' : 'COMPLETED';
      expect(record && !isOpen(record) && record.status, `moment ${point}`).toBe(was);
    }
  }, 120_000);
});
