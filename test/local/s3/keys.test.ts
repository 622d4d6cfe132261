import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { keyPath, namesFor } from '../../../src/local/s3/key-paths.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { filesBelow } from './support/files.ts';
import { refusalOf, useS3 } from './support/s3.ts';

// The service's folder lies inside another one, where an escaped file would be found.
const outside = temporaryDirectory();
const directory = path.join(outside.path, 'plane');
const s3 = useS3({ directory });
const Bucket = 'hostile';

const SEGMENTS = [
  ['', '.', '..', '...', '~', '~1', '%', '%2E%2E', '%long', 'a', 'A', 'a~1', 'b.json.gz', '.hidden', '.incoming'],
  ['con', 'NUL.txt', 'aux.', 'com1.tar.gz', 'trailing ', 'trailing.', 'C:', '\\..\\..\\x', 'a*?"<>|b', '-rf', '$HOME'],
  ['\0', 'a\0b', '\n', '\r', '\u0001', '\u007f', 'é', 'e\u0301', '\u{1F600}', '\uFFFD', '\u202Egpj', 'ß', 'İ'],
  ['x'.repeat(255), 'é'.repeat(200), '\u{1F600}'.repeat(80), '<&>"\'', ' ', '+', '#', '?a=b', '&amp;', ']]>'],
].flat();

const keys = fc
  .array(fc.oneof(fc.constantFrom(...SEGMENTS), fc.string({ unit: 'grapheme', maxLength: 5 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((segments) => segments.join('/'))
  .filter((key) => key !== '' && Buffer.byteLength(key) <= 1024);

beforeAll(async () => {
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(outside.path, 'precious'), 'untouched');
  await s3.client().send(new CreateBucketCommand({ Bucket }));
});

describe('Any key', () => {
  it('comes back with its bytes, in order, from a file inside its bucket’s folder', async () => {
    const client = s3.client();
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(keys, { minLength: 1, maxLength: 12 }), async (chosen) => {
        for (const Key of chosen) await client.send(new PutObjectCommand({ Bucket, Key, Body: `bytes of ${Key}` }));

        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
        const listed = Contents.map(({ Key = '' }) => decodeURIComponent(Key));
        expect(listed).toEqual([...chosen].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
        for (const Key of chosen) {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
          expect(await Body?.transformToString()).toBe(`bytes of ${Key}`);
        }
        expect(await filesBelow(path.join(s3.folder, Bucket))).toHaveLength(chosen.length);
        expect(await readdir(s3.folder)).toEqual(['.incoming', '.parts', Bucket]);
        expect((await readdir(directory)).sort()).toEqual(['s3', 'store']);
        expect((await readdir(outside.path)).sort()).toEqual(['plane', 'precious']);

        const Objects = chosen.map((Key) => ({ Key }));
        const { Errors } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
        expect(Errors).toBeUndefined();
        expect(await readdir(path.join(s3.folder, Bucket))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('is given a path of safe names, and as many names as it needs', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const segments = keyPath(key);
        expect(Buffer.byteLength(segments.join('/'))).toBeLessThanOrEqual(700);
        for (const segment of segments) {
          const names = namesFor(segment);
          const [first, second] = [names.next().value, names.next().value];
          expect(first).not.toBe(second);
          for (const name of [first, second]) {
            expect(name).not.toMatch(/^\.{0,2}$|[/\\\0]|[. ]$/);
            expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
          }
        }
      }),
    );
  });

  it('of plain names is its own path, and keeps its extensions when another has taken it', () => {
    expect(keyPath('AWSDynamoDB/01-a/data/b.json.gz')).toEqual(['AWSDynamoDB', '01-a', 'data', 'b.json.gz']);
    const names = namesFor('b.json.gz');
    expect([names.next().value, names.next().value]).toEqual(['b.json.gz', 'b~1.json.gz']);
  });
});

it('A key beyond 1024 bytes is refused', async () => {
  const put = (Key: string) => s3.client().send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  await put('é'.repeat(512));
  expect(await refusalOf(put('é'.repeat(513)))).toMatchObject({ code: 'KeyTooLongError', status: 400 });
});
