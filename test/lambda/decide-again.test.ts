import { randomUUID } from 'node:crypto';
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ListExportsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEvent } from '../../src/records/audit-event.ts';
import { type ExportRecord, isWaiting, readExport, type WaitingExport } from '../../src/records/export-records.ts';
import { readLedger } from '../../src/records/ledger.ts';
import { exportTable } from '../../src/services/export-table.ts';
import type { Outport } from '../../src/services/outport.ts';
import { createPermit } from '../../src/services/permit.ts';
import { reconcileExport } from '../../src/services/reconcile.ts';
import { takeSlot } from '../../src/services/slots.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { reconcileToTheEnd } from '../support/reconcile-run.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SCOPE = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };

let plane: TestControlPlane;
let outport: Outport;
let platform: string;
let tableArn: string;
const changed = temporaryDirectory();

beforeAll(async () => {
  plane = await startControlPlane();
  outport = plane.outport;
  platform = await plane.issuer.token('pat', ['platform']);
  tableArn = await plane.createTable('cities');
  await plane.createBucket('exports');
  await cp('policies', changed.path, { recursive: true });
  await writeFile(
    path.join(changed.path, 'freeze.cedar'),
    '@id("cities-are-frozen") forbid (principal, action == Action::"ExportTable", resource) when { resource.name == "cities" };',
  );
});
afterAll(() => plane.close());

/** An export that was let in and has to wait. */
async function queued(input: { tableArn?: string; bucket?: string } = {}): Promise<WaitingExport> {
  const full = { ...outport, limits: { maxExports: 0, maxBytes: 0 } };
  const { export: record } = await exportTable(full, ANN, ORIGIN, {
    clientToken: randomUUID(),
    tableArn: input.tableArn ?? tableArn,
    exportFormat: 'DYNAMODB_JSON',
    destination: { bucket: input.bucket ?? 'exports', prefix: 'data' },
  });
  if (!record || !isWaiting(record)) throw new Error(`not waiting: ${record?.status}`);
  return record;
}

async function storyOf({ id }: ExportRecord) {
  const { body } = await plane.query(
    platform,
    `query ($filter: AuditEventFilter) { auditEvents(first: 50, orderBy: EVENT_TIME_ASC, filter: $filter) {
       nodes { outcome decision policyIds errorCode errorMessage principal } } }`,
    { filter: { exportId: id, source: 'OUTPORT' } },
  );
  return body.data.auditEvents.nodes as AuditEvent[];
}

const startedUpstream = async () =>
  (await plane.dynamodb.send(new ListExportsCommand({ TableArn: tableArn }))).ExportSummaries?.length;

test('an export that waited is decided on again when its turn comes, and the audit has that before the start', async () => {
  const record = await queued();
  expect(await reconcileToTheEnd(outport, record.id)).toMatchObject({ status: 'COMPLETED' });
  const story = await storyOf(record);
  expect(story.map(({ outcome }) => outcome)).toEqual(['REQUESTED', 'QUEUED', 'ADMITTED', 'IN_PROGRESS', 'COMPLETED']);
  expect(story[2]).toMatchObject({
    decision: 'ALLOW',
    policyIds: ['platform-may-do-everything'],
    principal: 'ann',
  });
});

test('a policy that forbids it by then fails it, with the policy in the audit, nothing started and its slot free', async () => {
  const record = await queued();
  const before = await startedUpstream();
  // A run that died right after it had taken the slot.
  expect(await takeSlot(outport, record)).toBeNull();
  // What is deployed while the export waits.
  const permit = createPermit(changed.path);
  expect(await reconcileExport({ ...outport, permit }, record)).toMatchObject({
    status: 'FAILED',
    failure: {
      code: 'PERMISSION_DENIED',
      message: `When its turn came: ExportTable is not permitted on ${tableArn} to bucket exports.`,
      remedy: expect.stringContaining('policy'),
    },
  });
  expect((await readLedger(outport.table, SCOPE)).exports).not.toHaveProperty(record.id);
  expect(await startedUpstream()).toBe(before);
  expect((await storyOf(record)).at(-1)).toMatchObject({
    outcome: 'FAILED',
    decision: 'DENY',
    policyIds: ['cities-are-frozen'],
    errorCode: 'PERMISSION_DENIED',
    principal: 'ann',
  });
});

test('a destination that is taken off the list by then fails it, permitted by the policies as it was', async () => {
  const record = await queued();
  const destinations = [{ bucket: 'exports', owner: null, region: null, prefix: 'exports/{team}/', encryption: null }];
  expect(await reconcileExport({ ...outport, destinations }, record)).toMatchObject({
    status: 'FAILED',
    failure: { code: 'DESTINATION_NOT_ALLOWED', remedy: expect.stringContaining('"exports/platform/"') },
  });
  expect((await storyOf(record)).at(-1)).toMatchObject({
    outcome: 'FAILED',
    decision: 'ALLOW',
    policyIds: ['platform-may-do-everything'],
    errorCode: 'DESTINATION_NOT_ALLOWED',
  });
});

test('everything that DynamoDB would stumble over by then fails it, all in one message', async () => {
  const other = await plane.createTable('orders');
  await plane.createBucket('closed');
  const record = await queued({ tableArn: other, bucket: 'closed' });
  await plane.setRecovery('orders', false);
  await plane.deleteBucket('closed');
  expect(await reconcileExport(outport, record)).toMatchObject({
    status: 'FAILED',
    failure: {
      code: 'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
      message: expect.stringMatching(/^When its turn came: Point in time .*does not exist: "closed"$/),
    },
  });
});

test('one that AWS cannot be asked about just now goes on waiting, until its deadline', async () => {
  const record = await queued();
  const unreachable: Outport = {
    ...outport,
    accounts: (scope, onBehalfOf) => {
      const clients = outport.accounts(scope, onBehalfOf);
      const dynamodb = Object.create(clients.dynamodb, {
        send: { value: () => Promise.reject(Object.assign(new Error('no answer'), { name: 'TimeoutError' })) },
      });
      return { ...clients, dynamodb };
    },
  };
  expect(await reconcileExport(unreachable, record)).toEqual(record);
  expect((await readLedger(outport.table, SCOPE)).exports).not.toHaveProperty(record.id);
  const nextDay = { ...unreachable, now: () => new Date(record.deadlineAt) };
  expect(await reconcileExport(nextDay, record)).toMatchObject({ failure: { code: 'QUEUE_DEADLINE_EXCEEDED' } });
  expect(await readExport(outport.table, record.id)).toMatchObject({ status: 'FAILED' });
});
