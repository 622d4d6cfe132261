import { randomUUID } from 'node:crypto';
import { ListExportsCommand } from '@aws-sdk/client-dynamodb';
import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { preflight as preflightOf } from '../../src/services/preflight.ts';
import { OTHER_ACCOUNT, startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { reconcileToTheEnd } from '../support/reconcile-run.ts';

let plane: TestControlPlane;
let platform: string;
let tableArn: string;
let otherAccountsS3: S3Client;

beforeAll(async () => {
  plane = await startControlPlane();
  platform = await plane.issuer.token('ann', ['platform']);
  tableArn = await plane.createTable('cities');
  await plane.createTable('unprotected', { recovery: false });
  await plane.createBucket('exports');
  await plane.createBucket('elsewhere', OTHER_ACCOUNT);
  otherAccountsS3 = new S3Client({ credentials: { accessKeyId: OTHER_ACCOUNT, secretAccessKey: 'outport' } });
});
afterAll(async () => {
  otherAccountsS3.destroy();
  await plane.close();
});

const PREFLIGHT = /* GraphQL */ `
  query ($input: ExportTableInput!) {
    preflight(input: $input) {
      ready
      checks { code status field message remedy errorCode }
      estimates {
        tableSizeBytes billedSizeBytes outputBytes
        cost { amount currency note }
        duration { seconds basis sampleSize }
      }
    }
  }
`;

const inputOf = (input: Record<string, unknown> = {}) => ({
  clientToken: randomUUID(),
  tableArn,
  destination: { bucket: 'exports' },
  ...input,
});

async function preflight(input: Record<string, unknown> = {}, token = platform) {
  const answer = await plane.query(token, PREFLIGHT, { input: inputOf(input) });
  expect(answer).toMatchObject({ status: 200, body: { data: { preflight: expect.anything() } } });
  return answer.body.data.preflight;
}

async function exportTable(input: Record<string, unknown>) {
  const { body } = await plane.query(
    platform,
    `mutation ($input: ExportTableInput!) {
       exportTable(input: $input) { export { id } userErrors { code field message remedy } } }`,
    { input: inputOf(input) },
  );
  return body.data.exportTable;
}

type Check = Readonly<{ code: string; status: string; field: string[] | null; message: string; errorCode: string }>;
const failures = (checks: readonly Check[]) => checks.filter(({ status }) => status === 'FAILED');

describe('a request that would go through', () => {
  test('passes every check, with what was compared, and leaves nothing behind', async () => {
    const { ready, checks, estimates } = await preflight();

    expect(ready).toBe(true);
    expect(checks.map(({ code, status }: Check) => `${code} ${status}`)).toEqual([
      'INPUT PASSED',
      'PERMISSION PASSED',
      'CLIENT_TOKEN PASSED',
      'TABLE PASSED',
      'POINT_IN_TIME_RECOVERY PASSED',
      'EXPORT_TIME PASSED',
      'BUCKET PASSED',
      'BUCKET_OWNER PASSED',
      'BUCKET_ACCESS PASSED',
      'ENCRYPTION PASSED',
      'LIMITS PASSED',
    ]);
    const messageOf = (code: string) => checks.find((check: Check) => check.code === code).message;
    expect(messageOf('POINT_IN_TIME_RECOVERY')).toMatch(/any time from \d{4}-.+Z to \d{4}-.+Z\.$/);
    expect(messageOf('BUCKET')).toBe('The bucket "exports" exists in eu-central-1.');
    expect(messageOf('BUCKET_OWNER')).toContain('111122223333');
    expect(messageOf('LIMITS')).toMatch(/0 of \d+ exports and 0 bytes of 100 TiB of tables are in flight/);
    expect(estimates).toMatchObject({ tableSizeBytes: expect.any(Number), cost: { currency: 'USD' } });

    const { Contents = [] } = await plane.s3.send(new ListObjectsV2Command({ Bucket: 'exports' }));
    const { Uploads = [] } = await plane.s3.send(new ListMultipartUploadsCommand({ Bucket: 'exports' }));
    const { ExportSummaries } = await plane.dynamodb.send(new ListExportsCommand({ TableArn: tableArn }));
    expect([Contents, Uploads, ExportSummaries]).toEqual([[], [], []]);
  });

  test('is estimated by past exports of the table', async () => {
    expect((await preflight()).estimates).toMatchObject({ duration: null, outputBytes: null });
    const { export: past } = await exportTable({});
    await reconcileToTheEnd(plane.outport, past.id);
    expect((await preflight()).estimates).toMatchObject({
      duration: { seconds: expect.any(Number), basis: 'TABLE', sampleSize: 1 },
      outputBytes: expect.any(Number),
    });
    const another = await plane.createTable('rivers');
    expect((await preflight({ tableArn: another })).estimates).toMatchObject({
      duration: { basis: 'ACCOUNT', sampleSize: 1 },
      outputBytes: null,
    });
  });

  test('was perhaps sent before: then it is that export', async () => {
    const clientToken = randomUUID();
    const { export: first } = await exportTable({ clientToken });
    const { ready, checks } = await preflight({ clientToken });
    expect(ready).toBe(true);
    expect(checks[2]).toMatchObject({ code: 'CLIENT_TOKEN', message: expect.stringContaining(first.id) });
    await reconcileToTheEnd(plane.outport, first.id);
    expect(failures((await preflight({ clientToken, exportFormat: 'ION' })).checks)).toMatchObject([
      { code: 'CLIENT_TOKEN', errorCode: 'CLIENT_TOKEN_REUSED', field: ['input', 'clientToken'] },
    ]);
  });
});

describe('a request that would fail', () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z/, 'Z');
  const FAILING: Array<[string, Record<string, unknown>, string, string, RegExp]> = [
    ['an unknown table', { tableArn: tableArnOf('none') }, 'TABLE', 'TABLE_NOT_FOUND', /table\/none$/],
    [
      'recovery that is off',
      { tableArn: tableArnOf('unprotected') },
      'POINT_IN_TIME_RECOVERY',
      'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
      /^Point in time recovery is not enabled for table 'unprotected'$/,
    ],
    [
      'a time that is to come',
      { exportTime: soon },
      'EXPORT_TIME',
      'INVALID_EXPORT_TIME',
      /^Export Time is invalid: \S+Z is not from \S+Z to \S+Z$/,
    ],
    [
      'a window from before the table',
      {
        exportType: 'INCREMENTAL_EXPORT',
        incrementalExport: { exportFromTime: '2020-01-01T00:00:00Z', exportToTime: '2020-01-01T01:00:00Z' },
      },
      'EXPORT_TIME',
      'INVALID_EXPORT_WINDOW',
      /^Incremental export period from time cannot be less than the table creation time : 2020-01-01T00:00:00Z$/,
    ],
    [
      'a bucket that is missing',
      { destination: { bucket: 'missing' } },
      'BUCKET',
      'S3_NO_SUCH_BUCKET',
      /does not exist: "missing"$/,
    ],
    [
      "an owner that is not the bucket's",
      { destination: { bucket: 'exports', bucketOwner: OTHER_ACCOUNT } },
      'PERMISSION',
      'DESTINATION_NOT_ALLOWED',
      /444455556666/,
    ],
    [
      'a key of another Region than the bucket',
      {
        destination: {
          bucket: 'exports',
          encryption: { algorithm: 'KMS', kmsKeyId: 'arn:aws:kms:us-west-2:111122223333:alias/exports' },
        },
      },
      'ENCRYPTION',
      'KMS_NOT_FOUND',
      /us-west-2/,
    ],
  ];

  test.each(FAILING)(
    'for %s is refused by exportTable for the same',
    async (_what, input, code, errorCode, message) => {
      const { ready, checks } = await preflight(input);
      expect(ready).toBe(false);
      expect(failures(checks)).toMatchObject([{ code, errorCode, message: expect.stringMatching(message) }]);
      const { export: none, userErrors } = await exportTable(input);
      expect(none).toBeNull();
      expect(userErrors).toMatchObject([{ code: errorCode, field: failures(checks)[0]?.field }]);
    },
  );

  test('for several reasons is told all of them at once', async () => {
    const { checks } = await preflight({ tableArn: tableArnOf('unprotected'), destination: { bucket: 'missing' } });
    expect(failures(checks).map(({ code }) => code)).toEqual(['POINT_IN_TIME_RECOVERY', 'BUCKET']);
    const invalid = await preflight({ tableArn: 'cities', destination: { bucket: 'A' } });
    expect(failures(invalid.checks)).toMatchObject([
      { code: 'INPUT', errorCode: 'INVALID_TABLE_ARN', message: '"cities" is not the ARN of a table.' },
      { code: 'INPUT', errorCode: 'INVALID_BUCKET', message: '"A" is not the name of a bucket.' },
    ]);
    expect(invalid.checks.filter(({ status }: Check) => status === 'PASSED')).toEqual([]);
  });

  test('for want of a permission is told nothing but that', async () => {
    const mallory = await plane.issuer.token('mallory', ['marketing']);
    const { ready, checks, estimates } = await preflight({ tableArn: tableArnOf('none') }, mallory);
    expect({ ready, estimates }).toEqual({ ready: false, estimates: null });
    expect(failures(checks)).toMatchObject([{ code: 'PERMISSION', errorCode: 'PERMISSION_DENIED' }]);
    expect(checks).toEqual(
      (await preflight({}, mallory)).checks.map((check: Check) => ({
        ...check,
        message: check.message.replace('cities', 'none'),
      })),
    );
  });
});

