import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readExport } from '../../src/records/export-records.ts';
import { reconcileVerifications } from '../../src/services/reconcile-verifications.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { reconcileToTheEnd, testRun } from '../support/reconcile-run.ts';

const HOUR_MS = 3_600_000;
/** The data plane's clock, which the tests begin three hours ago. */
let behindMs = 3 * HOUR_MS;
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+Z/, 'Z');

let plane: TestControlPlane;
let platform: string;
let tableArn: string;

beforeAll(async () => {
  plane = await startControlPlane({}, { now: () => Date.now() - behindMs });
  platform = await plane.issuer.token('ann', ['platform']);
  tableArn = await plane.createTable('cities', { items: 4 });
  await plane.createBucket('exports');
  behindMs = HOUR_MS;
  await plane.dynamodb.send(
    new PutItemCommand({ TableName: 'cities', Item: { pk: { S: '1' }, name: { S: 'Aachen' } } }),
  );
  await plane.dynamodb.send(new DeleteItemCommand({ TableName: 'cities', Key: { pk: { S: '2' } } }));
  behindMs = 0;
});
afterAll(() => plane.close());

async function exportTable(input: Record<string, unknown>) {
  const { body } = await plane.query(
    platform,
    `mutation ($input: ExportTableInput!) { exportTable(input: $input) {
       export { id exportType incrementalExport { exportFromTime exportToTime exportViewType }
         filter { filterExpression expressionAttributeNames expressionAttributeValues } }
       userErrors { code message field } } }`,
    {
      input: {
        clientToken: randomUUID(),
        tableArn,
        destination: { bucket: 'exports', prefix: randomUUID() },
        ...input,
      },
    },
  );
  return body.data.exportTable;
}

async function linesOf(id: string): Promise<unknown[]> {
  const record = await readExport(plane.outport.table, id);
  const Prefix = `${record?.destination.prefix}/`;
  const { Contents = [] } = await plane.s3.send(new ListObjectsV2Command({ Bucket: 'exports', Prefix }));
  const lines: unknown[] = [];
  for (const { Key = '' } of Contents.filter((object) => object.Key?.endsWith('.json.gz'))) {
    const { Body } = await plane.s3.send(new GetObjectCommand({ Bucket: 'exports', Key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? '').toString();
    lines.push(
      ...text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    );
  }
  return lines;
}

async function verifiedDeeply(id: string) {
  await plane.query(
    platform,
    'mutation ($id: ID!) { verifyExport(input: { id: $id, deep: true }) { userErrors { code } } }',
    { id },
  );
  await reconcileVerifications(plane.outport, testRun);
  const record = await readExport(plane.outport.table, id);
  return record?.status === 'COMPLETED' ? record.verification : null;
}

describe('an incremental export', () => {
  const window = () => ({ exportFromTime: secondsAgo(2 * 3600), exportToTime: secondsAgo(60) });

  test('has what changed in its window, shares its folder, and is verified by its own manifest', async () => {
    const destination = { bucket: 'exports', prefix: 'chain' };
    const ask = (exportViewType: string) =>
      exportTable({
        exportType: 'INCREMENTAL_EXPORT',
        incrementalExport: { ...window(), exportViewType },
        destination,
      });
    const [first, second] = [await ask('NEW_IMAGE'), await ask('NEW_AND_OLD_IMAGES')];
    for (const { export: started, userErrors } of [first, second]) {
      expect(userErrors).toEqual([]);
      expect(await reconcileToTheEnd(plane.outport, started.id)).toMatchObject({
        status: 'COMPLETED',
        itemCount: 2,
        progress: null,
        verification: { status: 'VERIFIED', problems: [] },
      });
      expect(await verifiedDeeply(started.id)).toMatchObject({ status: 'VERIFIED', itemsCounted: 2 });
    }
    expect(first.export).toMatchObject({
      exportType: 'INCREMENTAL_EXPORT',
      incrementalExport: { exportViewType: 'NEW_IMAGE' },
    });
    const lines = await linesOf(second.export.id);
    expect(lines).toContainEqual(
      expect.objectContaining({ Keys: { pk: { S: '1' } }, NewImage: { name: { S: 'Aachen' }, pk: { S: '1' } } }),
    );
  });

  test('is told what is wrong with its window before anything is started', async () => {
    const { userErrors } = await exportTable({
      exportType: 'INCREMENTAL_EXPORT',
      incrementalExport: { exportFromTime: secondsAgo(4 * 3600), exportToTime: secondsAgo(60) },
    });
    expect(userErrors).toEqual([
      {
        code: 'INVALID_EXPORT_WINDOW',
        field: ['input', 'incrementalExport'],
        message: expect.stringMatching(/^Incremental export period from time cannot be less than the table creation/),
      },
    ]);
  });
});

describe('an incremental export whose end is left to DynamoDB', () => {
  test('shows where it has ended, which is where the next one begins', async () => {
    const { export: started } = await exportTable({
      exportType: 'INCREMENTAL_EXPORT',
      incrementalExport: { exportFromTime: secondsAgo(3600) },
    });
    expect(started.incrementalExport).toMatchObject({
      exportFromTime: expect.any(String),
      exportToTime: expect.stringMatching(/^\d{4}-.+Z$/),
    });
    expect(await reconcileToTheEnd(plane.outport, started.id)).toMatchObject({ status: 'COMPLETED' });
  });
});

describe('a filtered export', () => {
  const filter = {
    filterExpression: '#name = :name',
    expressionAttributeNames: { '#name': 'name' },
    expressionAttributeValues: { ':name': { S: 'Aachen' } },
  };

  test('has the items that pass, and shows its filter', async () => {
    const { export: started, userErrors } = await exportTable({ filter });
    expect(userErrors).toEqual([]);
    expect(started.filter).toEqual(filter);
    expect(await reconcileToTheEnd(plane.outport, started.id)).toMatchObject({
      status: 'COMPLETED',
      itemCount: 1,
      verification: { status: 'VERIFIED' },
    });
    expect(await linesOf(started.id)).toEqual([{ Item: { pk: { S: '1' }, name: { S: 'Aachen' } } }]);
  });

  test('whose expressions DynamoDB cannot parse fails at once, in its words', async () => {
    const { export: failed, userErrors } = await exportTable({ filter: { filterExpression: 'name = = 1' } });
    expect(userErrors).toMatchObject([
      { code: 'EXPORT_REJECTED', message: expect.stringMatching(/^Invalid Request: Invalid FilterSpecification: /) },
    ]);
    expect(await readExport(plane.outport.table, failed.id)).toMatchObject({ status: 'FAILED' });
  });
});
