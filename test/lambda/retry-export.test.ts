import { randomUUID } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Requester, readExport, readExports } from '../../src/records/export-records.ts';
import { exportIdOf } from '../../src/services/export-id.ts';
import { exportTable } from '../../src/services/export-table.ts';
import type { Outport } from '../../src/services/outport.ts';
import { retryExport } from '../../src/services/retry-export.ts';
import { viewerCan } from '../../src/services/viewer.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { Crash, crashingAt } from '../support/crash.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { reconcileToTheEnd } from '../support/reconcile-run.ts';

let plane: TestControlPlane;
let platform: string;
let tableArn: string;
let failedId: string;

beforeAll(async () => {
  plane = await startControlPlane();
  platform = await plane.issuer.token('ann', ['platform']);
  tableArn = await plane.createTable('cities');
  await plane.createBucket('doomed');
  // Held back until its bucket is gone.
  const closed = { ...plane.outport, limits: { maxExports: 0, maxBytes: 0 } };
  const { export: queued } = await exportTable(closed, ANN, ORIGIN, {
    clientToken: randomUUID(),
    tableArn,
    exportFormat: 'DYNAMODB_JSON',
    destination: { bucket: 'doomed', prefix: 'once' },
  });
  failedId = queued?.id ?? '';
  await plane.deleteBucket('doomed');
  expect(await reconcileToTheEnd(plane.outport, failedId)).toMatchObject({ status: 'FAILED' });
});
afterAll(() => plane.close());

async function retry(id: string, clientToken: string = randomUUID(), token = platform) {
  const { body } = await plane.query(
    token,
    `mutation ($input: RetryExportInput!) { retryExport(input: $input) {
       replayed
       export { id status tableArn destination { bucket prefix } retryOf { id status failure { code message remedy } } }
       userErrors { code field message } } }`,
    { input: { id, clientToken } },
  );
  return body.data.retryExport;
}

describe('a failed export', () => {
  test('is refused again while its cause remains', async () => {
    expect(await retry(failedId)).toMatchObject({ export: null, userErrors: [{ code: 'S3_NO_SUCH_BUCKET' }] });
  });

  test('is asked for again as a new one that names it, once for a client token', async () => {
    await plane.s3.send(new CreateBucketCommand({ Bucket: 'doomed' }));
    const clientToken = randomUUID();
    const [first, again] = [await retry(failedId, clientToken), await retry(failedId, clientToken)];
    expect(first).toMatchObject({
      replayed: false,
      userErrors: [],
      export: {
        tableArn,
        destination: { bucket: 'doomed', prefix: 'once' },
        retryOf: { id: failedId, status: 'FAILED', failure: { code: 'S3_NO_SUCH_BUCKET', remedy: expect.any(String) } },
      },
    });
    expect(again).toMatchObject({ replayed: true, export: { id: first.export.id } });
    expect(first.export.id).not.toBe(failedId);
    expect(await reconcileToTheEnd(plane.outport, first.export.id)).toMatchObject({ status: 'COMPLETED' });
  });

  test('is offered to whoever may both retry it and export anew', async () => {
    const failed = await readExport(plane.outport.table, failedId);
    if (!failed) throw new Error('no export');
    const mayRetry = (outport: Outport, viewer: Requester) => viewerCan(outport, viewer, 'retry', failed);
    expect(mayRetry(plane.outport, ANN)).toBe(true);
    // Whoever asked for it may retry it, but is in no team any more that may export.
    expect(mayRetry(plane.outport, { ...ANN, teams: [] })).toBe(false);
    const destinations = [{ bucket: 'lake', owner: null, region: null, prefix: '', encryption: null }];
    expect(mayRetry({ ...plane.outport, destinations }, ANN)).toBe(false);
  });

  test('is asked for again only by whoever may', async () => {
    const mallory = await plane.issuer.token('mallory', ['marketing']);
    const [forbidden, missing] = [await retry(failedId, 't', mallory), await retry('exp_none', 't', mallory)];
    expect(forbidden).toMatchObject({ export: null, userErrors: [{ code: 'NO_SUCH_EXPORT', field: ['input', 'id'] }] });
    expect(JSON.stringify(missing)).toBe(JSON.stringify(forbidden).replace(failedId, 'exp_none'));
  });

  test('is asked for again once, wherever a process dies meanwhile', async () => {
    // What comes after is a request as any other, and its moments are tested as such.
    for (let point = 1; point <= 14; point += 1) {
      const input = { id: failedId, clientToken: randomUUID() };
      const crashed = await retryExport(crashingAt(point, plane.outport), ANN, ORIGIN, input).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Crash) return true;
          throw error;
        },
      );
      const { export: again } = await retryExport(plane.outport, ANN, ORIGIN, input);
      expect(again?.id, `moment ${point}`).toBe(exportIdOf(ANN.issuer, ANN.subject, input.clientToken));
      expect(await reconcileToTheEnd(plane.outport, again?.id ?? '')).toMatchObject({
        status: 'COMPLETED',
        retryOf: failedId,
      });
      expect(crashed).toBe(true);
    }
    for await (const { source } of readExports(plane.outport.table, { of: 'TABLE', tableArn }, { after: null })) {
      expect(source).toBe('OUTPORT');
    }
  }, 240_000);
});

test('an export that has not failed is not asked for again', async () => {
  const { export: running } = await retry(failedId);
  const { userErrors } = await retry(running.id);
  expect(userErrors).toMatchObject([
    { code: 'EXPORT_NOT_FAILED', field: ['input', 'id'], message: expect.stringContaining(`${running.id} is `) },
  ]);
  await reconcileToTheEnd(plane.outport, running.id);
});
