import { randomUUID } from 'node:crypto';
import {
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  ListExportsCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAuditEvents } from '../../src/records/audit-records.ts';
import {
  type ExportRecord,
  isOpen,
  type OpenExport,
  readExport,
  readExports,
  readOpenExports,
} from '../../src/records/export-records.ts';
import { readLedgers } from '../../src/records/ledger.ts';
import { adoptedIdOf, exportIdOf, upstreamTokenOf } from '../../src/services/export-id.ts';
import { exportTable } from '../../src/services/export-table.ts';
import { EXPORT_DEADLINE_MS, QUEUE_DEADLINE_MS, START_DEADLINE_MS } from '../../src/services/moves.ts';
import type { Outport } from '../../src/services/outport.ts';
import { reconcileExport, reconcileOpenExports } from '../../src/services/reconcile.ts';
import { startExport } from '../../src/services/start-export.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { Crash, crashingAt } from '../support/crash.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { reconcileAllAccounts, reconcileToTheEnd, testRun } from '../support/reconcile-run.ts';

let plane: TestControlPlane;
let outport: Outport;
let tableArn: string;

beforeAll(async () => {
  plane = await startControlPlane();
  outport = plane.outport;
  tableArn = await plane.createTable('cities');
  await plane.createBucket('exports');
});
afterAll(() => plane.close());

const request = (clientToken: string, with_: Outport = outport, bucket = 'exports') =>
  exportTable(with_, ANN, ORIGIN, { clientToken, tableArn, exportFormat: 'DYNAMODB_JSON', destination: { bucket } });

async function ask(): Promise<ExportRecord> {
  const { export: record } = await request(randomUUID());
  if (!record) throw new Error('refused');
  return record;
}

/** An export that is recorded and not asked of DynamoDB: the process of its request died in between. */
async function queuedByACrash(): Promise<OpenExport> {
  for (let point = 1; ; point++) {
    await request(randomUUID(), crashingAt(point, outport)).catch(() => {});
    const [open] = await readOpenExports(outport.table);
    if (open) return open;
  }
}

const later = (from: Outport, milliseconds: number): Outport => ({
  ...from,
  now: () => new Date(Date.now() + milliseconds),
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const outcomesOf = async (exportId: string) =>
  (
    await collect(readAuditEvents(outport.table, { of: 'EXPORT', exportId }, { after: null, order: 'OLDEST_FIRST' }))
  ).map(({ outcome }) => outcome);

const expectEmptyLedger = async () =>
  expect(await readLedgers(outport.table)).toEqual([expect.objectContaining({ exports: {} })]);

describe('a run', () => {
  test('takes every open export to its end, then returns', async () => {
    const records = await Promise.all([ask(), ask(), ask()]);
    await reconcileOpenExports(outport, testRun);
    for (const { id } of records) expect(await readExport(outport.table, id)).toMatchObject({ status: 'COMPLETED' });
    await expectEmptyLedger();
  });

  test('sees an export that is started while it reads which ones are open', async () => {
    const queued = await queuedByACrash();
    const client = DynamoDBDocumentClient.from(new DynamoDBClient(), {
      marshallOptions: { removeUndefinedValues: true },
    });
    let calls = 0;
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        calls += 1;
        if (calls === 1) await reconcileExport(later(outport, 10_000), queued);
        return answer;
      },
      { step: 'initialize' },
    );

    await reconcileOpenExports({ ...outport, table: { name: outport.table.name, client } }, testRun);

    expect(await readExport(outport.table, queued.id)).toMatchObject({ status: 'COMPLETED' });
  });

  test('beside another does no harm', async () => {
    const { id } = await ask();
    await Promise.all(Array.from({ length: 4 }, () => reconcileOpenExports(outport, testRun)));
    expect(await readExport(outport.table, id)).toMatchObject({ status: 'COMPLETED' });
    expect(await outcomesOf(id)).toEqual(['REQUESTED', 'IN_PROGRESS', 'COMPLETED']);
    await expectEmptyLedger();
  });

  test('stops when its time is up', async () => {
    const { id } = await ask();
    await reconcileOpenExports(outport, { ...testRun, remainingMs: () => 0 });
    expect(await readExport(outport.table, id)).toMatchObject({ status: 'IN_PROGRESS' });
    await reconcileToTheEnd(outport, id);
  });

  test('goes on with the others when something fails, and comes back to it', async () => {
    const records = [await ask(), await ask()];
    const reported: string[] = [];
    let calls = 0;
    const failingOnce: Outport = {
      ...outport,
      accounts: (...args) => {
        calls += 1;
        if (calls === 1) throw new Error('out of order');
        return outport.accounts(...args);
      },
    };
    await reconcileOpenExports(failingOnce, { ...testRun, report: (_error, about) => reported.push(about) });
    expect(reported).toEqual([records[0]?.id]);
    for (const { id } of records) expect(await readExport(outport.table, id)).toMatchObject({ status: 'COMPLETED' });
  });
});

