import { authorize, conditionContext } from './authorization.ts';
import { writePrecondition } from './conditional-requests.ts';
import { deleteObjects } from './delete-objects.ts';
import { encryptionHeaders } from './encryption.ts';
import { readDescription, refuseUnsupportedHeaders } from './object-description.ts';
import { checksumHeaders, quoted } from './object-headers.ts';
import { type Operation, writesObject } from './operation.ts';
import { receivePayload } from './payload.ts';
import { emptyReply, type S3Reply } from './reply.ts';
import { type ObjectRequest, parameter } from './request.ts';
import type { S3 } from './s3.ts';

export const OBJECT_OPERATIONS: readonly Operation[] = [
  { ...writesObject, name: 'PutObject', method: 'PUT', actions: ['s3:PutObject'], perform: putObject },
  { ...writesObject, name: 'DeleteObject', method: 'DELETE', actions: ['s3:DeleteObject'], perform: deleteObject },
  {
    name: 'DeleteObjects',
    method: 'POST',
    query: ['delete'],
    scope: 'bucket',
    readOnly: false,
    management: false,
    // Each key is asked for by itself.
    actions: [],
    perform: deleteObjects,
  },
];

async function putObject(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const { call, bucket, key } = request;
  refuseUnsupportedHeaders(call);
  authorizeExtras(request);
  const description = readDescription(call, bucket);
  const precondition = writePrecondition(call, key);
  // What S3 computes itself when the client sends no checksum.
  const payload = await receivePayload(call, s3.files, (claimed) => claimed ?? 'CRC64NVME');
  const { algorithm, checksum: value, sizeBytes } = payload;
  const checksum = { algorithm, value, type: 'FULL_OBJECT' } as const;
  const etag = payload.digests.md5.toString('hex');
  await s3.objects.put(
    { ...description, bucket: bucket.name, key, sizeBytes, etag, checksum },
    payload.path,
    precondition,
  );
  return emptyReply(200, {
    etag: quoted(etag),
    ...checksumHeaders(checksum),
    ...encryptionHeaders(description.encryption),
  });
}

async function deleteObject({ call, bucket, key }: ObjectRequest, s3: S3): Promise<S3Reply> {
  await s3.objects.delete(bucket.name, key, writePrecondition(call, key));
  return emptyReply(204);
}

/** Tags and ACLs that come with an object need a permission of their own. */
export function authorizeExtras({ call, bucket, key }: ObjectRequest): void {
  const access = { caller: call.caller, bucket, key, context: conditionContext(call) };
  if (parameter(call, 'x-amz-tagging') !== undefined) authorize({ ...access, action: 's3:PutObjectTagging' });
  if (parameter(call, 'x-amz-acl') !== undefined) authorize({ ...access, action: 's3:PutObjectAcl' });
}
