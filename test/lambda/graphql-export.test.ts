import { randomUUID } from 'node:crypto';
import { ListExportsCommand } from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../src/records/audit-event.ts';
import { readLedgers } from '../../src/records/ledger.ts';
import { OTHER_ACCOUNT, startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { reconcileToTheEnd } from '../support/reconcile-run.ts';

let plane: TestControlPlane;
let platform: string;
let tableArn: string;

beforeAll(async () => {
  plane = await startControlPlane();
  platform = await plane.issuer.token('ann', ['platform'], { name: 'Ann' });
  tableArn = await plane.createTable('cities');
  await plane.createTable('unprotected', { recovery: false });
  await plane.createBucket('exports');
  await plane.createBucket('elsewhere', OTHER_ACCOUNT);
});
afterAll(() => plane.close());

const EXPORT_TABLE = /* GraphQL */ `
  mutation ($input: ExportTableInput!) {
    exportTable(input: $input) {
      replayed
      export { id status version exportArn requestedBy { subject name teams } destination { bucketOwner } }
      userErrors { code field message remedy }
    }
  }
`;

interface Input {
  clientToken?: string;
  tableArn?: string;
  exportTime?: string;
  destination?: Record<string, unknown>;
}

async function exportTable(input: Input = {}, token = platform) {
  const answer = await plane.query(token, EXPORT_TABLE, {
    input: { clientToken: randomUUID(), tableArn, destination: { bucket: 'exports' }, ...input },
  });
  expect(answer).toMatchObject({ status: 200, body: { data: { exportTable: expect.anything() } } });
  return answer.body.data.exportTable;
}

async function scanRecords(kind: string) {
  const { Items = [] } = await plane.outport.table.client.send(
    new ScanCommand({ TableName: plane.outport.table.name }),
  );
  return Items.filter((item) => item.kind === kind);
}

async function auditOf(requestToken: () => Promise<unknown>): Promise<AuditEvent[]> {
  const before = new Set((await scanRecords('AUDIT_EVENT')).map(({ id }) => id));
  await requestToken();
  const events = (await scanRecords('AUDIT_EVENT')) as unknown as AuditEvent[];
  return events.filter(({ id }) => !before.has(id)).sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1));
}

describe('a request that is allowed', () => {
  test('is started in the name of the person, and ends COMPLETED and verified', async () => {
    const { export: started, replayed, userErrors } = await exportTable();

    expect(userErrors).toEqual([]);
    expect(replayed).toBe(false);
    expect(started).toMatchObject({
      status: 'IN_PROGRESS',
      requestedBy: { subject: 'ann', name: 'Ann', teams: ['platform'] },
      destination: { bucketOwner: '111122223333' },
    });

    await reconcileToTheEnd(plane.outport, started.id);
    const { body } = await plane.query(
      platform,
      `query ($id: ID!) { export(id: $id) {
         status itemCount exportManifest progress { filesWritten } failure { code message }
         verification { status filesChecked problems } } }`,
      { id: started.id },
    );
    expect(body.data.export).toMatchObject({
      status: 'COMPLETED',
      itemCount: 3,
      failure: null,
      verification: { status: 'VERIFIED', problems: [] },
    });
    expect(body.data.export.exportManifest).toMatch(/^AWSDynamoDB\/\d{14}-[0-9a-f]{8}\/manifest-summary\.json$/);
    expect(body.data.export.progress.filesWritten).toBe(body.data.export.verification.filesChecked);
    expect(await readLedgers(plane.outport.table)).toEqual([expect.objectContaining({ exports: {} })]);
  });

  test('is in the audit from the request to the end, with who and from where', async () => {
    const { export: started } = await exportTable();
    await reconcileToTheEnd(plane.outport, started.id);

    const { body } = await plane.query(
      platform,
      `query ($id: ID) { auditEvents(first: 10, filter: { exportId: $id }) { nodes {
         eventName outcome source issuer principal sourceIpAddress userAgent decision policyIds input } } }`,
      { id: started.id },
    );
    const events = body.data.auditEvents.nodes.toReversed();
    expect(events.map(({ outcome }: AuditEvent) => outcome)).toEqual(['REQUESTED', 'IN_PROGRESS', 'COMPLETED']);
    expect(events[0]).toMatchObject({
      eventName: 'ExportTable',
      source: 'OUTPORT',
      issuer: plane.issuer.url,
      principal: 'ann',
      sourceIpAddress: '192.0.2.7',
      userAgent: 'outport-test',
      decision: 'ALLOW',
      policyIds: ['platform-may-do-everything'],
    });
    expect(JSON.parse(events[0].input)).toMatchObject({ tableArn, exportType: 'FULL_EXPORT' });
  });
});

