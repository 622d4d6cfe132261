import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OWNER, refusalOf, STRANGER, useS3 } from './support/s3.ts';

const s3 = useS3();
const Bucket = 'guarded';
const EXPORTER = `arn:aws:iam::${STRANGER}:role/exporter`;

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (more: object) => ({ Effect: 'Allow', Resource: `arn:aws:s3:::${Bucket}/*`, ...more });
const setPolicy = (Policy: string) => s3.client().send(new PutBucketPolicyCommand({ Bucket, Policy }));
const put = (client: S3Client, Key = 'k', more = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));
const ALLOWED = { $metadata: { httpStatusCode: 200 } };

async function inRole(accountId: string, role: string, RoleSessionName = 'session'): Promise<S3Client> {
  const sts = new STSClient({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: accountId, secretAccessKey: 'outport' },
  });
  const RoleArn = `arn:aws:iam::${accountId}:role/${role}`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
  sts.destroy();
  return s3.client({
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken,
    },
  });
}

beforeAll(async () => {
  await s3.client().send(new CreateBucketCommand({ Bucket }));
});
beforeEach(async () => {
  await s3.client().send(new DeleteBucketPolicyCommand({ Bucket }));
  await put(s3.client());
});

describe('Without a policy', () => {
  it('the owner’s account may do everything and others nothing', async () => {
    const stranger = s3.client({ accountId: STRANGER });
    expect(await put(await inRole(OWNER, 'anything'))).toMatchObject(ALLOWED);
    const denied = { code: 'AccessDenied', status: 403, message: 'Access Denied' };
    expect(await refusalOf(put(stranger))).toEqual(denied);
    expect(await refusalOf(stranger.send(new GetObjectCommand({ Bucket, Key: 'k' })))).toEqual(denied);
    expect(await refusalOf(stranger.send(new ListObjectsV2Command({ Bucket })))).toEqual(denied);
    expect(await refusalOf(stranger.send(new HeadObjectCommand({ Bucket, Key: 'k' })))).toMatchObject({ status: 403 });
  });
});