describe('a process that dies', () => {
  test('at any moment of a request leaves what reconcile, or the same request, finishes once', async () => {
    for (let point = 1; ; point += 1) {
      const clientToken = randomUUID();
      const crashed = await request(clientToken, crashingAt(point, outport)).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Crash) return true;
          throw error;
        },
      );
      const exportId = exportIdOf(ANN.issuer, ANN.subject, clientToken);
      await reconcileOpenExports(later(outport, 10_000), testRun);
      const { export: again } = await request(clientToken);
      expect(again?.id, `moment ${point}`).toBe(exportId);
      expect(await reconcileToTheEnd(outport, exportId)).toMatchObject({ status: 'COMPLETED' });
      await reconcileAllAccounts(outport);
      await expectEmptyLedger();
      const story = await outcomesOf(exportId);
      expect(
        story.filter((outcome) => outcome === 'IN_PROGRESS'),
        `moment ${point}`,
      ).toHaveLength(1);
      if (!crashed) {
        expect(point).toBeGreaterThan(16);
        break;
      }
    }
    // A second export that DynamoDB was made to start would have been found and adopted.
    const all = await collect(readExports(outport.table, { of: 'TABLE', tableArn }, { after: null }));
    expect(all.filter(({ source }) => source === 'ADOPTED')).toEqual([]);
  }, 480_000);

  test('at any moment of reconcile is taken over by the next', async () => {
    const { id } = await ask();
    for (let point = 1; ; point += 1) {
      const record = await readExport(outport.table, id);
      if (!record || !isOpen(record)) break;
      await reconcileExport(crashingAt(point, outport), record).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
    }
    expect(await readExport(outport.table, id)).toMatchObject({ status: 'COMPLETED' });
    await reconcileAllAccounts(outport);
    await expectEmptyLedger();
  });
});

test("a client token means its export for longer than the eight hours for which DynamoDB's does", async () => {
  const clientToken = randomUUID();
  const { export: first } = await request(clientToken);
  await reconcileToTheEnd(outport, first?.id ?? '');
  const exportsUpstream = async () => (await plane.dynamodb.send(new ListExportsCommand())).ExportSummaries;
  const before = await exportsUpstream();
  expect(await request(clientToken, later(outport, 9 * 3_600_000))).toMatchObject({
    replayed: true,
    export: { id: first?.id, status: 'COMPLETED' },
  });
  expect(await exportsUpstream()).toEqual(before);
});

describe('a full ledger', () => {
  test('keeps exports QUEUED until a slot is free, and starts them then', async () => {
    const single: Outport = { ...outport, limits: { maxExports: 1, maxBytes: Number.MAX_SAFE_INTEGER } };
    const first = await request(randomUUID(), single);
    const second = await request(randomUUID(), single);
    expect([first, second]).toMatchObject([
      { export: { status: 'IN_PROGRESS' }, userErrors: [] },
      { export: { status: 'QUEUED' }, userErrors: [] },
    ]);
    await reconcileOpenExports(later(single, 10_000), testRun);
    for (const id of [first.export?.id ?? '', second.export?.id ?? '']) {
      expect(await readExport(outport.table, id)).toMatchObject({ status: 'COMPLETED' });
    }
    expect(await outcomesOf(second.export?.id ?? '')).toEqual([
      'REQUESTED',
      'QUEUED',
      'ADMITTED',
      'IN_PROGRESS',
      'COMPLETED',
    ]);
    await expectEmptyLedger();
  });

  test('fails an export that waited too long, and says so', async () => {
    const closed: Outport = { ...outport, limits: { maxExports: 0, maxBytes: 0 } };
    const { export: queued } = await request(randomUUID(), closed);
    await reconcileOpenExports(later(closed, QUEUE_DEADLINE_MS), testRun);
    expect(await readExport(outport.table, queued?.id ?? '')).toMatchObject({
      status: 'FAILED',
      failure: { code: 'QUEUE_DEADLINE_EXCEEDED', remedy: expect.any(String) },
    });
  });
});

