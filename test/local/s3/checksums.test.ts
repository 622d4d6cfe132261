import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
  ChecksumAlgorithm,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, refusalOf, signedFetch, useS3 } from './support/s3.ts';

const s3 = useS3();
const Bucket = 'checksums';
const Body = bytesOf(100_000);

beforeAll(async () => {
  await s3.client().send(new CreateBucketCommand({ Bucket }));
});

const put = (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.client().send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

const head = (Key: string) => s3.client().send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));

const SUPPORTED = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;

describe.each(SUPPORTED)('%s', (algorithm) => {
  const field = `Checksum${algorithm}` as const;

  it.each(['header', 'trailer'])('in a %s is verified, stored and returned', async (place) => {
    const Key = `${algorithm}-${place}`;
    const stream = place === 'trailer' ? { Body: Readable.from([Body]), ContentLength: Body.length } : {};
    const stored = await put(Key, { ChecksumAlgorithm: ChecksumAlgorithm[algorithm], ...stream });
    expect(stored[field]).toMatch(/^[\w+/]+=*$/);
    expect(await head(Key)).toMatchObject({ [field]: stored[field], ChecksumType: 'FULL_OBJECT' });
    const got = await s3.client().send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    // The SDK verifies the checksum of what it reads, and throws if it is wrong.
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Body)).toBe(true);
  });

  it('that is wrong stores nothing', async () => {
    const right = (await put('right', { ChecksumAlgorithm: ChecksumAlgorithm[algorithm] }))[field] ?? '';
    const wrong = Buffer.from(right, 'base64').map((byte) => byte ^ 1);
    const attempt = put('wrong', { [field]: Buffer.from(wrong).toString('base64') });
    expect(await refusalOf(attempt)).toEqual({
      code: 'BadDigest',
      status: 400,
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    });
    expect(await refusalOf(head('wrong'))).toMatchObject({ status: 404 });
    expect(await readdir(path.join(s3.folder, '.incoming'))).toEqual([]);
  });
});

describe('A client', () => {
  it('that sends no checksum gets the CRC64NVME that S3 computes', async () => {
    await s3
      .client({ requestChecksumCalculation: 'WHEN_REQUIRED' })
      .send(new PutObjectCommand({ Bucket, Key: 'none', Body: '123456789' }));
    // The check value of CRC-64/NVME.
    expect((await head('none')).ChecksumCRC64NVME).toBe(Buffer.from('ae8b14860a799888', 'hex').toString('base64'));
  });

  it('is refused an algorithm that is not known here, by name', async () => {
    const headers = { 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' };
    const answer = await signedFetch(s3.endpoint, `/${Bucket}/unknown`, { method: 'PUT', body: 'x', headers });
    expect(answer.status).toBe(501);
    expect(await answer.text()).toContain('x-amz-checksum-xxhash64');
  });

  it('is held to its Content-MD5', async () => {
    const ContentMD5 = createHash('md5').update(Body).digest('base64');
    await put('md5', { ContentMD5 });
    const other = createHash('md5').update('other').digest('base64');
    expect(await refusalOf(put('md5', { ContentMD5: other }))).toMatchObject({ code: 'BadDigest', status: 400 });
    expect(await refusalOf(put('md5', { ContentMD5: 'nonsense' }))).toMatchObject({ code: 'InvalidDigest' });
  });

  it('is held to its signed hash of the body', async () => {
    const answer = await signedFetch(s3.endpoint, `/${Bucket}/hash`, {
      method: 'PUT',
      body: 'what was sent',
      headers: { 'x-amz-content-sha256': createHash('sha256').update('what was signed').digest('hex') },
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
  });
});

describe('A body in aws-chunked encoding', () => {
  const send = (body: string, headers: Record<string, string> = {}) =>
    signedFetch(s3.endpoint, `/${Bucket}/chunked`, {
      method: 'PUT',
      body,
      headers: {
        'content-encoding': 'aws-chunked',
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': '9',
        ...headers,
      },
    });
  const crc32 = 'y/Q5Jg==';
  const trailer = { 'x-amz-trailer': 'x-amz-checksum-crc32' };

  it('is put together from its chunks, whose signatures are not looked at', async () => {
    const signature = `chunk-signature=${'0'.repeat(64)}`;
    const body = `4;${signature}\r\n1234\r\n5;${signature}\r\n56789\r\n0;${signature}\r\n\r\n`;
    const answer = await send(body, { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe(`"${createHash('md5').update('123456789').digest('hex')}"`);
  });

  it('has the checksum of its trailer verified', async () => {
    const body = (checksum: string) => `9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`;
    const signed = 'x-amz-trailer-signature:abc\r\n';
    expect((await send(body(crc32), trailer)).status).toBe(200);
    expect((await send(body(crc32).replace(/\r\n$/, `${signed}\r\n`), trailer)).status).toBe(200);
    expect(await (await send(body('AAAAAA=='), trailer)).text()).toContain('<Code>BadDigest</Code>');
    expect(await (await send(body('AA=='), trailer)).text()).toContain('<Code>InvalidRequest</Code>');
  });

  it.each([
    ['a chunk without a size', '123456789\r\n', 'InvalidRequest'],
    ['a chunk of the wrong size', '5\r\n123456789\r\n0\r\n\r\n', 'InvalidRequest'],
    ['an early end', '9\r\n1234', 'InvalidRequest'],
    ['fewer bytes than announced', '4\r\n1234\r\n0\r\n\r\n', 'IncompleteBody'],
    ['more bytes than announced', 'a\r\n1234567890\r\n0\r\n\r\n', 'IncompleteBody'],
  ])('with %s is refused', async (_what, body, code) => {
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(`<Code>${code}</Code>`);
  });

  it('without the announced trailer is refused', async () => {
    const answer = await send('9\r\n123456789\r\n0\r\n\r\n', trailer);
    expect(await answer.text()).toContain('<Code>MalformedTrailerError</Code>');
  });
});
