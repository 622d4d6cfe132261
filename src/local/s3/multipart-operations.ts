import { randomBytes } from 'node:crypto';
import type { AwsCall } from '../aws/service.ts';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm, isChecksumAlgorithm } from './checksums.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import { uploadPartCopy } from './copy-operations.ts';
import { encryptionHeaders } from './encryption.ts';
import { invalidRequest, notImplemented } from './errors.ts';
import { listMultipartUploads, listParts } from './list-multipart.ts';
import { partNumberOf, uploadOf } from './multipart-request.ts';
import { readDescription, refuseUnsupportedHeaders } from './object-description.ts';
import { checksumHeaders, quoted } from './object-headers.ts';
import { authorizeExtras } from './object-operations.ts';
import { type Operation, writesObject } from './operation.ts';
import { receivePayload } from './payload.ts';
import type { UploadRecord } from './records.ts';
import { emptyReply, type S3Reply, xmlReply } from './reply.ts';
import { type ObjectRequest, parameter } from './request.ts';
import type { S3 } from './s3.ts';

export const MULTIPART_OPERATIONS: readonly Operation[] = [
  {
    ...writesObject,
    name: 'CreateMultipartUpload',
    method: 'POST',
    query: ['uploads'],
    actions: ['s3:PutObject'],
    perform: createMultipartUpload,
  },
  {
    ...writesObject,
    name: 'UploadPart',
    method: 'PUT',
    query: ['uploadId', 'partNumber'],
    actions: ['s3:PutObject'],
    perform: uploadPart,
  },
  {
    ...writesObject,
    name: 'UploadPartCopy',
    method: 'PUT',
    query: ['uploadId', 'partNumber'],
    header: 'x-amz-copy-source',
    actions: ['s3:PutObject'],
    perform: uploadPartCopy,
  },
  {
    ...writesObject,
    name: 'CompleteMultipartUpload',
    method: 'POST',
    query: ['uploadId'],
    actions: ['s3:PutObject'],
    perform: completeMultipartUpload,
  },
  {
    ...writesObject,
    name: 'AbortMultipartUpload',
    method: 'DELETE',
    query: ['uploadId'],
    actions: ['s3:AbortMultipartUpload'],
    perform: abortMultipartUpload,
  },
  {
    ...writesObject,
    name: 'ListParts',
    method: 'GET',
    query: ['uploadId'],
    readOnly: true,
    actions: ['s3:ListMultipartUploadParts'],
    perform: listParts,
  },
  {
    name: 'ListMultipartUploads',
    method: 'GET',
    query: ['uploads'],
    scope: 'bucket',
    readOnly: true,
    management: false,
    actions: ['s3:ListBucketMultipartUploads'],
    perform: listMultipartUploads,
  },
];

async function createMultipartUpload(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const { call, bucket, key } = request;
  refuseUnsupportedHeaders(call);
  authorizeExtras(request);
  const upload: UploadRecord = {
    ...readDescription(call, bucket),
    ...readChecksum(call),
    bucket: bucket.name,
    key,
    uploadId: randomBytes(32).toString('base64url'),
    initiatedAtMillis: s3.now(),
    initiatorArn: call.caller.arn,
  };
  await s3.uploads.create(upload);
  return xmlReply(
    'InitiateMultipartUploadResult',
    { Bucket: bucket.name, Key: key, UploadId: upload.uploadId },
    {
      ...encryptionHeaders(upload.encryption),
      ...(upload.checksum && {
        'x-amz-checksum-algorithm': upload.checksum.algorithm,
        'x-amz-checksum-type': upload.checksum.type,
      }),
    },
  );
}

async function uploadPart(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const { call } = request;
  refuseUnsupportedHeaders(call);
  const number = partNumberOf(call);
  const upload = await uploadOf(request, s3);
  const payload = await receivePayload(call, s3.files, (claimed) => checksumOfPart(upload, claimed));
  const checksum = { algorithm: payload.algorithm, value: payload.checksum, type: 'FULL_OBJECT' } as const;
  const etag = payload.digests.md5.toString('hex');
  await s3.uploads.putPart(upload, payload.path, {
    number,
    sizeBytes: payload.sizeBytes,
    etag,
    lastModifiedMillis: s3.now(),
    checksum,
  });
  const { 'x-amz-checksum-type': _, ...headers } = checksumHeaders(checksum);
  return emptyReply(200, { etag: quoted(etag), ...headers, ...encryptionHeaders(upload.encryption) });
}

async function abortMultipartUpload(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  await s3.uploads.abort(await uploadOf(request, s3));
  return emptyReply(204);
}

/** Parts are kept with the checksum that the upload was created for, and may be sent with no other. */
function checksumOfPart({ checksum }: UploadRecord, claimed: ChecksumAlgorithm | undefined): ChecksumAlgorithm {
  if (!checksum) return claimed ?? 'CRC64NVME';
  if (claimed !== undefined && claimed !== checksum.algorithm) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${checksum.algorithm.toLowerCase()}, actual checksum Type: ${claimed.toLowerCase()}`,
    );
  }
  return checksum.algorithm;
}

function readChecksum(call: AwsCall): Pick<UploadRecord, 'checksum'> {
  const name = parameter(call, 'x-amz-checksum-algorithm')?.toUpperCase();
  const type = parameter(call, 'x-amz-checksum-type')?.toUpperCase();
  if (name === undefined) {
    if (type === undefined) return {};
    throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
  }
  if (!isChecksumAlgorithm(name)) throw notImplemented(`The checksum algorithm ${name}`);
  const { multipartType, multipartTypes } = CHECKSUM_ALGORITHMS[name];
  const known = multipartTypes.find((supported) => supported === type);
  if (type !== undefined && known === undefined) {
    throw invalidRequest(`The ${type} checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`);
  }
  return { checksum: { algorithm: name, type: known ?? multipartType } };
}
