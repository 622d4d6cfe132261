import http from 'node:http';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusalOf, STRANGER, signedFetch, signedHeaders, useS3 } from './support/s3.ts';

const s3 = useS3();

const create = (Bucket: string, region = 'us-east-1', accountId?: string) =>
  s3.client({ region, accountId }).send(new CreateBucketCommand({ Bucket }));

describe('CreateBucket', () => {
  it('creates it in the Region of the call', async () => {
    await create('in-virginia');
    await create('in-ireland', 'eu-west-1');
    const location = async (Bucket: string) =>
      (await s3.client().send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint;
    expect(await location('in-virginia')).toBeUndefined();
    expect(await location('in-ireland')).toBe('eu-west-1');
    expect(await s3.client().send(new HeadBucketCommand({ Bucket: 'in-ireland' }))).toMatchObject({
      BucketRegion: 'eu-west-1',
    });
  });

  it('is idempotent for its owner in us-east-1 only', async () => {
    await create('twice-virginia');
    await create('twice-virginia');
    await create('twice-ireland', 'eu-west-1');
    expect(await refusalOf(create('twice-ireland', 'eu-west-1'))).toMatchObject({
      code: 'BucketAlreadyOwnedByYou',
      status: 409,
    });
  });

  it('gives a name to one account', async () => {
    await create('taken');
    expect(await refusalOf(create('taken', 'us-east-1', STRANGER))).toMatchObject({
      code: 'BucketAlreadyExists',
      status: 409,
    });
  });

  it('gives a name once, however many ask at a time', async () => {
    const accounts = Array.from({ length: 12 }, (_, i) => String(300000000000 + i));
    const outcomes = await Promise.allSettled(accounts.map((account) => create('contested', 'us-east-1', account)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('refuses a location that is not the endpoint’s', async () => {
    const plain = await signedFetch(s3.endpoint, '/elsewhere', {
      method: 'PUT',
      body: '<CreateBucketConfiguration><LocationConstraint>mars-1</LocationConstraint></CreateBucketConfiguration>',
    });
    expect(await plain.text()).toContain('<Code>InvalidLocationConstraint</Code>');
  });

  it.each(['ab', 'Upper-case', 'under_score', '-begin', 'end-', 'a..b', '192.168.0.1', 'xn--abc', 'x'.repeat(64)])(
    'refuses the name %s',
    async (name) => {
      const answer = await signedFetch(s3.endpoint, `/${name}`, { method: 'PUT' });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('<Code>InvalidBucketName</Code>');
    },
  );
});

describe('ListBuckets', () => {
  it('lists the caller’s own, in order, by pages', async () => {
    const client = s3.client({ accountId: '444444444444' });
    for (const Bucket of ['list-c', 'list-a', 'list-b']) await client.send(new CreateBucketCommand({ Bucket }));
    const first = await client.send(new ListBucketsCommand({ MaxBuckets: 2 }));
    expect(first.Buckets?.map(({ Name }) => Name)).toEqual(['list-a', 'list-b']);
    const { ContinuationToken } = first;
    const second = await client.send(new ListBucketsCommand({ MaxBuckets: 2, ContinuationToken }));
    expect(second.Buckets?.map(({ Name }) => Name)).toEqual(['list-c']);
    expect(second.ContinuationToken).toBeUndefined();
  });
});

describe('DeleteBucket', () => {
  it('removes an empty bucket only', async () => {
    const client = s3.client();
    const Bucket = 'short-lived';
    await create(Bucket);
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    const remove = () => client.send(new DeleteBucketCommand({ Bucket }));
    expect(await refusalOf(remove())).toMatchObject({ code: 'BucketNotEmpty', status: 409 });
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await remove();
    expect(await refusalOf(remove())).toMatchObject({ code: 'NoSuchBucket', status: 404 });
  });

  it('and writes at the same time leave an object only in a bucket that is there', async () => {
    const client = s3.client();
    for (let round = 0; round < 10; round++) {
      const Bucket = `raced-${round}`;
      await create(Bucket);
      const put = client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
      const [written, removed] = await Promise.allSettled([put, client.send(new DeleteBucketCommand({ Bucket }))]);
      expect([written?.status, removed?.status].filter((status) => status === 'fulfilled')).toHaveLength(1);
      const found = await Promise.allSettled([client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))]);
      expect(found[0]?.status).toBe(written?.status);
    }
  });
});

describe('The configuration of a bucket', () => {
  const Bucket = 'configured';
  const client = () => s3.client();
  beforeAll(() => create(Bucket));

  it('begins as AWS gives it to new buckets', async () => {
    const encryption = await client().send(new GetBucketEncryptionCommand({ Bucket }));
    const [rule] = encryption.ServerSideEncryptionConfiguration?.Rules ?? [];
    expect(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('AES256');
    expect((await client().send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    expect((await client().send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer).toBe('BucketOwner');
    const block = await client().send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(block.PublicAccessBlockConfiguration?.BlockPublicPolicy).toBe(true);
    const ownership = await client().send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(ownership.OwnershipControls?.Rules?.[0]?.ObjectOwnership).toBe('BucketOwnerEnforced');
    const acl = await client().send(new GetBucketAclCommand({ Bucket }));
    expect(acl.Grants?.map(({ Permission }) => Permission)).toEqual(['FULL_CONTROL']);
    expect(acl.Grants?.[0]?.Grantee).toMatchObject({ Type: 'CanonicalUser', ID: acl.Owner?.ID });
  });

  it('says what was never configured', async () => {
    const codes = await Promise.all(
      [
        client().send(new GetBucketTaggingCommand({ Bucket })),
        client().send(new GetBucketCorsCommand({ Bucket })),
        client().send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
      ].map(async (call) => (await refusalOf(call)).code),
    );
    expect(codes).toEqual(['NoSuchTagSet', 'NoSuchCORSConfiguration', 'NoSuchLifecycleConfiguration']);
  });

  it('takes tags', async () => {
    const TagSet = [{ Key: 'team', Value: 'data' }];
    await client().send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await client().send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);
    await client().send(new DeleteBucketTaggingCommand({ Bucket }));
    expect(await refusalOf(client().send(new GetBucketTaggingCommand({ Bucket })))).toMatchObject({
      code: 'NoSuchTagSet',
    });
  });

  it('takes a default encryption that new objects get', async () => {
    const KMSMasterKeyID = 'arn:aws:kms:us-east-1:111111111111:key/k';
    const ServerSideEncryptionConfiguration = {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID } }],
    };
    await client().send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
    const put = await client().send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    expect(put).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KMSMasterKeyID });
    await client().send(new DeleteBucketEncryptionCommand({ Bucket }));
    const again = await client().send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    expect(again.ServerSideEncryption).toBe('AES256');
  });

  it('takes another public access block', async () => {
    const PublicAccessBlockConfiguration = { BlockPublicAcls: true, BlockPublicPolicy: false };
    await client().send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    expect((await client().send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: false,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    });
    await client().send(new DeletePublicAccessBlockCommand({ Bucket }));
    expect(await refusalOf(client().send(new GetPublicAccessBlockCommand({ Bucket })))).toMatchObject({
      code: 'NoSuchPublicAccessBlockConfiguration',
    });
  });

  it('refuses by name what it cannot be', async () => {
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    const calls = {
      PutBucketVersioning: client().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration })),
      PutBucketCors: client().send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [] } })),
      PutBucketLifecycleConfiguration: client().send(new PutBucketLifecycleConfigurationCommand({ Bucket })),
      ListObjectVersions: client().send(new ListObjectVersionsCommand({ Bucket })),
    };
    const refusals = await Promise.all(Object.values(calls).map(refusalOf));
    expect(refusals.map(({ code, message }) => ({ code, message }))).toEqual(
      Object.keys(calls).map((name) => ({
        code: 'NotImplemented',
        message: `${name} is not implemented by this S3.`,
      })),
    );
  });

  it('has no ACLs to put', async () => {
    const attempt = client().send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
    expect(await refusalOf(attempt)).toMatchObject({ code: 'AccessControlListNotSupported', status: 400 });
    const object = client().send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL: 'public-read' }));
    expect(await refusalOf(object)).toMatchObject({ code: 'AccessControlListNotSupported' });
    const owners = new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL: 'bucket-owner-full-control' });
    expect((await client().send(owners)).$metadata.httpStatusCode).toBe(200);
  });
});

describe('A virtual-hosted address', () => {
  it.each(['hosted.localhost', 'hosted.s3.localhost', 'hosted.s3.us-east-1.amazonaws.com'])(
    '%s names the bucket',
    async (host) => {
      await create('hosted');
      const put = await request(host, 'PUT', '/a/key', host);
      expect(put).toBe(200);
      const { ContentLength } = await s3.client().send(new HeadObjectCommand({ Bucket: 'hosted', Key: 'a/key' }));
      expect(ContentLength).toBe(host.length);
    },
  );

  function request(host: string, method: string, target: string, body: string): Promise<number | undefined> {
    const { hostname, port } = new URL(s3.endpoint);
    const headers = { ...signedHeaders(), host, 'content-length': body.length };
    return new Promise((resolve, reject) => {
      http
        .request({ hostname, port, method, path: target, headers }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        })
        .on('error', reject)
        .end(body);
    });
  }
});
