import { createHash, randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../src/records/audit-event.ts';
import { readExport, readExportsBeingVerified } from '../../src/records/export-records.ts';
import { VERIFICATION_DEADLINE_MS } from '../../src/services/moves.ts';
import type { Outport } from '../../src/services/outport.ts';
import { reconcileVerifications } from '../../src/services/reconcile-verifications.ts';
import { verifyExport } from '../../src/services/verify-export.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { Crash, crashingAt } from '../support/crash.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { reconcileToTheEnd, testRun } from '../support/reconcile-run.ts';

let plane: TestControlPlane;
let outport: Outport;
let platform: string;
let tableArn: string;
let id: string;

beforeAll(async () => {
  plane = await startControlPlane();
  outport = plane.outport;
  platform = await plane.issuer.token('ann', ['platform']);
  tableArn = await plane.createTable('cities', { items: 20 });
  await plane.createBucket('exports');
});
afterAll(() => plane.close());

beforeEach(async () => {
  const { body } = await plane.query(
    platform,
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } } }',
    { input: { clientToken: randomUUID(), tableArn, destination: { bucket: 'exports' } } },
  );
  id = body.data.exportTable.export.id;
  expect(await reconcileToTheEnd(outport, id)).toMatchObject({ status: 'COMPLETED' });
});

async function verify(deep: boolean, token = platform, exportId = id) {
  const { body } = await plane.query(
    token,
    `mutation ($input: VerifyExportInput!) { verifyExport(input: $input) {
       export { id status version verification {
         status deep filesChecked bytesChecked itemsCounted checkedAt problems } }
       userErrors { code field message } } }`,
    { input: { id: exportId, deep } },
  );
  return body.data.verifyExport;
}

async function verificationOf(exportId: string) {
  const record = await readExport(outport.table, exportId);
  return record?.status === 'COMPLETED' ? record.verification : null;
}

/** What the audit has of the verifications of an export, oldest first. */
async function storyOf(exportId: string): Promise<AuditEvent[]> {
  const { body } = await plane.query(
    platform,
    `query ($filter: AuditEventFilter) { auditEvents(first: 100, orderBy: EVENT_TIME_ASC, filter: $filter) {
       nodes { outcome principal input errorCode errorMessage } } }`,
    { filter: { exportId, eventName: 'VerifyExport' } },
  );
  return body.data.auditEvents.nodes;
}

/** The data files of the export that hold items, by key. */
async function filesWithItems(): Promise<string[]> {
  const record = await readExport(outport.table, id);
  if (record?.status !== 'COMPLETED') throw new Error('not completed');
  const Prefix = record.exportManifest.replace('manifest-summary.json', 'data/');
  const { Contents = [] } = await plane.s3.send(new ListObjectsV2Command({ Bucket: 'exports', Prefix }));
  return Contents.filter(({ Size = 0 }) => Size > 20).map(({ Key = '' }) => Key);
}

