import { createHash } from 'node:crypto';
import { CreateBucketCommand, DeleteObjectCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readExport } from '../../src/records/export-records.ts';
import { listFiles } from '../../src/services/list-files.ts';
import type { Permit } from '../../src/services/permit.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { reconcileToTheEnd } from '../support/reconcile-run.ts';

let plane: TestControlPlane;
let tableArn: string;
let id: string;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  plane = await startControlPlane();
  tableArn = await plane.createTable('orders', { items: 25 });
  await plane.createBucket('lake');
  tokens.pam = await plane.issuer.token('pam', ['platform'], { name: 'Pam' });
  tokens.dan = await plane.issuer.token('dan', []);
  id = await exportOrders('whole');
});
afterAll(() => plane.close());

async function exportOrders(clientToken: string, bucket = 'lake'): Promise<string> {
  const { body } = await plane.query(
    tokens.pam ?? '',
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } userErrors { message } } }',
    { input: { clientToken, tableArn, destination: { bucket, prefix: 'exports' } } },
  );
  const exportId = body.data.exportTable.export.id;
  await reconcileToTheEnd(plane.outport, exportId);
  return exportId;
}

const FILES = `query ($id: ID!, $first: Int!, $after: String) { export(id: $id) {
  files(first: $first, after: $after) {
    nodes { key itemCount sizeBytes md5Checksum etag downloadUrl downloadUrlExpiresAt }
    pageInfo { hasNextPage endCursor }
  }
} }`;

async function files(first: number, after: string | null = null, exportId = id) {
  const { body } = await plane.query(tokens.pam ?? '', FILES, { id: exportId, first, after });
  return body.data?.export.files ?? body.errors;
}

async function auditOf(exportId: string) {
  const { body } = await plane.query(
    tokens.pam ?? '',
    `query ($filter: AuditEventFilter) { auditEvents(first: 100, orderBy: EVENT_TIME_ASC, filter: $filter) {
       nodes { principal outcome decision input errorCode } } }`,
    { filter: { exportId, eventName: 'ReadExportData' } },
  );
  return body.data.auditEvents.nodes;
}

