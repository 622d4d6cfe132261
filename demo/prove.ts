import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type Item, keyText } from './cities.ts';

export interface Proof {
  readonly objects: number;
  readonly dataFiles: number;
  readonly items: number;
}

/**
 * Downloads an export the way a consumer would, from its manifest on, and holds it against the items that the table
 * held at the export time: both manifest checksums, every file's checksum and ETag, every count, every item. Nothing
 * of Outport is used for this but its S3 endpoint. Throws with what is wrong.
 */
export async function prove(
  s3: S3Client,
  bucket: string,
  manifestSummaryKey: string,
  expected: readonly Item[],
): Promise<Proof> {
  const summary = JSON.parse((await downloadWithMd5(s3, bucket, manifestSummaryKey)).toString());
  const files = (await downloadWithMd5(s3, bucket, summary.manifestFilesS3Key))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

  const missing = new Map(expected.map((item) => [keyText(item), item]));
  let items = 0;
  for (const file of files) {
    const { body, etag } = await download(s3, bucket, file.dataFileS3Key);
    equal(md5(body).toString('base64'), file.md5Checksum, `md5Checksum of ${file.dataFileS3Key}`);
    equal(etag, file.etag, `ETag of ${file.dataFileS3Key}`);
    const lines = gunzipSync(body).toString().split('\n').slice(0, -1);
    equal(lines.length, file.itemCount, `itemCount of ${file.dataFileS3Key}`);
    for (const line of lines) {
      const { Item: item } = JSON.parse(line);
      const wanted = missing.get(keyText(item));
      if (wanted === undefined) throw new Error(`an item that was not there at that time, or twice: ${line}`);
      if (!isDeepStrictEqual(item, wanted)) {
        throw new Error(`an item that is not as it was: ${line}, expected ${JSON.stringify(wanted)}`);
      }
      missing.delete(keyText(item));
    }
    items += lines.length;
  }
  equal(missing.size, 0, 'number of items that are missing');
  equal(summary.itemCount, items, 'itemCount of manifest-summary.json');

  const folder = manifestSummaryKey.slice(0, manifestSummaryKey.lastIndexOf('/') + 1);
  const objects = await listKeys(s3, bucket, folder);
  equal(objects.length, files.length + 5, `number of objects below ${folder}`);
  return { objects: objects.length, dataFiles: files.length, items };
}

async function downloadWithMd5(s3: S3Client, bucket: string, key: string): Promise<Buffer> {
  const { body } = await download(s3, bucket, key);
  const { body: checksum } = await download(s3, bucket, key.replace(/\.json$/, '.md5'));
  equal(md5(body).toString('base64'), checksum.toString(), `the .md5 beside ${key}`);
  return body;
}

async function download(s3: S3Client, bucket: string, key: string): Promise<{ body: Buffer; etag: string }> {
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (object.Body === undefined) throw new Error(`GetObject of ${key} answered without a body`);
  return { body: Buffer.from(await object.Body.transformToByteArray()), etag: (object.ETag ?? '').replaceAll('"', '') };
}

async function listKeys(s3: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    keys.push(...(page.Contents ?? []).map((object) => object.Key ?? ''));
  }
  return keys;
}

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();

function equal(actual: unknown, wanted: unknown, what: string): void {
  if (actual !== wanted) throw new Error(`${what}: found ${actual}, expected ${wanted}`);
}
