import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, refusalOf, useS3 } from './support/s3.ts';

const s3 = useS3();
const Bucket = 'multipart';
const MIB = 1024 * 1024;

beforeAll(async () => {
  await s3.client().send(new CreateBucketCommand({ Bucket }));
});

const create = async (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const { UploadId } = await s3.client().send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return { Bucket, Key, UploadId };
};
type Ref = Awaited<ReturnType<typeof create>>;

const upload = async (ref: Ref, PartNumber: number, Body: Uint8Array, more = {}) => {
  const output = await s3.client().send(new UploadPartCommand({ ...ref, PartNumber, Body, ...more }));
  const { ETag, ChecksumCRC32, ChecksumSHA256 } = output;
  return { PartNumber, ETag, ChecksumCRC32, ChecksumSHA256 };
};

const complete = (ref: Ref, Parts: object[], more: Partial<CompleteMultipartUploadCommandInput> = {}) =>
  s3.client().send(new CompleteMultipartUploadCommand({ ...ref, MultipartUpload: { Parts }, ...more }));

const read = async (Key: string, more = {}) => {
  const { Body } = await s3.client().send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
};

describe('lib-storage', () => {
  it.each(['buffer', 'stream'])('uploads a %s in parts', async (kind) => {
    const bytes = bytesOf(12 * MIB);
    const Body = kind === 'buffer' ? bytes : Readable.from([bytes.subarray(0, 7 * MIB), bytes.subarray(7 * MIB)]);
    const params = { Bucket, Key: kind, Body, ContentType: 'text/csv', Metadata: { a: 'b' } };
    await new Upload({ client: s3.client(), params }).done();
    expect((await read(kind)).equals(bytes)).toBe(true);
    const head = await s3.client().send(new HeadObjectCommand({ Bucket, Key: kind }));
    const md5 = (part: Uint8Array) => createHash('md5').update(part).digest();
    const parts = [0, 5, 10].map((start) => md5(bytes.subarray(start * MIB, (start + 5) * MIB)));
    expect(head).toMatchObject({
      ETag: `"${md5(Buffer.concat(parts)).toString('hex')}-3"`,
      ContentType: 'text/csv',
      Metadata: { a: 'b' },
    });
  });
});

describe('CompleteMultipartUpload', () => {
  const first = bytesOf(5 * MIB, 1);
  const second = bytesOf(MIB, 2);

  it('makes a composite checksum of the parts’', async () => {
    const ref = await create('composite', { ChecksumAlgorithm: 'SHA256' });
    const options = { ChecksumAlgorithm: 'SHA256' };
    const parts = [await upload(ref, 1, first, options), await upload(ref, 2, second, options)];
    const done = await complete(ref, parts);
    const sha256 = (part: Uint8Array) => createHash('sha256').update(part).digest();
    const expected = `${sha256(Buffer.concat([sha256(first), sha256(second)])).toString('base64')}-2`;
    expect(done).toMatchObject({ ChecksumSHA256: expected, ChecksumType: 'COMPOSITE' });
    const head = await s3.client().send(new HeadObjectCommand({ ...ref, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ChecksumSHA256: expected, ChecksumType: 'COMPOSITE' });
  });

  it('makes a checksum of the full object, and holds the client to its own', async () => {
    const expected = uint32(crc32(Buffer.concat([first, second])));
    const options = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;
    const ref = await create('full', options);
    const parts = [await upload(ref, 1, first), await upload(ref, 2, second)];
    expect(await refusalOf(complete(ref, parts, { ChecksumCRC32: 'AAAAAA==' }))).toMatchObject({ code: 'BadDigest' });
    const done = await complete(ref, parts, { ChecksumCRC32: expected, MpuObjectSize: 6 * MIB });
    expect(done).toMatchObject({ ChecksumCRC32: expected, ChecksumType: 'FULL_OBJECT' });
    expect((await read('full')).equals(Buffer.concat([first, second]))).toBe(true);
  });

  it('takes the listed parts, and the latest of each', async () => {
    const ref = await create('chosen');
    await upload(ref, 1, second);
    const one = await upload(ref, 1, first);
    await upload(ref, 2, first);
    const last = await upload(ref, 9, second);
    await complete(ref, [one, last]);
    expect((await read('chosen')).equals(Buffer.concat([first, second]))).toBe(true);
    expect(await readdir(path.join(s3.folder, '.parts'))).not.toContain(ref.UploadId);
  });

  it('refuses parts that are missing, too small, out of order or none', async () => {
    const ref = await create('refused');
    const small = await upload(ref, 1, second);
    const large = await upload(ref, 2, first);
    const refused = async (Parts: object[], more = {}) => (await refusalOf(complete(ref, Parts, more))).code;
    expect(await refused([small, large])).toBe('EntityTooSmall');
    expect(await refused([large, small])).toBe('InvalidPartOrder');
    expect(await refused([large, { PartNumber: 3, ETag: large.ETag }])).toBe('InvalidPart');
    expect(await refused([{ ...large, ETag: small.ETag }])).toBe('InvalidPart');
    expect(await refused([])).toBe('MalformedXML');
    expect(await refused([large], { MpuObjectSize: 1 })).toBe('InvalidRequest');
    expect(await refusalOf(read('refused'))).toMatchObject({ code: 'NoSuchKey' });
    expect(await readdir(path.join(s3.folder, '.incoming'))).toEqual([]);
  });

  it('completes an upload once, however many ask at a time', async () => {
    const ref = await create('once');
    const part = await upload(ref, 1, second);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => complete(ref, [part])));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await read('once')).equals(second)).toBe(true);
  });

  it('refuses to replace an object that must not exist', async () => {
    await s3.client().send(new PutObjectCommand({ Bucket, Key: 'there', Body: 'x' }));
    const ref = await create('there');
    const part = await upload(ref, 1, second);
    const attempt = complete(ref, [part], { IfNoneMatch: '*' });
    expect(await refusalOf(attempt)).toMatchObject({ code: 'PreconditionFailed', status: 412 });
    await complete(ref, [part]);
    expect((await read('there')).equals(second)).toBe(true);
  });

  it('lets its parts be read one by one', async () => {
    const got = await s3.client().send(new GetObjectCommand({ Bucket, Key: 'full', PartNumber: 2 }));
    expect(got).toMatchObject({
      PartsCount: 2,
      ContentLength: MIB,
      ContentRange: `bytes ${5 * MIB}-${6 * MIB - 1}/${6 * MIB}`,
    });
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(second)).toBe(true);
    expect(await refusalOf(read('full', { PartNumber: 3 }))).toMatchObject({ code: 'InvalidPartNumber', status: 416 });
    const attributes = await s3.client().send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'full',
        ObjectAttributes: ['ETag', 'Checksum', 'ObjectParts', 'ObjectSize', 'StorageClass'],
        MaxParts: 1,
      }),
    );
    expect(attributes).toMatchObject({
      ETag: expect.stringMatching(/^[0-9a-f]{32}-2$/),
      ObjectSize: 6 * MIB,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumType: 'FULL_OBJECT' },
      ObjectParts: { TotalPartsCount: 2, IsTruncated: true, Parts: [{ PartNumber: 1, Size: 5 * MIB }] },
    });
  });
});