describe('a DynamoDB that cannot be reached', () => {
  /** Accounts whose DynamoDB is at a port where nobody listens. */
  function unreachable(): Outport {
    const dynamodb = new DynamoDBClient({ endpoint: 'http://127.0.0.1:9', maxAttempts: 1 });
    return { ...outport, accounts: (...args) => ({ ...outport.accounts(...args), dynamodb }) };
  }

  test('is told to a caller as something to try again', async () => {
    expect(await request(randomUUID(), unreachable())).toMatchObject({
      export: null,
      userErrors: [{ code: 'AWS_UNAVAILABLE', remedy: expect.stringContaining('the same clientToken') }],
    });
  });

  test('keeps an export QUEUED, and fails it when that has lasted too long', async () => {
    const { export: queued } = await request(randomUUID(), { ...outport, limits: { maxExports: 0, maxBytes: 0 } });
    const id = queued?.id ?? '';
    const step = async (with_: Outport) => {
      const record = await readExport(outport.table, id);
      if (!record || !isOpen(record)) throw new Error('ended');
      return reconcileExport(with_, record);
    };
    expect(await step(unreachable())).toMatchObject({ status: 'QUEUED', admittedAt: null });
    // It could be reached while the export was decided on, and not a moment later.
    const waiting = await readExport(outport.table, id);
    if (waiting?.status !== 'QUEUED') throw new Error('ended');
    const admitted = await startExport(unreachable(), waiting);
    expect(admitted).toMatchObject({ status: 'QUEUED', admittedAt: expect.any(String) });
    expect(await step(unreachable())).toMatchObject({ status: 'QUEUED' });
    expect(await step(later(unreachable(), START_DEADLINE_MS))).toMatchObject({
      status: 'FAILED',
      failure: { code: 'START_DEADLINE_EXCEEDED' },
    });
    await expectEmptyLedger();
  });

  test('leaves a running export alone until its deadline', async () => {
    const record = await ask();
    if (!isOpen(record)) throw new Error('ended');
    expect(await reconcileExport(unreachable(), record)).toEqual(record);
    expect(await reconcileExport(later(unreachable(), EXPORT_DEADLINE_MS), record)).toMatchObject({
      status: 'FAILED',
      exportArn: expect.any(String),
      failure: { code: 'EXPORT_DEADLINE_EXCEEDED' },
    });
    await expectEmptyLedger();
  });
});

describe('an export whose cause to fail came after it was decided on', () => {
  const closed = (): Outport => ({ ...outport, limits: { maxExports: 0, maxBytes: 0 } });
  const start = async (record: ExportRecord | null) => {
    if (record?.status !== 'QUEUED') throw new Error('ended');
    return startExport(outport, record);
  };

  test('is FAILED with what DynamoDB said at once, and holds no slot', async () => {
    const fragile = await plane.createTable('fragile');
    const { export: queued } = await exportTable(closed(), ANN, ORIGIN, {
      clientToken: randomUUID(),
      tableArn: fragile,
      exportFormat: 'DYNAMODB_JSON',
      destination: { bucket: 'exports' },
    });
    await plane.setRecovery('fragile', false);
    expect(await start(queued)).toMatchObject({
      status: 'FAILED',
      failure: {
        code: 'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
        message: "Point in time recovery is not enabled for table 'fragile'",
        remedy: expect.stringContaining('UpdateContinuousBackups'),
      },
    });
    await expectEmptyLedger();
  });

  test('is FAILED with what DynamoDB said minutes later', async () => {
    await plane.createBucket('doomed');
    const { export: queued } = await request(randomUUID(), closed(), 'doomed');
    await plane.deleteBucket('doomed');
    await start(queued);
    expect(await reconcileToTheEnd(outport, queued?.id ?? '')).toMatchObject({
      status: 'FAILED',
      exportArn: expect.stringContaining('/export/'),
      failure: { code: 'S3_NO_SUCH_BUCKET', message: expect.stringContaining('The specified bucket does not exist') },
    });
    await expectEmptyLedger();
  });
});