const ACTIONS = ['s3:PutObject', 's3:PutObjectAcl', 's3:AbortMultipartUpload'];

const putPolicy = (s3: S3Client, bucket: string, Effect: 'Allow' | 'Deny', Action: readonly string[]) =>
  s3.send(
    new PutBucketPolicyCommand({
      Bucket: bucket,
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect,
            Action,
            Principal: { AWS: 'arn:aws:iam::111122223333:role/OutportExport' },
            Resource: `arn:aws:s3:::${bucket}/*`,
          },
        ],
      }),
    }),
  );

describe('what S3 lets the exporting session do is tried on S3 itself', () => {
  test.each(ACTIONS)('a bucket that denies %s is found, by that name', async (action) => {
    const bucket = await plane.createBucket(`denies-${action.slice(3).toLowerCase()}`);
    await putPolicy(plane.s3, bucket, 'Deny', [action]);
    const { checks } = await preflight({ destination: { bucket } });
    expect(failures(checks)).toMatchObject([
      { code: 'BUCKET_ACCESS', errorCode: 'S3_ACCESS_DENIED', message: expect.stringContaining(`lacks ${action} on`) },
    ]);
  });
});

describe('a bucket of another account', () => {
  const ANN = { subject: 'ann', name: null, teams: ['platform'], expiresAtSeconds: 0 };
  /** Where buckets of the other account may be exported to. */
  const preflightThere = (bucket: string, region: string | null = null) =>
    preflightOf(
      {
        ...plane.outport,
        destinations: [{ bucket: null, owner: OTHER_ACCOUNT, region, prefix: '', encryption: null }],
      },
      { ...ANN, issuer: plane.issuer.url },
      { requestId: 'r', sourceIpAddress: '192.0.2.7', userAgent: null },
      {
        clientToken: randomUUID(),
        tableArn,
        exportFormat: 'DYNAMODB_JSON',
        destination: { bucket, bucketOwner: OTHER_ACCOUNT },
      },
    );
  const found = (checks: readonly { code: string; status: string; message: string }[], code: string) =>
    checks.find((check) => check.code === code);

  test('is refused without its policy', async () => {
    const { ready, checks } = await preflightThere('elsewhere');
    expect(ready).toBe(false);
    expect(found(checks, 'BUCKET_OWNER')).toMatchObject({ status: 'UNKNOWN' });
    expect(found(checks, 'BUCKET_ACCESS')).toMatchObject({
      status: 'FAILED',
      remedy: expect.stringContaining('s3:PutObjectAcl'),
      message: expect.stringMatching(/lacks s3:PutObject on the bucket "elsewhere".+444455556666/),
    });
  });

  test.each([
    [ACTIONS, null],
    [ACTIONS.slice(0, 1), 's3:PutObjectAcl'],
    [ACTIONS.slice(0, 2), 's3:AbortMultipartUpload'],
  ])('with a policy that grants %j lacks %s', async (granted, lacking) => {
    await putPolicy(otherAccountsS3, 'elsewhere', 'Allow', granted);
    const { ready, checks } = await preflightThere('elsewhere');
    expect(ready).toBe(lacking === null);
    const access = found(checks, 'BUCKET_ACCESS');
    if (lacking) expect(access).toMatchObject({ message: expect.stringContaining(`lacks ${lacking} on`) });
    else expect(found(checks, 'BUCKET')).toMatchObject({ message: expect.stringContaining('may not list it') });
  });

  test('is refused when it is not theirs', async () => {
    const { checks } = await preflightThere('exports');
    expect(found(checks, 'BUCKET_OWNER')).toMatchObject({
      status: 'FAILED',
      message: 'The bucket "exports" is in eu-central-1 and does not belong to account 444455556666.',
    });
    expect(found(checks, 'BUCKET_ACCESS')).toMatchObject({ status: 'UNKNOWN' });
  });

  test('is refused when it may lie in another Region than it must', async () => {
    const { checks } = await preflightThere('elsewhere', 'us-east-1');
    expect(found(checks, 'BUCKET')).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('exports may be written to us-east-1'),
    });
  });
});