describe('the files of an export', () => {
  test('are those of the manifest, page by page, and download as the manifest says', async () => {
    const all = await files(100);
    expect(all.pageInfo.hasNextPage).toBe(false);
    expect(all.nodes.reduce((sum: number, { itemCount }: { itemCount: number }) => sum + itemCount, 0)).toBe(25);
    const paged = [];
    for (let after = null; ; ) {
      const page = await files(1, after);
      paged.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(paged.map(({ key }) => key)).toEqual(all.nodes.map(({ key }: { key: string }) => key));
    for (const { downloadUrl, sizeBytes, md5Checksum } of all.nodes) {
      const bytes = Buffer.from(await (await fetch(downloadUrl)).arrayBuffer());
      expect(bytes.length).toBe(sizeBytes);
      expect(createHash('md5').update(bytes).digest('base64')).toBe(md5Checksum);
    }
  });

  test('have links that lead to nothing else and end after five minutes', async () => {
    const { nodes } = await files(1);
    const { downloadUrl, downloadUrlExpiresAt } = nodes[0];
    const left = Date.parse(downloadUrlExpiresAt) - Date.now();
    expect(left).toBeGreaterThan(200_000);
    expect(left).toBeLessThanOrEqual(300_000);
    expect(new URL(downloadUrl).searchParams.get('X-Amz-Expires')).toBe('300');
    expect((await fetch(downloadUrl.replace('/exports/', '/elsewhere/'))).status).toBe(403);
  });

  test('in a bucket of another Region have links that are signed for that', async () => {
    const abroad = new S3Client({ region: 'us-west-2' });
    const CreateBucketConfiguration = { LocationConstraint: 'us-west-2' as const };
    await abroad.send(new CreateBucketCommand({ Bucket: 'abroad', CreateBucketConfiguration }));
    abroad.destroy();
    const [file] = (await files(1, null, await exportOrders('far', 'abroad'))).nodes;
    expect(new URL(file.downloadUrl).searchParams.get('X-Amz-Credential')).toContain('/us-west-2/s3/');
    expect((await fetch(file.downloadUrl)).status).toBe(200);
  });

  test('are told of when one is gone', async () => {
    const other = await exportOrders('spoiled');
    const [first] = (await files(100, null, other)).nodes;
    await plane.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: first.key }));
    expect((await files(1, null, other)).nodes).toEqual([
      { ...first, sizeBytes: null, downloadUrl: null, downloadUrlExpiresAt: null },
    ]);
    const manifest = first.key.replace(/data\/.*/, 'manifest-files.json');
    await plane.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: manifest }));
    expect(await files(1, null, other)).toMatchObject([
      {
        message: `The files in lake cannot be read: ${manifest} is missing`,
        extensions: { code: 'EXPORT_DATA_UNREADABLE', remedy: expect.stringContaining('verifyExport') },
      },
    ]);
  });

  test('that the bucket denies are an error with a remedy', async () => {
    await plane.createBucket('closed');
    const closed = await exportOrders('closed', 'closed');
    const Statement = [{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::closed/*' }];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await plane.s3.send(new PutBucketPolicyCommand({ Bucket: 'closed', Policy }));
    expect(await files(1, null, closed)).toMatchObject([
      { extensions: { code: 'S3_ACCESS_DENIED', remedy: expect.stringContaining('s3:GetObject') } },
    ]);
  });

  test('and the first items cost by what they ask of AWS, so that a long page of either is refused', async () => {
    for (const field of ['files(first: 1) { nodes { key } }', 'preview(first: 1) { itemsRead }', 'snippets { text }']) {
      const { body } = await plane.query(
        tokens.pam ?? '',
        `{ exports(first: 100) { nodes { ${field} verification { status } } } }`,
      );
      const refused = body.errors?.[0].extensions.reason === 'QUERY_TOO_COSTLY';
      expect([field, refused]).toEqual([field, !field.startsWith('files')]);
    }
  });

  test('are read in the audit, each page by whom', async () => {
    const before = (await auditOf(id)).length;
    await files(2);
    expect((await auditOf(id)).slice(before)).toEqual([
      {
        principal: 'pam',
        outcome: 'REQUESTED',
        decision: 'ALLOW',
        input: '{"files":{"first":2,"after":0}}',
        errorCode: null,
      },
    ]);
  });
});

test('whoever may see an export and not read it gets nothing, and that they asked is in the audit', async () => {
  const permit: Permit = (person, question) =>
    question.action === 'ReadExportData' ? { allowed: false, policyIds: [] } : plane.outport.permit(person, question);
  const record = await readExport(plane.outport.table, id);
  if (!record) throw new Error('there is no export');
  const reader = { principal: ANN, origin: ORIGIN };
  expect(await listFiles({ ...plane.outport, permit }, reader, record, { first: 1, after: null })).toBeNull();
  const refused = (await auditOf(id)).filter(({ principal }: { principal: string }) => principal === 'ann');
  expect(refused).toMatchObject([
    { outcome: 'REQUESTED', decision: 'DENY' },
    { outcome: 'REFUSED', errorCode: 'PERMISSION_DENIED' },
  ]);
});

test('the story of an export is told in order, policies to those alone who may read the audit', async () => {
  const story = async (token: string) => {
    const { body } = await plane.query(
      token,
      'query ($id: ID!) { export(id: $id) { story { time event title detail } } }',
      { id },
    );
    return body.data.export.story;
  };
  const told = await story(tokens.pam ?? '');
  expect(told).toMatchObject([
    { event: 'REQUESTED', title: 'Requested by Pam' },
    { event: 'ALLOWED', detail: 'By platform-may-do-everything.' },
    { event: 'STARTED', detail: expect.stringContaining(':table/orders/export/') },
    { event: 'COMPLETED', detail: expect.stringMatching(/^25 items, [\d.]+ (bytes|KiB) billed\.$/) },
    { event: 'VERIFIED', detail: expect.stringMatching(/^\d+ files compared with their manifests\.$/) },
  ]);
  // The one who asked is let in by another policy, which does not let them read the audit.
  const asPam = await plane.issuer.token('pam', []);
  expect(await story(asPam)).toEqual(
    told.map((entry: { event: string }) => (entry.event === 'ALLOWED' ? { ...entry, detail: null } : entry)),
  );
});
