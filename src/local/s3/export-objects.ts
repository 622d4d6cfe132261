import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { authorize, checkExpectedOwner } from './authorization.ts';
import { resolveEncryption } from './encryption.ts';
import type { ExportDestination, ExportObjects } from './object-store.ts';
import type { BucketRecord, ObjectRecord } from './records.ts';
import type { S3 } from './s3.ts';

type NewObject = Omit<ObjectRecord, 'file' | 'lastModifiedMillis'>;

/** Writes exports past the network, with the checks and results that PutObject and a multipart upload would have. */
export const createExportObjects = (s3: S3): ExportObjects => ({
  async put(destination, key, body, contentType) {
    const bucket = await admit(destination, key, s3);
    const description = describe(destination, bucket, key, contentType);
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const incoming = s3.files.newIncomingPath();
    await writeFile(incoming, bytes, { flag: 'wx', flush: true });
    await s3.objects.put(
      {
        ...description,
        sizeBytes: bytes.length,
        etag: createHash('md5').update(bytes).digest('hex'),
      },
      incoming,
    );
  },

  async putFile(destination, key, { path, md5, sizeBytes }) {
    const bucket = await admit(destination, key, s3);
    const description = describe(destination, bucket, key, 'binary/octet-stream');
    const incoming = await s3.files.adopt(path);
    await s3.objects.put(
      {
        ...description,
        sizeBytes,
        etag: `${createHash('md5').update(md5).digest('hex')}-1`,
        parts: [{ number: 1, sizeBytes }],
      },
      incoming,
    );
  },
});

/** The checks of a PutObject by the caller who asked for the export, in the order of S3: bucket, owner, permission. */
async function admit(destination: ExportDestination, key: string, s3: S3): Promise<BucketRecord> {
  const { caller } = destination;
  const bucket = await s3.buckets.get(destination.bucket);
  checkExpectedOwner(bucket, destination.bucketOwner ?? caller.accountId);
  const context = {
    's3:x-amz-acl': 'bucket-owner-full-control',
    's3:x-amz-server-side-encryption': algorithmOf(destination),
    's3:x-amz-server-side-encryption-aws-kms-key-id': destination.sseKmsKeyId,
  };
  for (const action of ['s3:PutObject', 's3:PutObjectAcl']) authorize({ caller, action, bucket, key, context });
  return bucket;
}

function describe(
  destination: ExportDestination,
  bucket: BucketRecord,
  key: string,
  contentType: string,
): Omit<NewObject, 'sizeBytes' | 'etag'> {
  return {
    bucket: bucket.name,
    key,
    headers: { 'content-type': contentType },
    metadata: {},
    tags: [],
    storageClass: 'STANDARD',
    encryption: resolveEncryption(algorithmOf(destination), destination.sseKmsKeyId, bucket),
  };
}

const algorithmOf = ({ sseAlgorithm }: ExportDestination) => (sseAlgorithm === 'KMS' ? 'aws:kms' : 'AES256');
