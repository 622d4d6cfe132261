import { randomUUID } from 'node:crypto';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeTableCommand, ExportTableToPointInTimeCommand, ListExportsCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListBucketsCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTableArn } from '../../src/services/table-arn.ts';
import { OTHER_ACCOUNT, startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { reconcileToTheEnd } from '../support/reconcile-run.ts';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef';

let plane: TestControlPlane;
let tableArn: string;
/** Ana is of two teams: the policies let the one of them export, and the destinations are by team. */
let ana: string;
let mallory: string;

beforeAll(async () => {
  plane = await startControlPlane({
    OUTPORT_MAX_EXPORTS: '2',
    OUTPORT_EXTERNAL_ID: 'outport:acme',
    OUTPORT_EXPORT_ROLES: JSON.stringify([
      { account: '111122223333', team: 'data', role: 'OutportExport-data', externalId: 'outport:data' },
    ]),
    OUTPORT_DESTINATIONS: JSON.stringify([
      { bucket: 'lake', prefix: 'exports/{team}/' },
      { bucket: 'vault', owner: OTHER_ACCOUNT, encryption: { algorithm: 'KMS', kmsKeyIds: [KEY] } },
      { bucket: 'abroad', region: 'us-west-2' },
    ]),
  });
  tableArn = await plane.createTable('orders');
  await plane.createTable('people');
  for (const bucket of ['lake', 'abroad', 'private']) await plane.createBucket(bucket);
  await plane.createBucket('vault', OTHER_ACCOUNT);
  ana = await plane.issuer.token('ana', ['platform', 'data'], { name: 'Ana' });
  mallory = await plane.issuer.token('mallory', ['marketing']);
});
afterAll(() => plane.close());

interface Destination {
  bucket: string;
  bucketOwner?: string;
  prefix?: string;
  encryption?: { algorithm: string; kmsKeyId?: string };
}

const FIELDS = 'export { id status viewerCanCancel } userErrors { code field message remedy }';

async function exportTo(destination: Destination, token = ana) {
  const input = { clientToken: randomUUID(), tableArn, destination };
  const { body } = await plane.query(
    token,
    `mutation ($input: ExportTableInput!) { exportTable(input: $input) { ${FIELDS} } }`,
    { input },
  );
  return body.data.exportTable;
}

async function mayExportTo(destination: Destination, token = ana) {
  const { body } = await plane.query(
    token,
    `query ($input: CanExportTableInput!) { viewer { canExportTable(input: $input) { allowed userErrors { code field message remedy } } } }`,
    { input: { tableArn, destination } },
  );
  return body.data.viewer.canExportTable;
}

describe('viewer', () => {
  test('tells who the token names, and until when', async () => {
    const { body } = await plane.query(ana, '{ viewer { issuer subject name teams tokenExpiresAt } }');
    expect(body.data.viewer).toEqual({
      issuer: plane.issuer.url,
      subject: 'ana',
      name: 'Ana',
      teams: ['platform', 'data'],
      tokenExpiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test('may export where policies and destinations allow it, and is told where not', async () => {
    expect(await mayExportTo({ bucket: 'lake', prefix: 'exports/data/2026' })).toEqual({
      allowed: true,
      userErrors: [],
    });
    expect(await mayExportTo({ bucket: 'private' })).toMatchObject({
      allowed: false,
      userErrors: [{ code: 'DESTINATION_NOT_ALLOWED', field: ['input', 'destination', 'bucket'] }],
    });
    expect(await mayExportTo({ bucket: 'LAKE' })).toMatchObject({ userErrors: [{ code: 'INVALID_BUCKET' }] });
  });

  test('who may not export learns nothing of the destinations', async () => {
    const [allowed, foreign] = [
      await mayExportTo({ bucket: 'lake' }, mallory),
      await mayExportTo({ bucket: 'private' }, mallory),
    ];
    expect(allowed).toMatchObject({ allowed: false, userErrors: [{ code: 'PERMISSION_DENIED' }] });
    expect(JSON.stringify(foreign)).toBe(JSON.stringify(allowed).replaceAll('lake', 'private'));
  });
});

describe('a destination', () => {
  const kms = { algorithm: 'KMS', kmsKeyId: KEY };
  test.each<[string, Destination, string, RegExp]>([
    ['in a bucket that is not listed', { bucket: 'private' }, 'bucket', /the bucket "private" is not among/],
    ['without a prefix', { bucket: 'lake' }, 'prefix', /the prefix "" in "lake"/],
    ["under another team's prefix", { bucket: 'lake', prefix: 'exports/sales/x' }, 'prefix', /"exports\/sales\/x"/],
    ['under a prefix that looks alike', { bucket: 'lake', prefix: 'exports/data2' }, 'prefix', /"exports\/data2"/],
    ['of another owner', { bucket: 'vault', encryption: kms }, 'bucketOwner', /"vault" of account 111122223333/],
    [
      'with other encryption',
      { bucket: 'vault', bucketOwner: OTHER_ACCOUNT },
      'encryption',
      /the encryption AES256 is not allowed in "vault"/,
    ],
    [
      'with another key',
      { bucket: 'vault', bucketOwner: OTHER_ACCOUNT, encryption: { ...kms, kmsKeyId: 'alias/mine' } },
      'encryption',
      /KMS with key "alias\/mine"/,
    ],
    ['in another Region than is wanted', { bucket: 'abroad' }, 'bucket', /us-west-2/],
  ])('%s is refused, with what is allowed instead', async (_what, destination, field, message) => {
    const { export: none, userErrors } = await exportTo(destination);
    expect(none).toBeNull();
    expect(userErrors).toEqual([
      {
        code: 'DESTINATION_NOT_ALLOWED',
        field: ['input', 'destination', field],
        message: expect.stringMatching(message),
        remedy: expect.any(String),
      },
    ]);
  });

  test('that is refused is answered with those that this person may use', async () => {
    const { userErrors } = await exportTo({ bucket: 'private' });
    expect(userErrors[0].remedy).toBe(
      'Send a destination that you may use: ' +
        'bucket "lake" of account 111122223333, under prefix "exports/platform/"; ' +
        'bucket "lake" of account 111122223333, under prefix "exports/data/"; ' +
        `bucket "vault" of account ${OTHER_ACCOUNT}, encrypted with KMS ${KEY}; ` +
        'bucket "abroad" of account 111122223333, in us-west-2.',
    );
  });

  test('that climbs is no prefix at all', async () => {
    for (const prefix of ['exports/data/../sales', 'exports/data/./x', '/exports/data/x']) {
      expect((await exportTo({ bucket: 'lake', prefix })).userErrors).toMatchObject([{ code: 'INVALID_PREFIX' }]);
    }
  });

  test('that is refused is in the audit, permitted by the policies and refused all the same', async () => {
    await exportTo({ bucket: 'private' });
    const { body } = await plane.query(ana, '{ auditEvents(first: 3) { nodes { outcome decision errorCode input } } }');
    const { nodes } = body.data.auditEvents;
    const asked = expect.objectContaining({ decision: 'ALLOW', input: expect.stringContaining('"private"') });
    expect(nodes).toContainEqual(asked);
    expect(nodes).toContainEqual(
      expect.objectContaining({ outcome: 'REFUSED', decision: 'ALLOW', errorCode: 'DESTINATION_NOT_ALLOWED' }),
    );
  });
});

describe('a role', () => {
  /** The parameters of the AssumeRole calls of a person, as CloudTrail recorded them, newest first. */
  async function assumedBy(subject: string) {
    const cloudTrail = new CloudTrailClient();
    const { Events = [] } = await cloudTrail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AssumeRole' }] }),
    );
    return Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent).requestParameters).filter(
      ({ sourceIdentity }) => sourceIdentity.startsWith(`${subject}-`),
    );
  }

  test('is assumed for the team of the destination, in the name of the person, for this export alone', async () => {
    const { export: started, userErrors } = await exportTo({ bucket: 'lake', prefix: 'exports/data/*/$?' });
    expect(userErrors).toEqual([]);
    const [assumed] = await assumedBy('ana');
    expect(assumed).toMatchObject({
      roleArn: 'arn:aws:iam::111122223333:role/OutportExport-data',
      externalId: 'outport:data',
      sourceIdentity: expect.stringMatching(/^ana-[0-9a-f]{12}$/),
      roleSessionName: assumed.sourceIdentity,
      tags: [{ key: 'team', value: 'data' }],
    });
    const { Statement } = JSON.parse(assumed.policy);
    expect(Statement.map(({ Resource }: { Resource: unknown }) => Resource)).toEqual([
      [tableArn, `${tableArn}/export/*`],
      'arn:aws:s3:::lake',
      `arn:aws:s3:::lake/exports/data/\${*}/\${$}\${?}/AWSDynamoDB/*`,
    ]);
    expect(Statement.flatMap(({ Action }: { Action: string[] }) => Action)).not.toContainEqual(
      expect.stringContaining('*'),
    );
    // DynamoDB writes with this session: what it wrote and Outport verified, it was allowed to.
    expect(await reconcileToTheEnd(plane.outport, started.id)).toMatchObject({
      status: 'COMPLETED',
      verification: { status: 'VERIFIED' },
    });
  });

  test('without one for the team is the one for all', async () => {
    await exportTo({ bucket: 'lake', prefix: 'exports/platform' });
    expect((await assumedBy('ana'))[0]).toMatchObject({
      roleArn: 'arn:aws:iam::111122223333:role/OutportExport',
      externalId: 'outport:acme',
      tags: [{ key: 'team', value: 'platform' }],
    });
  });

  test('can do nothing else, whatever it is called with', async () => {
    const table = parseTableArn(tableArn);
    if (!table) throw new Error('not a table');
    const person = { issuer: plane.issuer.url, subject: 'ana', name: null, teams: ['data'] };
    const encryption = { algorithm: 'AES256' as const, kmsKeyId: null };
    const destination = { bucket: 'lake', bucketOwner: table.account, prefix: 'exports/data', encryption };
    const { s3, dynamodb } = plane.outport.accounts(table, { to: 'EXPORT', person, table, destination });
    const put = (Bucket: string, Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));

    await put('lake', 'exports/data/AWSDynamoDB/mine');
    for (const [bucket, key] of [
      ['lake', 'exports/data/x'],
      ['lake', 'exports/sales/AWSDynamoDB/x'],
      ['private', 'exports/data/AWSDynamoDB/x'],
    ] as const) {
      await expect(put(bucket, key)).rejects.toMatchObject({ name: 'AccessDenied' });
    }
    await expect(s3.send(new ListBucketsCommand())).rejects.toMatchObject({ name: 'AccessDenied' });
    const denied = { name: 'AccessDeniedException' };
    await expect(dynamodb.send(new DescribeTableCommand({ TableName: 'people' }))).rejects.toMatchObject(denied);
    await expect(dynamodb.send(new ListExportsCommand())).rejects.toMatchObject(denied);
    const people = { TableArn: tableArnOf('people'), S3Bucket: 'lake', S3Prefix: 'exports/data' };
    await expect(dynamodb.send(new ExportTableToPointInTimeCommand(people))).rejects.toMatchObject(denied);
  });

  test('of Outport itself reads, and can neither write nor start an export', async () => {
    const table = parseTableArn(tableArn);
    if (!table) throw new Error('not a table');
    const { s3, dynamodb } = plane.outport.accounts(table, null);
    await dynamodb.send(new ListExportsCommand());
    await s3.send(new GetObjectCommand({ Bucket: 'lake', Key: 'exports/data/AWSDynamoDB/mine' }));
    const object = { Bucket: 'lake', Key: 'exports/data/AWSDynamoDB/mine' };
    await expect(s3.send(new PutObjectCommand({ ...object, Body: 'y' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(s3.send(new PutBucketPolicyCommand({ Bucket: 'lake', Policy: '{}' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(
      dynamodb.send(new ExportTableToPointInTimeCommand({ TableArn: tableArn, S3Bucket: 'lake' })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

test('what a person sees says whether it can be canceled, by them and now', async () => {
  const prefix = 'exports/data';
  // Exports of earlier tests may hold slots: some of these wait.
  const all = await Promise.all(Array.from({ length: 3 }, () => exportTo({ bucket: 'lake', prefix })));
  for (const { export: shown } of all) expect(shown.viewerCanCancel).toBe(shown.status === 'QUEUED');
  const queued = all.find(({ export: shown }) => shown.status === 'QUEUED');
  expect(queued).toBeDefined();
});
