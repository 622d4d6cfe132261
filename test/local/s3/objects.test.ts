import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, refusalOf, useS3 } from './support.ts';

const s3 = useS3();
const Bucket = 'objects';

beforeAll(async () => {
  await s3.client().send(new CreateBucketCommand({ Bucket }));
});

const read = async (Key: string, more = {}) => {
  const output = await s3.client().send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await output.Body?.transformToByteArray()) ?? []);
};

describe('PutObject and GetObject', () => {
  it('returns the bytes with their MD5, checksum and description', async () => {
    const client = s3.client();
    const Body = bytesOf(1200);
    const put = await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a/b.json.gz',
        Body,
        ContentType: 'application/json',
        ContentEncoding: 'gzip',
        CacheControl: 'no-store',
        ContentDisposition: 'attachment',
        Metadata: { origin: 'here', empty: '' },
      }),
    );
    const md5 = createHash('md5').update(Body).digest('hex');
    expect(put).toMatchObject({ ETag: `"${md5}"`, ServerSideEncryption: 'AES256', ChecksumType: 'FULL_OBJECT' });

    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'a/b.json.gz' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Body);
    expect(got).toMatchObject({
      ETag: `"${md5}"`,
      ContentLength: 1200,
      ContentType: 'application/json',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment',
      Metadata: { origin: 'here' },
      ChecksumCRC32: put.ChecksumCRC32,
      AcceptRanges: 'bytes',
    });
  });

  it('leaves an ordinary file where a person looks for it', async () => {
    await s3.client().send(new PutObjectCommand({ Bucket, Key: 'plain/file.txt', Body: 'hello' }));
    expect(await readFile(path.join(s3.folder, Bucket, 'plain/file.txt'), 'utf8')).toBe('hello');
  });

  it('decodes a stream with its checksum in a trailer', async () => {
    const Body = bytesOf(300_000);
    const stream = Readable.from([Body.subarray(0, 100_001), Body.subarray(100_001)]);
    await s3.client().send(new PutObjectCommand({ Bucket, Key: 'stream', Body: stream, ContentLength: Body.length }));
    expect(await read('stream')).toEqual(Body);
    const head = await s3.client().send(new HeadObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumCRC32).toBeDefined();
    expect(head.ContentEncoding).toBeUndefined();
  });

  it('answers for a key that does not exist', async () => {
    expect(await refusalOf(read('nothing'))).toEqual({
      code: 'NoSuchKey',
      status: 404,
      message: 'The specified key does not exist.',
    });
    expect(await refusalOf(s3.client().send(new HeadObjectCommand({ Bucket, Key: 'nothing' })))).toMatchObject({
      status: 404,
    });
  });

  it('lists what was put', async () => {
    const { Contents } = await s3.client().send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['a/b.json.gz', 'plain/file.txt', 'stream']);
  });
});