describe('an output that was tampered with', () => {
  /** Stops following just before the end, so that the finished files can be changed first. */
  async function finishedInDynamoDb() {
    const record = await ask();
    if (record.status !== 'IN_PROGRESS') throw new Error(`it is ${record.status}`);
    for (;;) {
      const { ExportDescription } = await plane.dynamodb.send(
        new DescribeExportCommand({ ExportArn: record.exportArn }),
      );
      if (ExportDescription?.ExportStatus === 'COMPLETED') return { id: record.id, description: ExportDescription };
      await testRun.wait(20);
    }
  }

  test.each([
    ['a changed summary', 'manifest-summary.json', '{}', /^manifest-summary\.md5 is /],
    ['a missing checksum', 'manifest-files.md5', null, /manifest-files\.md5 is missing$/],
    ['a file that belongs to no export', 'data/stray.json.gz', 'x', /stray\.json\.gz is in no manifest$/],
  ])('as by %s is FAILED, not COMPLETED', async (_what, file, body, problem) => {
    const { id, description } = await finishedInDynamoDb();
    const Key = `${description.ExportManifest?.replace('manifest-summary.json', '')}${file}`;
    const object = { Bucket: 'exports', Key };
    if (body === null) await plane.s3.send(new DeleteObjectCommand(object));
    else await plane.s3.send(new PutObjectCommand({ ...object, Body: body }));

    const ended = await reconcileToTheEnd(outport, id);

    expect(ended).toMatchObject({
      status: 'FAILED',
      failure: { code: 'VERIFICATION_FAILED', message: expect.stringMatching(problem) },
      verification: { status: 'MISMATCH' },
    });
    await expectEmptyLedger();
  });

  test('or that cannot be read proves nothing', async () => {
    const { id } = await finishedInDynamoDb();
    const record = await readExport(outport.table, id);
    if (!record || !isOpen(record)) throw new Error('ended');
    const blind: Outport = {
      ...outport,
      accounts: (...args) => ({ ...outport.accounts(...args), s3: plane.strangerS3 }),
    };
    await reconcileExport(blind, record);
    expect(await readExport(outport.table, id)).toMatchObject({
      status: 'COMPLETED',
      verification: { status: 'UNAVAILABLE', problems: [expect.any(String)] },
    });
  });
});

describe('what happened elsewhere', () => {
  const exportElsewhere = (clientToken: string, prefix: string) =>
    plane.dynamodb.send(
      new ExportTableToPointInTimeCommand({
        TableArn: tableArn,
        S3Bucket: 'exports',
        S3Prefix: prefix,
        ClientToken: clientToken,
      }),
    );

  test('is adopted once, counted, followed to its end, and told by CloudTrail', async () => {
    const { ExportDescription } = await exportElsewhere('terraform', 'elsewhere');
    const exportArn = ExportDescription?.ExportArn ?? '';
    const id = adoptedIdOf(exportArn);

    await Promise.all([reconcileAllAccounts(outport), reconcileAllAccounts(outport)]);
    expect(await readLedgers(outport.table)).toMatchObject([{ exports: { [id]: { owners: [] } } }]);
    await reconcileOpenExports(outport, testRun);
    await reconcileAllAccounts(outport);

    expect(await readExport(outport.table, id)).toMatchObject({
      status: 'COMPLETED',
      source: 'ADOPTED',
      exportArn,
      requestedBy: null,
      team: null,
      destination: { bucket: 'exports', prefix: 'elsewhere', bucketOwner: null },
      verification: { status: 'VERIFIED' },
    });
    await expectEmptyLedger();
    const events = await collect(readAuditEvents(outport.table, { of: 'EXPORT', exportId: id }, { after: null }));
    expect(events.filter(({ eventName }) => eventName === 'ExportTableToPointInTime')).toMatchObject([
      {
        source: 'CLOUDTRAIL',
        outcome: 'ACCEPTED',
        exportArn,
        tableArn,
        sourceIpAddress: expect.any(String),
      },
    ]);
  });

  test('under a token like ours is adopted too, while ours are not', async () => {
    const { id } = await ask();
    const { ExportDescription } = await exportElsewhere(upstreamTokenOf('exp_forged'), 'forged');
    await reconcileAllAccounts(outport);
    await reconcileOpenExports(outport, testRun);

    const record = await readExport(outport.table, id);
    const ours = record && 'exportArn' in record ? record.exportArn : '';
    expect(await readExport(outport.table, adoptedIdOf(ours ?? ''))).toBeNull();
    expect(await readExport(outport.table, adoptedIdOf(ExportDescription?.ExportArn ?? ''))).toMatchObject({
      source: 'ADOPTED',
    });
    const events = await collect(readAuditEvents(outport.table, { of: 'EXPORT', exportId: id }, { after: null }));
    expect(events.filter(({ eventName }) => eventName === 'ExportTableToPointInTime')).toMatchObject([
      { principal: expect.stringMatching(/:assumed-role\/OutportExport\/ann-[0-9a-f]{12}$/) },
    ]);
  });
});

test('nothing is open at the end', async () => {
  expect(await readOpenExports(outport.table)).toEqual([]);
  await expectEmptyLedger();
});