describe('bad input gets its error with a remedy and leaves nothing behind', () => {
  const REFUSED: Array<[string, Input, string, string[], RegExp]> = [
    [
      'an unknown table',
      { tableArn: tableArnOf('nowhere') },
      'TABLE_NOT_FOUND',
      ['input', 'tableArn'],
      /^Table not found: arn:aws:dynamodb:eu-central-1:111122223333:table\/nowhere$/,
    ],
    [
      'recovery off',
      { tableArn: tableArnOf('unprotected') },
      'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
      ['input', 'tableArn'],
      /^Point in time recovery is not enabled for table 'unprotected'$/,
    ],
    [
      'a time before the window',
      { exportTime: '2020-01-01T00:00:00Z' },
      'INVALID_EXPORT_TIME',
      ['input', 'exportTime'],
      /^Export Time is invalid: 2020-01-01T00:00:00Z is not from \S+ to \S+$/,
    ],
    [
      'a time in the future',
      { exportTime: '2120-01-01T00:00:00Z' },
      'INVALID_EXPORT_TIME',
      ['input', 'exportTime'],
      /^Export Time is invalid: 2120-01-01T00:00:00Z is not from \S+ to \S+$/,
    ],
    [
      'a fraction of a second',
      { exportTime: '2026-01-01T00:00:00.5Z' },
      'INVALID_EXPORT_TIME',
      ['input', 'exportTime'],
      /whole second/,
    ],
    [
      'a missing bucket',
      { destination: { bucket: 'missing' } },
      'S3_NO_SUCH_BUCKET',
      ['input', 'destination', 'bucket'],
      /does not exist/,
    ],
    [
      "another account's bucket",
      { destination: { bucket: 'elsewhere' } },
      'S3_ACCESS_DENIED',
      ['input', 'destination', 'bucket'],
      /Access Denied/,
    ],
    [
      "another account's bucket, named as such",
      { destination: { bucket: 'elsewhere', bucketOwner: OTHER_ACCOUNT } },
      'DESTINATION_NOT_ALLOWED',
      ['input', 'destination', 'bucketOwner'],
      /the bucket "elsewhere" of account 444455556666 is not among your destinations/,
    ],
    [
      'the wrong owner',
      { destination: { bucket: 'exports', bucketOwner: OTHER_ACCOUNT } },
      'DESTINATION_NOT_ALLOWED',
      ['input', 'destination', 'bucketOwner'],
      /the bucket "exports" of account 444455556666 is not among your destinations/,
    ],
    ['a bare table name', { tableArn: 'cities' }, 'INVALID_TABLE_ARN', ['input', 'tableArn'], /not the ARN of a table/],
    [
      'the ARN of an index',
      { tableArn: `${tableArnOf('cities')}/index/by-name` },
      'INVALID_TABLE_ARN',
      ['input', 'tableArn'],
      /not the ARN of a table/,
    ],
    [
      'a client token with a dollar',
      { clientToken: 'a$b' },
      'INVALID_CLIENT_TOKEN',
      ['input', 'clientToken'],
      /^"a\$b" is no client token\.$/,
    ],
    [
      'a prefix that climbs',
      { destination: { bucket: 'exports', prefix: 'a/../b' } },
      'INVALID_PREFIX',
      ['input', 'destination', 'prefix'],
      /^"a\/\.\.\/b" is not a valid prefix\.$/,
    ],
    [
      'a key without KMS',
      { destination: { bucket: 'exports', encryption: { algorithm: 'AES256', kmsKeyId: 'k' } } },
      'INVALID_ENCRYPTION',
      ['input', 'destination', 'encryption'],
      /not supported/,
    ],
  ];

  test.each(REFUSED)('%s', async (_what, input, code, field, message) => {
    const exportsBefore = await scanRecords('EXPORT');
    const events = await auditOf(async () => {
      const { export: none, userErrors } = await exportTable(input);
      expect(none).toBeNull();
      expect(userErrors).toEqual([
        { code, field, message: expect.stringMatching(message), remedy: expect.any(String) },
      ]);
    });
    expect(await scanRecords('EXPORT')).toEqual(exportsBefore);
    expect(await readLedgers(plane.outport.table)).toEqual([expect.objectContaining({ exports: {} })]);
    expect(events).toMatchObject([
      { outcome: 'REQUESTED', principal: 'ann', input: expect.any(String) },
      { outcome: 'REFUSED', principal: 'ann', errorCode: code },
    ]);
  });

  test('all errors are told at once', async () => {
    const { userErrors } = await exportTable({
      tableArn: 'cities',
      clientToken: '',
      destination: {
        bucket: 'Exports!',
        bucketOwner: '1',
        prefix: '/x',
        encryption: { algorithm: 'AES256', kmsKeyId: 'k' },
      },
    });
    expect(userErrors.map(({ code }: { code: string }) => code)).toEqual([
      'INVALID_CLIENT_TOKEN',
      'INVALID_TABLE_ARN',
      'INVALID_BUCKET',
      'INVALID_BUCKET_OWNER',
      'INVALID_PREFIX',
      'INVALID_ENCRYPTION',
    ]);
    const both = await exportTable({ tableArn: tableArnOf('unprotected'), destination: { bucket: 'missing' } });
    expect(both.userErrors.map(({ code }: { code: string }) => code)).toEqual([
      'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
      'S3_NO_SUCH_BUCKET',
    ]);
  });
});

