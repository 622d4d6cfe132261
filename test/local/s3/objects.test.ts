import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, refusalOf, useS3 } from './support/s3.ts';

const s3 = useS3();
const Bucket = 'objects';

beforeAll(async () => {
  await s3.client().send(new CreateBucketCommand({ Bucket }));
});

const put = (Key: string, Body: PutObjectCommandInput['Body'], more: Partial<PutObjectCommandInput> = {}) =>
  s3.client().send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

const get = (Key: string, more = {}) => s3.client().send(new GetObjectCommand({ Bucket, Key, ...more }));

const read = async (Key: string, more = {}) => {
  const { Body } = await get(Key, more);
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

describe('PutObject and GetObject', () => {
  it('return the bytes with their MD5, checksum and description', async () => {
    const Body = bytesOf(1200);
    const stored = await put('a/b.json.gz', Body, {
      ContentType: 'application/json',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment; filename="b"',
      ContentLanguage: 'da',
      Expires: new Date('2030-01-01T00:00:00Z'),
      Metadata: { origin: 'here' },
    });
    const md5 = createHash('md5').update(Body).digest('hex');
    expect(stored).toMatchObject({ ETag: `"${md5}"`, ServerSideEncryption: 'AES256', ChecksumType: 'FULL_OBJECT' });

    const got = await get('a/b.json.gz');
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Body);
    expect(got).toMatchObject({
      ETag: `"${md5}"`,
      ContentLength: 1200,
      ContentType: 'application/json',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment; filename="b"',
      ContentLanguage: 'da',
      ExpiresString: 'Tue, 01 Jan 2030 00:00:00 GMT',
      Metadata: { origin: 'here' },
      ChecksumCRC32: stored.ChecksumCRC32,
      AcceptRanges: 'bytes',
    });
  });

  it('leave an ordinary file where a person looks for it', async () => {
    await put('plain/file.txt', 'hello');
    expect(await readFile(path.join(s3.folder, Bucket, 'plain/file.txt'), 'utf8')).toBe('hello');
  });

  it('decode a stream that has its checksum in a trailer', async () => {
    const Body = bytesOf(300_000);
    const stream = Readable.from([Body.subarray(0, 100_001), Body.subarray(100_001)]);
    await put('stream', stream, { ContentLength: Body.length });
    expect((await read('stream')).equals(Body)).toBe(true);
    const head = await s3.client().send(new HeadObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumCRC32).toBeDefined();
    expect(head.ContentEncoding).toBeUndefined();
  });

  it('keep empty objects', async () => {
    await put('_started', '');
    expect(await read('_started')).toEqual(Buffer.alloc(0));
    expect(await s3.client().send(new HeadObjectCommand({ Bucket, Key: '_started' }))).toMatchObject({
      ContentLength: 0,
      ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
    });
  });

  it('replace an object and leave one file', async () => {
    await put('replaced/data.json.gz', 'one');
    await put('replaced/data.json.gz', 'two');
    await put('replaced/data.json.gz', 'three');
    expect((await read('replaced/data.json.gz')).toString()).toBe('three');
    expect(await readdir(path.join(s3.folder, Bucket, 'replaced'))).toHaveLength(1);
  });

  it('get along with a file that a person has removed', async () => {
    await put('by-hand', 'one');
    await rm(path.join(s3.folder, Bucket, 'by-hand'));
    await put('by-hand', 'two');
    expect((await read('by-hand')).toString()).toBe('two');
  });

  it('do not disturb a reader whose object is replaced', async () => {
    const before = bytesOf(2_000_000, 1);
    await put('read-while-replaced', before);
    const { Body } = await get('read-while-replaced');
    await put('read-while-replaced', bytesOf(2_000_000, 2));
    await s3.client().send(new DeleteObjectCommand({ Bucket, Key: 'read-while-replaced' }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(before)).toBe(true);
  });

  it('answer for a key that does not exist', async () => {
    expect(await refusalOf(get('nothing'))).toEqual({
      code: 'NoSuchKey',
      status: 404,
      message: 'The specified key does not exist.',
    });
    const head = s3.client().send(new HeadObjectCommand({ Bucket, Key: 'nothing' }));
    expect(await refusalOf(head)).toMatchObject({ code: 'NotFound', status: 404 });
  });

  it('keep the storage class and refuse an archive', async () => {
    await put('class', 'x', { StorageClass: 'STANDARD_IA' });
    expect((await get('class')).StorageClass).toBe('STANDARD_IA');
    expect(await refusalOf(put('class', 'x', { StorageClass: 'DEEP_ARCHIVE' }))).toMatchObject({
      code: 'NotImplemented',
      status: 501,
    });
  });

  it('refuse metadata beyond 2 KB', async () => {
    expect(await refusalOf(put('metadata', 'x', { Metadata: { big: 'x'.repeat(2048) } }))).toMatchObject({
      code: 'MetadataTooLarge',
    });
  });
});

describe('A range', () => {
  const Body = bytesOf(1000);
  beforeAll(() => put('ranged', Body));

  it.each([
    ['bytes=0-99', 0, 99],
    ['bytes=990-', 990, 999],
    ['bytes=-10', 990, 999],
    ['bytes=-5000', 0, 999],
    ['bytes=500-5000', 500, 999],
  ])('%s gives its bytes', async (Range, first, last) => {
    const got = await get('ranged', { Range });
    expect(got).toMatchObject({ ContentRange: `bytes ${first}-${last}/1000`, ContentLength: last - first + 1 });
    expect(got.$metadata.httpStatusCode).toBe(206);
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Body.subarray(first, last + 1));
  });

  it.each(['bytes=1000-', 'bytes=-0'])('%s cannot be satisfied', async (Range) => {
    expect(await refusalOf(get('ranged', { Range }))).toMatchObject({ code: 'InvalidRange', status: 416 });
  });

  it('that makes no sense is ignored', async () => {
    expect(await read('ranged', { Range: 'bytes=9-1' })).toEqual(Body);
  });
});