describe('a completed export', () => {
  test.each([false, true])('is verified again, deep or not: %s', async (deep) => {
    const { export: asked, userErrors } = await verify(deep);
    expect(userErrors).toEqual([]);
    expect(asked).toMatchObject({ id, status: 'COMPLETED', verification: { status: 'IN_PROGRESS', deep } });

    await reconcileVerifications(outport, testRun);

    const verification = await verificationOf(id);
    expect(verification).toMatchObject({ status: 'VERIFIED', deep, itemsCounted: deep ? 20 : null, problems: [] });
    expect(verification?.bytesChecked).toBeGreaterThan(0);
    expect(await readExportsBeingVerified(outport.table)).toEqual([]);
  });

  test('whose verification is under way is not verified twice at once, but deeper', async () => {
    const { export: first } = await verify(false);
    expect((await verify(false)).export.version).toBe(first.version);
    const { export: deeper } = await verify(true);
    expect(deeper).toMatchObject({ version: first.version + 1, verification: { deep: true } });
    expect((await verify(false)).export.version).toBe(deeper.version);
    await Promise.all([reconcileVerifications(outport, testRun), reconcileVerifications(outport, testRun)]);
    expect(await verificationOf(id)).toMatchObject({ status: 'VERIFIED', deep: true, itemsCounted: 20 });
  });

  test('with a file that is gone stays COMPLETED, with what was found', async () => {
    const [key] = await filesWithItems();
    await plane.s3.send(new DeleteObjectCommand({ Bucket: 'exports', Key: key }));
    await verify(true);
    await reconcileVerifications(outport, testRun);
    expect(await verificationOf(id)).toMatchObject({ status: 'MISMATCH', problems: [`${key} is missing`] });
    expect(await storyOf(id)).toMatchObject([
      { outcome: 'REQUESTED', principal: 'ann', input: '{"deep":true}' },
      { outcome: 'MISMATCH', principal: null, errorCode: 'VERIFICATION_FAILED', errorMessage: `${key} is missing` },
    ]);
  });

  test('whose file was exchanged together with its ETag in the manifest is found out by reading it', async () => {
    const [key = ''] = await filesWithItems();
    const text = async (Key: string) => {
      const { Body } = await plane.s3.send(new GetObjectCommand({ Bucket: 'exports', Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    };
    const put = async (Key: string, Body: Buffer | string) =>
      (await plane.s3.send(new PutObjectCommand({ Bucket: 'exports', Key, Body }))).ETag?.replaceAll('"', '') ?? '';
    const etag = await put(key, gzipSync(`${gunzipSync(await text(key))}{}\n`));
    const manifestKey = key.replace(/data\/.*/, 'manifest-files.json');
    const lines = (await text(manifestKey)).toString().trimEnd().split('\n');
    const manifest = lines
      .map((line) => (line.includes(key) ? JSON.stringify({ ...JSON.parse(line), etag }) : line))
      .map((line) => `${line}\n`)
      .join('');
    await put(manifestKey, manifest);
    await put(manifestKey.replace('.json', '.md5'), createHash('md5').update(manifest).digest('base64'));

    await verify(false);
    await reconcileVerifications(outport, testRun);
    expect(await verificationOf(id)).toMatchObject({ status: 'VERIFIED' });
    await verify(true);
    await reconcileVerifications(outport, testRun);
    expect(await verificationOf(id)).toMatchObject({
      status: 'MISMATCH',
      itemsCounted: 21,
      problems: [expect.stringMatching(/^the MD5 of .+ is /), '21 items were counted, expected 20'],
    });
  });

  test('is verified to the end however often a run dies or its time is up', async () => {
    await verify(true);
    for (let point = 1; ; point += 1) {
      const anHourOn = { ...crashingAt(point, outport), now: () => new Date(Date.now() + point * 3_600_000) };
      const run = { ...testRun, report: (error: unknown) => expect(error).toBeInstanceOf(Crash) };
      await reconcileVerifications(anHourOn, run).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      const verification = await verificationOf(id);
      if (verification?.status === 'IN_PROGRESS') continue;
      expect(verification).toMatchObject({ status: 'VERIFIED', deep: true, itemsCounted: 20 });
      break;
    }
    await verify(true);
    let calls = 0;
    await reconcileVerifications(outport, { ...testRun, remainingMs: () => (++calls < 3 ? 1_000 : 0) });
    expect(await verificationOf(id)).toMatchObject({ status: 'IN_PROGRESS' });
    const later = { ...outport, now: () => new Date(Date.now() + 60_000) };
    await reconcileVerifications(later, testRun);
    expect(await verificationOf(id)).toMatchObject({ status: 'VERIFIED', itemsCounted: 20 });
  });

  test('is verified once, wherever a process dies that was asked for it', async () => {
    for (let point = 1; ; point += 1) {
      const died = await verifyExport(crashingAt(point, outport), ANN, ORIGIN, { id, deep: false }).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Crash) return true;
          throw error;
        },
      );
      const { export: asked, userErrors } = await verifyExport(outport, ANN, ORIGIN, { id, deep: false });
      expect(userErrors, `moment ${point}`).toEqual([]);
      expect(asked).toMatchObject({ status: 'COMPLETED', verification: { status: 'IN_PROGRESS' } });
      await reconcileVerifications(outport, testRun);
      expect(await verificationOf(id)).toMatchObject({ status: 'VERIFIED' });
      expect(await readExportsBeingVerified(outport.table)).toEqual([]);
      if (!died) break;
    }
    // Each time the attempt that died, if it came so far, the one that was answered, and one result.
    const story = await storyOf(id);
    const found = story.filter(({ outcome }) => outcome === 'VERIFIED');
    const asked = story.filter(({ outcome }) => outcome === 'REQUESTED');
    expect(asked.length).toBeGreaterThan(found.length);
    expect(story.map(({ input }) => input)).toEqual(story.map(() => '{"deep":false}'));
  }, 60_000);

  test('whose verification is not finished in time proves nothing', async () => {
    await verify(true);
    const tooLate = { ...outport, now: () => new Date(Date.now() + VERIFICATION_DEADLINE_MS) };
    await reconcileVerifications(tooLate, testRun);
    expect(await verificationOf(id)).toMatchObject({ status: 'UNAVAILABLE', problems: [expect.any(String)] });
  });
});

test('only whoever may has an export verified, and only one that is completed', async () => {
  const mallory = await plane.issuer.token('mallory', ['marketing']);
  expect(await verify(true, mallory)).toMatchObject({ export: null, userErrors: [{ code: 'NO_SUCH_EXPORT' }] });
  const { body } = await plane.query(
    platform,
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } } }',
    { input: { clientToken: randomUUID(), tableArn, destination: { bucket: 'exports' } } },
  );
  const running = body.data.exportTable.export.id;
  expect(await verify(true, platform, running)).toMatchObject({
    userErrors: [{ code: 'EXPORT_NOT_COMPLETED', field: ['input', 'id'] }],
  });
  await reconcileToTheEnd(outport, running);
});