describe('a client token', () => {
  test('gives 50 concurrent requests one export', async () => {
    const { ExportSummaries: before = [] } = await plane.dynamodb.send(new ListExportsCommand({ TableArn: tableArn }));
    const clientToken = randomUUID();
    const results = await Promise.all(Array.from({ length: 50 }, () => exportTable({ clientToken })));

    expect(new Set(results.map((result) => result.export.id)).size).toBe(1);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    const { ExportSummaries: after = [] } = await plane.dynamodb.send(new ListExportsCommand({ TableArn: tableArn }));
    expect(after).toHaveLength(before.length + 1);
    expect(await readLedgers(plane.outport.table)).toMatchObject([
      { exports: { [results[0].export.id]: expect.anything() } },
    ]);
    await reconcileToTheEnd(plane.outport, results[0].export.id);
  });

  test('with another input is refused, also when that input fails by itself', async () => {
    const clientToken = randomUUID();
    const { export: first } = await exportTable({ clientToken });
    for (const prefix of ['other', 'another']) {
      const { export: none, userErrors } = await exportTable({
        clientToken,
        destination: { bucket: 'exports', prefix },
      });
      expect(none).toBeNull();
      expect(userErrors).toMatchObject([{ code: 'CLIENT_TOKEN_REUSED', field: ['input', 'clientToken'] }]);
    }
    await reconcileToTheEnd(plane.outport, first.id);
  });

  test("is its sender's own: the same from somebody else is another request", async () => {
    const clientToken = randomUUID();
    const bob = await plane.issuer.token('bob', ['platform']);
    const [first, second] = [await exportTable({ clientToken }), await exportTable({ clientToken }, bob)];
    expect(second).toMatchObject({ replayed: false, userErrors: [] });
    expect(second.export.id).not.toBe(first.export.id);
    for (const result of [first, second]) await reconcileToTheEnd(plane.outport, result.export.id);
  });

  test('gives the same export after it has ended', async () => {
    const clientToken = randomUUID();
    const { export: first } = await exportTable({ clientToken });
    await reconcileToTheEnd(plane.outport, first.id);
    const again = await exportTable({ clientToken });
    expect(again).toMatchObject({ replayed: true, export: { id: first.id, status: 'COMPLETED' }, userErrors: [] });
  });
});

