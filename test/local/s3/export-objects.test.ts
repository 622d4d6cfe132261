import { createHash } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/local/aws/service.ts';
import { type ExportDestination, S3Error } from '../../../src/local/s3/object-store.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { OWNER, STRANGER, useS3 } from './support/s3.ts';

const s3 = useS3();
const scratch = temporaryDirectory();
const bucket = 'exports';

const sessionOf = (accountId: string): Caller => ({
  type: 'AssumedRole',
  accountId,
  arn: `arn:aws:sts::${accountId}:assumed-role/exporter/run`,
  principalId: 'AROA:run',
  accessKeyId: 'ASIA',
  sessionIssuer: { arn: `arn:aws:iam::${accountId}:role/exporter`, principalId: 'AROA', userName: 'exporter' },
});
const destination = (more: Partial<ExportDestination> = {}): ExportDestination => ({
  caller: sessionOf(OWNER),
  bucket,
  sseAlgorithm: 'AES256',
  ...more,
});
const refusalOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof S3Error)) throw new Error('The call was not refused by S3.', { cause: error });
  return { code: error.code, status: error.status, message: error.message };
};
const put = (to: ExportDestination, key = 'AWSDynamoDB/1/_started') =>
  s3.service.objects.put(to, key, '', 'application/octet-stream');
const setPolicy = (...Statement: object[]) =>
  s3.client().send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Statement }) }));
const EXPORT_ACTIONS = ['s3:AbortMultipartUpload', 's3:PutObject', 's3:PutObjectAcl'];
const Resource = `arn:aws:s3:::${bucket}/*`;

beforeAll(async () => {
  await s3.client().send(new CreateBucketCommand({ Bucket: bucket }));
});

describe('An export', () => {
  it('puts its small objects', async () => {
    await s3.service.objects.put(destination(), 'AWSDynamoDB/1/manifest-summary.json', '{}', 'application/json');
    const key = { Bucket: bucket, Key: 'AWSDynamoDB/1/manifest-summary.json' };
    const got = await s3.client().send(new GetObjectCommand(key));
    expect(got).toMatchObject({ ContentType: 'application/json', ServerSideEncryption: 'AES256' });
    expect(await got.Body?.transformToString()).toBe('{}');
  });

  it('moves its finished files in, as uploads of one part', async () => {
    // The empty data file of a real export, and its etag.
    const bytes = Buffer.from('1f8b08000000000000ff03000000000000000000', 'hex');
    const file = path.join(scratch.path, 'data.json.gz');
    await writeFile(file, bytes);
    const md5 = createHash('md5').update(bytes).digest();
    const Key = 'AWSDynamoDB/1/data/abc.json.gz';
    await s3.service.objects.putFile(destination(), Key, { path: file, md5, sizeBytes: bytes.length });

    const got = await s3.client().send(new GetObjectCommand({ Bucket: bucket, Key }));
    expect(got.ETag).toBe('"7deb4078f238dd87d6af0538152c04e9-1"');
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(bytes);
    await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await access(path.join(s3.folder, bucket, Key));
  });

  it('of a KMS key keeps the key, and is refused one of another Region', async () => {
    const Key = 'AWSDynamoDB/2/_started';
    await put(destination({ sseAlgorithm: 'KMS' }), Key);
    const head = await s3.client().send(new HeadObjectCommand({ Bucket: bucket, Key }));
    expect(head).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: `arn:aws:kms:us-east-1:${OWNER}:alias/aws/s3`,
    });
    const sseKmsKeyId = `arn:aws:kms:eu-west-1:${OWNER}:key/k`;
    expect(await refusalOf(put(destination({ sseAlgorithm: 'KMS', sseKmsKeyId })))).toEqual({
      code: 'KMS.NotFoundException',
      status: 400,
      message: 'Invalid arn eu-west-1',
    });
  });
});

describe('An export is refused', () => {
  const denied = { code: 'AccessDenied', status: 403, message: 'Access Denied' };

  it('without a bucket', async () => {
    for (const missing of ['no-such-bucket', 'Upper-Case', '../etc']) {
      expect(await refusalOf(put(destination({ bucket: missing })))).toEqual({
        code: 'NoSuchBucket',
        status: 404,
        message: 'The specified bucket does not exist',
      });
    }
  });

  it('into another account’s bucket without its owner, its policy, or with the wrong owner', async () => {
    const caller = sessionOf(STRANGER);
    expect(await refusalOf(put(destination({ caller })))).toEqual(denied);
    expect(await refusalOf(put(destination({ caller, bucketOwner: OWNER })))).toEqual(denied);
    expect(await refusalOf(put(destination({ bucketOwner: STRANGER })))).toEqual(denied);

    const Principal = { AWS: `arn:aws:iam::${STRANGER}:role/exporter` };
    await setPolicy({ Effect: 'Allow', Principal, Action: 's3:PutObject', Resource });
    expect(await refusalOf(put(destination({ caller, bucketOwner: OWNER })))).toEqual(denied);

    await setPolicy({ Effect: 'Allow', Principal, Action: EXPORT_ACTIONS, Resource });
    expect(await refusalOf(put(destination({ caller })))).toEqual(denied);
    await put(destination({ caller, bucketOwner: OWNER }), 'AWSDynamoDB/foreign/_started');
    const { Contents } = await s3
      .client()
      .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'AWSDynamoDB/foreign/' }));
    expect(Contents).toHaveLength(1);
  });

  it('by a Deny of its role, and leaves its file where it was', async () => {
    const Principal = { AWS: `arn:aws:iam::${OWNER}:role/exporter` };
    await setPolicy({ Effect: 'Deny', Principal, Action: 's3:PutObject', Resource });
    const file = path.join(scratch.path, 'refused.json.gz');
    await writeFile(file, 'x');
    const attempt = s3.service.objects.putFile(destination(), 'k', { path: file, md5: Buffer.alloc(16), sizeBytes: 1 });
    expect(await refusalOf(attempt)).toEqual({
      code: 'AccessDenied',
      status: 403,
      message: `User: arn:aws:sts::${OWNER}:assumed-role/exporter/run is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${bucket}/k" with an explicit deny in a resource-based policy`,
    });
    await access(file);
  });
});
