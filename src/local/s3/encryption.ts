import type { AwsCall } from '../aws/service.ts';
import { invalidArgument, notImplemented } from './errors.ts';
import { S3Error } from './object-store.ts';
import type { BucketRecord, Encryption } from './records.ts';
import { parameter } from './request.ts';

const ALGORITHM = 'x-amz-server-side-encryption';
const KMS_KEY_ID = 'x-amz-server-side-encryption-aws-kms-key-id';
const CONTEXT = 'x-amz-server-side-encryption-context';

/**
 * How an object is to be encrypted: as the request says, else as the bucket does by default. Nothing is encrypted on one
 * machine; what was asked for is checked, kept and told, so that code that depends on it works.
 */
export function readEncryption(call: AwsCall, bucket: BucketRecord): Encryption {
  if (parameter(call, CONTEXT) !== undefined) throw notImplemented(`The header ${CONTEXT}`);
  return resolveEncryption(parameter(call, ALGORITHM), parameter(call, KMS_KEY_ID), bucket);
}

/** @throws S3Error `InvalidArgument`, `KMS.NotFoundException`, `NotImplemented` */
export function resolveEncryption(
  algorithm: string | undefined,
  kmsKeyId: string | undefined,
  bucket: BucketRecord,
): Encryption {
  if (algorithm === undefined && kmsKeyId === undefined) return bucket.encryption ?? { algorithm: 'AES256' };
  if (algorithm === 'aws:kms:dsse') throw notImplemented('Encryption with aws:kms:dsse');
  if (algorithm === 'AES256' && kmsKeyId === undefined) return { algorithm };
  if (algorithm !== 'aws:kms') {
    throw invalidArgument('The encryption method specified is not supported', ALGORITHM, algorithm);
  }
  return { algorithm, kmsKeyId: resolveKmsKey(kmsKeyId, bucket) };
}

export const encryptionHeaders = ({ algorithm, kmsKeyId }: Encryption): Record<string, string> => ({
  [ALGORITHM]: algorithm,
  ...(kmsKeyId !== undefined && { [KMS_KEY_ID]: kmsKeyId }),
});

/** There is no KMS here: a key is taken to exist, unless its ARN says that it is not where the bucket is. */
function resolveKmsKey(keyId: string | undefined, bucket: BucketRecord): string {
  const account = `arn:aws:kms:${bucket.region}:${bucket.ownerAccountId}`;
  if (keyId === undefined) return `${account}:alias/aws/s3`;
  const keyRegion = /^arn:aws[\w-]*:kms:([^:]*):/.exec(keyId)?.[1];
  if (keyRegion !== undefined && keyRegion !== bucket.region) {
    throw new S3Error('KMS.NotFoundException', 400, `Invalid arn ${keyRegion}`);
  }
  if (keyRegion !== undefined) return keyId;
  return keyId.startsWith('alias/') ? `${account}:${keyId}` : `${account}:key/${keyId}`;
}
