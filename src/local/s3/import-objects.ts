import { authorize, checkExpectedOwner } from './authorization.ts';
import { noSuchKey } from './errors.ts';
import { listObjects } from './listing.ts';
import type { ImportObjects, ImportSource } from './object-store.ts';
import type { BucketRecord } from './records.ts';
import type { S3 } from './s3.ts';

/** Entries of one page, as ListObjectsV2 has at most. */
const PAGE_MAX = 1000;

/** Reads what imports are made of past the network, with the checks that ListObjectsV2 and GetObject would make. */
export const createImportObjects = (s3: S3): ImportObjects => ({
  async *list(source, prefix) {
    const bucket = await admit(source, s3);
    const { caller } = source;
    authorize({ caller, action: 's3:ListBucket', bucket, context: { 's3:prefix': prefix } });
    for (let after: string | undefined = ''; after !== undefined; ) {
      const query = { bucket: bucket.name, prefix, delimiter: '', after, entriesMax: PAGE_MAX };
      const { objects, next } = await listObjects(s3.records, query);
      for (const { key, etag } of objects) yield { key, etag };
      after = next;
    }
  },

  async open(source, key) {
    const bucket = await admit(source, s3);
    authorize({ caller: source.caller, action: 's3:GetObject', bucket, key, context: {} });
    const opened = await s3.objects.open(bucket.name, key);
    if (!opened) throw noSuchKey(key);
    return { etag: opened.object.etag, handle: opened.handle };
  },
});

async function admit({ caller, bucket, bucketOwner }: ImportSource, s3: S3): Promise<BucketRecord> {
  const found = await s3.buckets.get(bucket);
  checkExpectedOwner(found, bucketOwner ?? caller.accountId);
  return found;
}