describe('UploadPartCopy', () => {
  it('copies a range', async () => {
    const source = bytesOf(6 * MIB, 5);
    await s3.client().send(new PutObjectCommand({ Bucket, Key: 'source +&', Body: source }));
    const ref = await create('copied');
    const copy = (PartNumber: number, CopySourceRange: string) =>
      s3.client().send(
        new UploadPartCopyCommand({
          ...ref,
          PartNumber,
          CopySource: `/${Bucket}/${encodeURIComponent('source +&')}`,
          CopySourceRange,
        }),
      );
    const parts = [await copy(1, `bytes=0-${5 * MIB - 1}`), await copy(2, 'bytes=10-19')];
    await complete(
      ref,
      parts.map(({ CopyPartResult }, i) => ({ PartNumber: i + 1, ETag: CopyPartResult?.ETag })),
    );
    const expected = Buffer.concat([source.subarray(0, 5 * MIB), source.subarray(10, 20)]);
    expect((await read('copied')).equals(expected)).toBe(true);
    expect(await refusalOf(copy(3, `bytes=0-${6 * MIB}`))).toMatchObject({ code: 'NoSuchUpload' });
    const another = await create('copied');
    const beyond = new UploadPartCopyCommand({
      ...another,
      PartNumber: 1,
      CopySource: `${Bucket}/copied`,
      CopySourceRange: 'bytes=0-99999999',
    });
    expect(await refusalOf(s3.client().send(beyond))).toMatchObject({ code: 'InvalidRange', status: 416 });
  });
});

describe('Uploads under way', () => {
  it('are listed with their parts until they are aborted', async () => {
    const client = s3.client();
    const other = 'uploads';
    await client.send(new CreateBucketCommand({ Bucket: other }));
    const begin = async (Key: string) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: other, Key }));
      return { Bucket: other, Key, UploadId };
    };
    const [a, b] = [await begin('a'), await begin('b')];
    await begin('dir/1');
    await begin('dir/2');
    for (const PartNumber of [1, 2, 3]) {
      await client.send(new UploadPartCommand({ ...a, PartNumber, Body: Buffer.alloc(PartNumber) }));
    }
    const page = await client.send(new ListPartsCommand({ ...a, MaxParts: 2 }));
    expect(page.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    const PartNumberMarker = page.NextPartNumberMarker;
    const rest = await client.send(new ListPartsCommand({ ...a, PartNumberMarker }));
    expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);

    const list = (more = {}) => client.send(new ListMultipartUploadsCommand({ Bucket: other, ...more }));
    expect((await list()).Uploads?.map(({ Key }) => Key)).toEqual(['a', 'b', 'dir/1', 'dir/2']);
    const grouped = await list({ Delimiter: '/' });
    expect(grouped.Uploads?.map(({ Key }) => Key)).toEqual(['a', 'b']);
    expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'dir/' }]);
    const one = await list({ MaxUploads: 1 });
    expect(one).toMatchObject({ IsTruncated: true, NextKeyMarker: 'a', NextUploadIdMarker: a.UploadId });
    const next = await list({ KeyMarker: one.NextKeyMarker, UploadIdMarker: one.NextUploadIdMarker });
    expect(next.Uploads?.map(({ Key }) => Key)).toEqual(['b', 'dir/1', 'dir/2']);

    await client.send(new AbortMultipartUploadCommand(b));
    expect((await list()).Uploads?.map(({ Key }) => Key)).toEqual(['a', 'dir/1', 'dir/2']);
    expect(await refusalOf(client.send(new ListPartsCommand(b)))).toMatchObject({ code: 'NoSuchUpload', status: 404 });
    const late = new UploadPartCommand({ ...b, PartNumber: 1, Body: 'x' });
    expect(await refusalOf(client.send(late))).toMatchObject({ code: 'NoSuchUpload' });
  });

  it('refuse a part number that is none', async () => {
    const ref = await create('numbers');
    expect(await refusalOf(upload(ref, 10_001, Buffer.alloc(1)))).toMatchObject({ code: 'InvalidArgument' });
  });
});
