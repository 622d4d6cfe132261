import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesBelow } from './support/files.ts';
import { refusalOf, useS3 } from './support/s3.ts';

const s3 = useS3();
const Bucket = 'conditional';
const FAILED = {
  code: 'PreconditionFailed',
  status: 412,
  message: 'At least one of the pre-conditions you specified did not hold',
};

beforeAll(async () => {
  await s3.client().send(new CreateBucketCommand({ Bucket }));
});

const put = (Key: string, Body: string, more = {}) =>
  s3.client().send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Key: string) => {
  const { Body } = await s3.client().send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
};

describe('If-None-Match: *', () => {
  it('writes what is not there, once', async () => {
    await put('new', 'first', { IfNoneMatch: '*' });
    expect(await refusalOf(put('new', 'second', { IfNoneMatch: '*' }))).toEqual(FAILED);
    expect(await read('new')).toBe('first');
  });

  it('lets one of many writers win', async () => {
    const client = s3.client();
    const writers = Array.from({ length: 30 }, (_, i) => `writer ${i}`);
    const outcomes = await Promise.allSettled(
      writers.map((Body) => client.send(new PutObjectCommand({ Bucket, Key: 'raced', Body, IfNoneMatch: '*' }))),
    );
    const winners = writers.filter((_, i) => outcomes[i]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect(await read('raced')).toBe(winners[0]);
    expect((await filesBelow(s3.folder)).filter((file) => file.includes('raced'))).toHaveLength(1);
  });
});

describe('If-Match', () => {
  it('replaces what was read', async () => {
    const { ETag } = await put('read', 'one');
    await put('read', 'two', { IfMatch: ETag });
    expect(await refusalOf(put('read', 'three', { IfMatch: ETag }))).toEqual(FAILED);
    expect(await refusalOf(put('missing', 'x', { IfMatch: ETag }))).toMatchObject({ code: 'NoSuchKey', status: 404 });
    expect(await read('read')).toBe('two');
  });

  it('makes a counter that loses no increment', async () => {
    const client = s3.client();
    await put('counter', '0');
    const increment = async (): Promise<void> => {
      const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket, Key: 'counter' }));
      const next = String(Number(await Body?.transformToString()) + 1);
      try {
        await client.send(new PutObjectCommand({ Bucket, Key: 'counter', Body: next, IfMatch: ETag }));
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'PreconditionFailed') throw error;
        return increment();
      }
    };
    await Promise.all(Array.from({ length: 12 }, increment));
    expect(await read('counter')).toBe('12');
  });

  it('guards a deletion', async () => {
    const { ETag } = await put('deleted', 'one');
    const remove = (IfMatch?: string) => s3.client().send(new DeleteObjectCommand({ Bucket, Key: 'deleted', IfMatch }));
    expect(await refusalOf(remove('"other"'))).toEqual(FAILED);
    await remove(ETag);
    const head = s3.client().send(new HeadObjectCommand({ Bucket, Key: 'deleted' }));
    expect(await refusalOf(head)).toMatchObject({ status: 404 });
  });
});

it('Writers of one key leave one of their objects, whole, and one file', async () => {
  const client = s3.client();
  const bodies = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(bodies.map((Body) => client.send(new PutObjectCommand({ Bucket, Key: 'busy', Body }))));
  expect(bodies).toContain(await read('busy'));
  expect((await filesBelow(s3.folder)).filter((file) => file.includes('busy'))).toHaveLength(1);
});