describe('Conditions of a read', () => {
  it('are answered with the object, 304 or 412', async () => {
    const { ETag } = await put('conditional', 'x');
    const { LastModified = new Date() } = await get('conditional');
    const earlier = new Date(LastModified.getTime() - 60_000);
    const statusOf = (more: object) =>
      get('conditional', more).then(
        (got) => got.$metadata.httpStatusCode,
        (error) => error.$metadata.httpStatusCode,
      );
    expect(await statusOf({ IfMatch: ETag })).toBe(200);
    expect(await statusOf({ IfMatch: '"other"' })).toBe(412);
    expect(await statusOf({ IfNoneMatch: ETag })).toBe(304);
    expect(await statusOf({ IfNoneMatch: '"other"' })).toBe(200);
    expect(await statusOf({ IfModifiedSince: LastModified })).toBe(304);
    expect(await statusOf({ IfModifiedSince: earlier })).toBe(200);
    expect(await statusOf({ IfUnmodifiedSince: earlier })).toBe(412);
    expect(await statusOf({ IfUnmodifiedSince: LastModified })).toBe(200);
    // RFC 9110: the ETag outweighs the date.
    expect(await statusOf({ IfMatch: ETag, IfUnmodifiedSince: earlier })).toBe(200);
    expect(await statusOf({ IfNoneMatch: '"other"', IfModifiedSince: LastModified })).toBe(200);
  });
});

describe('Headers of the answer', () => {
  it('can be overridden by the request', async () => {
    await put('overridden', 'x', { ContentType: 'text/plain' });
    const got = await get('overridden', {
      ResponseContentType: 'application/x-special',
      ResponseContentDisposition: 'attachment',
      ResponseCacheControl: 'max-age=1',
    });
    expect(got).toMatchObject({
      ContentType: 'application/x-special',
      ContentDisposition: 'attachment',
      CacheControl: 'max-age=1',
    });
  });
});

describe('Encryption', () => {
  it('is told as it was asked for', async () => {
    const key = 'arn:aws:kms:us-east-1:111111111111:key/abc';
    await put('kms', 'x', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key });
    expect(await get('kms')).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key });
  });

  it('with a key of another Region is refused', async () => {
    const SSEKMSKeyId = 'arn:aws:kms:eu-west-1:111111111111:key/abc';
    expect(await refusalOf(put('kms', 'x', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId }))).toEqual({
      code: 'KMS.NotFoundException',
      status: 400,
      message: 'Invalid arn eu-west-1',
    });
  });

  it('with a customer-provided key is not implemented', async () => {
    const attempt = put('sse-c', 'x', { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k'.repeat(32) });
    expect(await refusalOf(attempt)).toMatchObject({ code: 'NotImplemented', status: 501 });
  });
});

describe('Tags', () => {
  it('are put with the object, read, replaced and counted', async () => {
    await put('tagged', 'x', { Tagging: 'team=data&note=a%20b' });
    const tags = () => s3.client().send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect((await tags()).TagSet).toEqual([
      { Key: 'team', Value: 'data' },
      { Key: 'note', Value: 'a b' },
    ]);
    const Tagging = { TagSet: [{ Key: 'only', Value: '<&>' }] };
    await s3.client().send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging }));
    expect((await tags()).TagSet).toEqual(Tagging.TagSet);
    expect((await get('tagged')).TagCount).toBe(1);
  });
});

describe('Deletion', () => {
  it('removes the object, its file and the folders it leaves empty, and is idempotent', async () => {
    await put('deep/er/still', 'x');
    const remove = () => s3.client().send(new DeleteObjectCommand({ Bucket, Key: 'deep/er/still' }));
    await remove();
    await remove();
    expect(await refusalOf(get('deep/er/still'))).toMatchObject({ code: 'NoSuchKey' });
    expect(await readdir(path.join(s3.folder, Bucket))).not.toContain('deep');
  });

  it('of many objects answers for each', async () => {
    await Promise.all(['m/1', 'm/<&>"\r\n', 'm/\u0001'].map((key) => put(key, 'x')));
    const Objects = [{ Key: 'm/1' }, { Key: 'm/<&>"\r\n' }, { Key: 'm/not there' }];
    const { Deleted, Errors } = await s3.client().send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['m/1', 'm/<&>"\r\n', 'm/not there']);
    expect(Errors).toBeUndefined();
    expect(await refusalOf(get('m/1'))).toMatchObject({ code: 'NoSuchKey' });
    const quiet = { Objects: [{ Key: 'm/1' }], Quiet: true };
    expect((await s3.client().send(new DeleteObjectsCommand({ Bucket, Delete: quiet }))).Deleted).toBeUndefined();
  });
});