describe('A policy lets in', () => {
  it.each([
    ['an account by its id', { AWS: STRANGER }],
    ['an account by its root', { AWS: [`arn:aws:iam::${STRANGER}:root`] }],
    ['a role', { AWS: EXPORTER }],
    ['a session of a role', { AWS: `arn:aws:sts::${STRANGER}:assumed-role/exporter/session` }],
  ])('%s', async (_who, Principal) => {
    await setPolicy(policy(allow({ Principal, Action: 's3:PutObject' })));
    expect(await put(await inRole(STRANGER, 'exporter'))).toMatchObject(ALLOWED);
    expect(await refusalOf(put(s3.client({ accountId: '333333333333' })))).toMatchObject({ code: 'AccessDenied' });
  });

  it('a role and none beside it', async () => {
    await setPolicy(policy(allow({ Principal: { AWS: EXPORTER }, Action: 's3:PutObject' })));
    expect(await refusalOf(put(await inRole(STRANGER, 'another')))).toMatchObject({ code: 'AccessDenied' });
  });

  it('for the actions and resources that it names, with wildcards', async () => {
    const Resource = [`arn:aws:s3:::${Bucket}/in/*/data-?.gz`, `arn:aws:s3:::${Bucket}`];
    await setPolicy(policy(allow({ Principal: { AWS: STRANGER }, Action: ['s3:Put*', 's3:ListBucket'], Resource })));
    const stranger = s3.client({ accountId: STRANGER });
    expect(await put(stranger, 'in/any/where/data-1.gz')).toMatchObject(ALLOWED);
    expect(await refusalOf(put(stranger, 'in/any/data-11.gz'))).toMatchObject({ code: 'AccessDenied' });
    expect(await refusalOf(put(stranger, 'out/data-1.gz'))).toMatchObject({ code: 'AccessDenied' });
    expect((await stranger.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBeGreaterThan(0);
    const Key = 'in/any/where/data-1.gz';
    expect(await refusalOf(stranger.send(new GetObjectCommand({ Bucket, Key })))).toMatchObject({
      code: 'AccessDenied',
    });
  });

  it('under its conditions', async () => {
    const Condition = { StringEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } };
    await setPolicy(policy(allow({ Principal: { AWS: STRANGER }, Action: 's3:PutObject', Condition })));
    const stranger = s3.client({ accountId: STRANGER });
    expect(await put(stranger, 'k', { ServerSideEncryption: 'aws:kms' })).toMatchObject(ALLOWED);
    expect(await refusalOf(put(stranger))).toMatchObject({ code: 'AccessDenied' });
  });

  it('whoever may list, to learn that a key does not exist', async () => {
    const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
    const stranger = s3.client({ accountId: STRANGER });
    const get = () => stranger.send(new GetObjectCommand({ Bucket, Key: 'nothing' }));
    await setPolicy(policy(allow({ Principal: { AWS: STRANGER }, Action: 's3:GetObject', Resource })));
    expect(await refusalOf(get())).toMatchObject({ code: 'AccessDenied' });
    await setPolicy(policy(allow({ Principal: { AWS: STRANGER }, Action: ['s3:GetObject', 's3:List*'], Resource })));
    expect(await refusalOf(get())).toMatchObject({ code: 'NoSuchKey' });
  });
});

describe('An explicit Deny', () => {
  const deny = (more: object) => ({ ...allow(more), Effect: 'Deny' });

  it('wins over an Allow', async () => {
    const Principal = { AWS: STRANGER };
    await setPolicy(policy(allow({ Principal, Action: 's3:*' }), deny({ Principal: '*', Action: 's3:PutObject' })));
    const stranger = s3.client({ accountId: STRANGER });
    expect(await refusalOf(put(stranger))).toEqual({ code: 'AccessDenied', status: 403, message: 'Access Denied' });
    expect(await stranger.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject(ALLOWED);
  });

  it('holds in the owner’s account, and says for whom and what', async () => {
    await setPolicy(
      policy(deny({ Principal: { AWS: `arn:aws:iam::${OWNER}:role/exporter` }, Action: 's3:PutObject' })),
    );
    expect(await put(s3.client())).toMatchObject(ALLOWED);
    expect(await refusalOf(put(await inRole(OWNER, 'exporter')))).toEqual({
      code: 'AccessDenied',
      status: 403,
      message: `User: arn:aws:sts::${OWNER}:assumed-role/exporter/session is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${Bucket}/k" with an explicit deny in a resource-based policy`,
    });
  });

  it('of everything to everybody but one can be taken back by the root of the owner’s account', async () => {
    const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
    await setPolicy(policy(deny({ Principal: '*', Action: 's3:*', Resource })));
    expect(await refusalOf(put(s3.client()))).toMatchObject({ code: 'AccessDenied' });
    await s3.client().send(new DeleteBucketPolicyCommand({ Bucket }));
    expect(await put(s3.client())).toMatchObject(ALLOWED);
  });

  it('of plain HTTP, as production buckets have it, does not shut out this machine', async () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    await setPolicy(policy(deny({ Principal: '*', Action: 's3:*', Condition })));
    expect(await put(s3.client())).toMatchObject(ALLOWED);
  });

  it('is asked for each key of DeleteObjects', async () => {
    const Resource = `arn:aws:s3:::${Bucket}/keep/*`;
    await put(s3.client(), 'keep/1');
    await setPolicy(policy(deny({ Principal: '*', Action: 's3:DeleteObject', Resource })));
    const Delete = { Objects: [{ Key: 'keep/1' }, { Key: 'k' }] };
    const { Deleted, Errors } = await s3.client().send(new DeleteObjectsCommand({ Bucket, Delete }));
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['k']);
    expect(Errors).toMatchObject([{ Key: 'keep/1', Code: 'AccessDenied' }]);
  });

  it('of reading protects the source of a copy', async () => {
    await setPolicy(policy(deny({ Principal: '*', Action: 's3:GetObject' })));
    const copy = s3.client().send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` }));
    expect(await refusalOf(copy)).toMatchObject({ code: 'AccessDenied' });
  });
});

describe('The expected owner', () => {
  it('is held against the bucket’s', async () => {
    expect(await put(s3.client(), 'k', { ExpectedBucketOwner: OWNER })).toMatchObject(ALLOWED);
    expect(await refusalOf(put(s3.client(), 'k', { ExpectedBucketOwner: STRANGER }))).toEqual({
      code: 'AccessDenied',
      status: 403,
      message: 'Access Denied',
    });
  });
});

describe('PutBucketPolicy', () => {
  it.each([
    ['{', 'MalformedPolicy'],
    [policy(), 'MalformedPolicy'],
    [policy(allow({ Action: 's3:*' })), 'MalformedPolicy'],
    [policy(allow({ Principal: { AWS: 'nobody' }, Action: 's3:*' })), 'MalformedPolicy'],
    [policy(allow({ Principal: '*', Action: 'dynamodb:*' })), 'MalformedPolicy'],
    [policy(allow({ Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::other/*' })), 'MalformedPolicy'],
    [
      policy(allow({ Principal: '*', Action: 's3:*', Condition: { NumericLessThan: { 's3:max-keys': '10' } } })),
      'NotImplemented',
    ],
    [
      policy(allow({ Principal: '*', Action: 's3:*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } })),
      'NotImplemented',
    ],
  ])('refuses what it could not hold to: %s', async (text, code) => {
    expect(await refusalOf(setPolicy(text))).toMatchObject({ code });
  });

  it('gives the text back as it was put', async () => {
    const text = policy(allow({ Principal: { AWS: STRANGER }, Action: 's3:PutObject' }));
    await setPolicy(text);
    expect((await s3.client().send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(text);
    const status = await s3.client().send(new GetBucketPolicyStatusCommand({ Bucket }));
    expect(status.PolicyStatus?.IsPublic).toBe(false);
  });

  it('refuses a public policy while public access is blocked', async () => {
    const text = policy({
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::public/*',
    });
    const client = s3.client();
    await client.send(new CreateBucketCommand({ Bucket: 'public' }));
    const set = () => client.send(new PutBucketPolicyCommand({ Bucket: 'public', Policy: text }));
    expect(await refusalOf(set())).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('BlockPublicPolicy'),
    });
    await client.send(new DeletePublicAccessBlockCommand({ Bucket: 'public' }));
    await set();
    await client.send(new PutObjectCommand({ Bucket: 'public', Key: 'k', Body: 'x' }));
    const stranger = s3.client({ accountId: STRANGER });
    expect(await stranger.send(new GetObjectCommand({ Bucket: 'public', Key: 'k' }))).toMatchObject(ALLOWED);
  });
});