describe('a request that the policies do not permit', () => {
  test('is refused by name and audited, allowed or not', async () => {
    const mallory = await plane.issuer.token('mallory', ['marketing']);
    const events = await auditOf(async () => {
      const { export: none, userErrors } = await exportTable({}, mallory);
      expect(none).toBeNull();
      expect(userErrors).toMatchObject([{ code: 'PERMISSION_DENIED', field: null }]);
      expect(userErrors[0].message).toContain(`ExportTable is not permitted on ${tableArn}`);
    });
    expect(events).toMatchObject([
      { outcome: 'REQUESTED', principal: 'mallory', decision: 'DENY', policyIds: [] },
      { outcome: 'REFUSED', principal: 'mallory', decision: 'DENY', errorCode: 'PERMISSION_DENIED' },
    ]);
  });

  test('learns nothing about exports and the audit of others', async () => {
    const { export: secret } = await exportTable();
    await reconcileToTheEnd(plane.outport, secret.id);
    const mallory = await plane.issuer.token('mallory', ['marketing']);
    const find = (id: string) => plane.query(mallory, 'query ($id: ID!) { export(id: $id) { id } }', { id });

    const [forbidden, missing] = [await find(secret.id), await find('exp_missing')];
    expect(forbidden.body.data).toEqual({ export: null });
    expect(forbidden.body).toEqual(missing.body);
    const lists = await plane.query(
      mallory,
      '{ exports(first: 100) { nodes { id } } auditEvents(first: 100) { nodes { id } } }',
    );
    expect(lists.body.data).toEqual({ exports: { nodes: [] }, auditEvents: { nodes: [] } });
  });
});

describe('exports', () => {
  test('are listed newest first, page by page, without gap or repetition', async () => {
    const list = (args: string) =>
      plane.query(
        platform,
        `{ exports(${args}) { nodes { id createdAt } edges { cursor } pageInfo { hasNextPage endCursor } } }`,
      );
    const all = (await list('first: 100')).body.data.exports.nodes;
    expect(all.length).toBeGreaterThan(3);
    expect(all.map(({ createdAt }: { createdAt: string }) => createdAt)).toEqual(
      all
        .map(({ createdAt }: { createdAt: string }) => createdAt)
        .toSorted()
        .toReversed(),
    );

    const paged: unknown[] = [];
    let args = 'first: 2';
    for (;;) {
      const { nodes, pageInfo } = (await list(args)).body.data.exports;
      paged.push(...nodes);
      if (!pageInfo.hasNextPage) break;
      args = `first: 2, after: "${pageInfo.endCursor}"`;
    }
    expect(paged).toEqual(all);
  });

  test('are filtered by table and status, and a cursor is bound to its filter', async () => {
    const filtered = await plane.query(
      platform,
      `query ($arn: String) {
        here: exports(first: 1, filter: { tableArn: $arn, status: COMPLETED }) { nodes { tableArn status } pageInfo { endCursor } }
        nowhere: exports(first: 1, filter: { tableArn: "nowhere" }) { nodes { id } pageInfo { hasNextPage } }
      }`,
      { arn: tableArn },
    );
    expect(filtered.body.data).toMatchObject({
      here: { nodes: [{ tableArn, status: 'COMPLETED' }] },
      nowhere: { nodes: [], pageInfo: { hasNextPage: false } },
    });
    const after = filtered.body.data.here.pageInfo.endCursor;
    for (const others of ['', 'filter: { tableArn: "nowhere" }', 'orderBy: CREATED_AT_ASC']) {
      const foreign = await plane.query(
        platform,
        `query ($after: String) { exports(first: 1, after: $after, ${others}) { nodes { id } } }`,
        { after },
      );
      expect(foreign).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] } });
    }
  });

  test('are found by who asked, for which team, when, and oldest first', async () => {
    const list = async (args: string) =>
      (
        await plane.query(
          platform,
          `{ exports(first: 100, ${args}) { nodes { id createdAt requestedBy { subject } } } }`,
        )
      ).body.data.exports.nodes;
    const bobs = await list('filter: { requestedBy: { subject: "bob" }, team: "platform", exportType: FULL_EXPORT }');
    expect(bobs).toMatchObject([{ requestedBy: { subject: 'bob' } }]);
    expect(await list('filter: { requestedBy: { subject: "bob", issuer: "https://elsewhere" } }')).toEqual([]);
    expect(await list('filter: { team: "marketing" }')).toEqual([]);
    const all = await list('orderBy: CREATED_AT_DESC');
    expect(await list('orderBy: CREATED_AT_ASC')).toEqual(all.toReversed());
    const { createdAt } = bobs[0];
    const earlier = await list(`filter: { createdBefore: "${createdAt}" }`);
    const later = await list(`filter: { createdFrom: "${createdAt}" }`);
    expect([...later, ...earlier]).toEqual(all);
    expect(later.at(-1)).toEqual(bobs[0]);
  });
});
