import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from 'vitest';
import { refusalOf, useS3 } from './support/s3.ts';

const s3 = useS3();
const Bucket = 'copies';

beforeAll(async () => {
  await s3.client().send(new CreateBucketCommand({ Bucket }));
  await s3.client().send(
    new PutObjectCommand({
      Bucket,
      Key: 'source é+&',
      Body: 'the bytes',
      ContentType: 'text/plain',
      Metadata: { from: 'source' },
      Tagging: 'a=b',
    }),
  );
});

const CopySource = `${Bucket}/${encodeURIComponent('source é+&')}`;
const copy = (Key: string, more: Partial<CopyObjectCommandInput> = {}) =>
  s3.client().send(new CopyObjectCommand({ Bucket, Key, CopySource, ...more }));
const head = (Key: string) => s3.client().send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));

it('copies bytes, description, tags and checksum', async () => {
  const { CopyObjectResult } = await copy('copy');
  const [source, target] = [await head('source é+&'), await head('copy')];
  expect(CopyObjectResult?.ETag).toBe(source.ETag);
  expect(target).toMatchObject({
    ETag: source.ETag,
    ContentType: 'text/plain',
    Metadata: { from: 'source' },
    TagCount: 1,
    ChecksumCRC32: source.ChecksumCRC32,
  });
});

it('replaces description and tags when told to', async () => {
  await copy('replaced', {
    MetadataDirective: 'REPLACE',
    ContentType: 'text/csv',
    Metadata: { from: 'request' },
    TaggingDirective: 'REPLACE',
    ChecksumAlgorithm: 'SHA256',
  });
  const target = await head('replaced');
  expect(target).toMatchObject({ ContentType: 'text/csv', Metadata: { from: 'request' } });
  expect(target.TagCount).toBeUndefined();
  expect(target.ChecksumSHA256).toBeDefined();
});

it('holds the source to its conditions', async () => {
  const { ETag, LastModified = new Date() } = await head('source é+&');
  const failed = { code: 'PreconditionFailed', status: 412 };
  await copy('if', { CopySourceIfMatch: ETag });
  expect(await refusalOf(copy('if', { CopySourceIfMatch: '"other"' }))).toMatchObject(failed);
  expect(await refusalOf(copy('if', { CopySourceIfNoneMatch: ETag }))).toMatchObject(failed);
  expect(await refusalOf(copy('if', { CopySourceIfModifiedSince: LastModified }))).toMatchObject(failed);
  const before = new Date(LastModified.getTime() - 60_000);
  expect(await refusalOf(copy('if', { CopySourceIfUnmodifiedSince: before }))).toMatchObject(failed);
});

it('refuses to copy an object to itself without a change', async () => {
  expect(await refusalOf(copy('source é+&'))).toMatchObject({ code: 'InvalidRequest', status: 400 });
  await copy('source é+&', { MetadataDirective: 'REPLACE', Metadata: { from: 'itself' } });
  expect((await head('source é+&')).Metadata).toEqual({ from: 'itself' });
});

it('names what is missing', async () => {
  expect(await refusalOf(copy('x', { CopySource: `${Bucket}/nothing` }))).toMatchObject({ code: 'NoSuchKey' });
  expect(await refusalOf(copy('x', { CopySource: 'no-bucket/k' }))).toMatchObject({ code: 'NoSuchBucket' });
  expect(await refusalOf(copy('x', { CopySource: 'nonsense' }))).toMatchObject({ code: 'InvalidArgument' });
});
