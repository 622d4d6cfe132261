import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusalOf, signedFetch, useS3 } from './support/s3.ts';

const s3 = useS3();
const Bucket = 'listing';
const KEYS = [
  'a',
  'a/',
  'a/b',
  'a/b/c',
  'a/b/d',
  'a/\u{1F600}',
  'a/\uFFFD',
  'ab',
  'b//x',
  'b//y',
  'b/x y+z',
  'é/1',
  'é/2',
  'z<&>',
];

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

let client: S3Client;
beforeAll(async () => {
  client = s3.client();
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new CreateBucketCommand({ Bucket: 'listing2' }));
  await client.send(new PutObjectCommand({ Bucket: 'listing2', Key: 'neighbour', Body: 'x' }));
  for (const Key of KEYS) await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
});

interface Query {
  readonly prefix: string;
  readonly delimiter: string;
  readonly after: string;
}

/** What a listing is: every key, or what it shares with others up to a delimiter, once and in order of bytes. */
function naive({ prefix, delimiter, after }: Query): string[] {
  const names = KEYS.filter((key) => key.startsWith(prefix)).map((key) => {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    return end < 0 ? key : `${key.slice(0, end + delimiter.length)}*`;
  });
  const isAfter = (name: string) => byBytes(name.replace(/\*$/, ''), after) > 0;
  return [...new Set(names)].filter(isAfter).sort(byBytes);
}

const namesOf = (page: { Contents?: readonly { Key?: string }[]; CommonPrefixes?: readonly { Prefix?: string }[] }) => [
  ...(page.Contents ?? []).map(({ Key }) => Key ?? ''),
  ...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}*`),
];

const queries = fc.record({
  prefix: fc.constantFrom('', 'a', 'a/', 'a/b', 'b/', 'é', 'nothing'),
  delimiter: fc.constantFrom('', '/', '//', 'b', '\u{1F600}'),
  after: fc.constantFrom('', 'a', 'a/', 'a/b', 'a/b/c', 'b', 'b/x', 'z', 'é/'),
  pageSize: fc.integer({ min: 1, max: 6 }),
});

describe('Listings equal a naive model, page by page', () => {
  it('of ListObjectsV2', async () => {
    await fc.assert(
      fc.asyncProperty(queries, async ({ pageSize, ...query }) => {
        const names: string[] = [];
        let ContinuationToken: string | undefined;
        do {
          const page = await client.send(
            new ListObjectsV2Command({
              Bucket,
              Prefix: query.prefix,
              Delimiter: query.delimiter || undefined,
              StartAfter: query.after || undefined,
              MaxKeys: pageSize,
              ContinuationToken,
            }),
          );
          expect(page.KeyCount).toBe(namesOf(page).length);
          expect(page.KeyCount).toBeLessThanOrEqual(pageSize);
          names.push(...namesOf(page).sort(byBytes));
          ContinuationToken = page.NextContinuationToken;
          expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
        } while (ContinuationToken !== undefined);
        expect(names).toEqual(naive(query));
      }),
      { numRuns: 150 },
    );
  });

  it('of ListObjects', async () => {
    await fc.assert(
      fc.asyncProperty(queries, async ({ pageSize, ...query }) => {
        const names: string[] = [];
        let Marker: string = query.after;
        for (;;) {
          const page = await client.send(
            new ListObjectsCommand({
              Bucket,
              Prefix: query.prefix,
              Delimiter: query.delimiter || undefined,
              Marker: Marker || undefined,
              MaxKeys: pageSize,
            }),
          );
          names.push(...namesOf(page).sort(byBytes));
          if (!page.IsTruncated) break;
          Marker = page.NextMarker ?? page.Contents?.at(-1)?.Key ?? '';
        }
        expect(names).toEqual(naive(query));
      }),
      { numRuns: 100 },
    );
  });
});

describe('A listing', () => {
  it('tells of each object, and of its owner when asked', async () => {
    const [plain] = (await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }))).Contents ?? [];
    expect(plain).toMatchObject({
      Key: 'a',
      Size: 1,
      StorageClass: 'STANDARD',
      ETag: '"9dd4e461268c8034f5c8564e155c67a6"',
    });
    expect(plain?.ChecksumAlgorithm).toEqual(['CRC32']);
    expect(plain?.Owner).toBeUndefined();
    const owned = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1, FetchOwner: true }));
    expect(owned.Contents?.[0]?.Owner?.ID).toMatch(/111111111111$/);
  });

  it('encodes keys when asked', async () => {
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'b/x', EncodingType: 'url' }));
    expect(page).toMatchObject({ EncodingType: 'url', Contents: [{ Key: 'b/x%20y%2Bz' }] });
  });

  it('of no entries is not truncated', async () => {
    const page = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    expect(page).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it('refuses what makes no sense', async () => {
    const wrong = { code: 'InvalidArgument', status: 400 };
    const token = client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'nonsense' }));
    expect(await refusalOf(token)).toMatchObject(wrong);
    expect(await refusalOf(client.send(new ListObjectsV2Command({ Bucket, MaxKeys: -1 })))).toMatchObject(wrong);
    const answer = await signedFetch(s3.endpoint, `/${Bucket}?list-type=3`);
    expect(await answer.text()).toContain('<Code>InvalidArgument</Code>');
    const missing = client.send(new ListObjectsV2Command({ Bucket: 'no-such-bucket' }));
    expect(await refusalOf(missing)).toMatchObject({ code: 'NoSuchBucket', status: 404 });
  });
});
