import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { STSServiceException } from '@aws-sdk/client-sts';
import { classifyAwsError, httpStatusOf } from '../aws-errors.ts';
import type { ExportRequest } from '../export-request.ts';
import { type Check, failed, failedWith, passed, unanswered, unknown } from './check.ts';
import { tryWriting, type WriteTrial } from './try-writing.ts';

/**
 * Whether the bucket is there, is whose it should be, and takes what the exporting session writes. DynamoDB itself looks
 * at none of this when it takes a request, and fails minutes later (facts §1.6).
 * @param requiredRegion where the allow-list of destinations wants the bucket to be; null: anywhere
 */
export async function checkBucket(
  { s3 }: { readonly s3: S3Client },
  request: ExportRequest,
  requiredRegion: string | null,
): Promise<Check[]> {
  const bucket = await findBucket(s3, request.destination);
  switch (bucket.status) {
    case 'FOUND':
    case 'NOT_SHOWN': {
      const trial = await tryWriting(s3, request);
      const region = bucket.status === 'FOUND' ? bucket.region : null;
      return [
        checkRegion(request, region, requiredRegion),
        checkOwner(request, bucket.status, trial),
        checkAccess(request, trial),
        checkEncryption(request, trial),
      ];
    }
    case 'OTHER_OWNER': {
      const { bucket: name, bucketOwner } = request.destination;
      const message = `The bucket "${name}" is in ${bucket.region} and does not belong to account ${bucketOwner}.`;
      return [
        checkRegion(request, bucket.region, requiredRegion),
        failed('BUCKET_OWNER', 'BUCKET_OWNER_MISMATCH', message),
        notTried('BUCKET_ACCESS'),
        notTried('ENCRYPTION'),
      ];
    }
    case 'NOT_FOUND':
      return [bucket.check, notTried('BUCKET_OWNER'), notTried('BUCKET_ACCESS'), notTried('ENCRYPTION')];
    default:
      return bucket satisfies never;
  }
}

type Bucket =
  | { readonly status: 'FOUND' | 'OTHER_OWNER'; readonly region: string | null }
  /** It exists, and more is not told: Outport may not list it, or it belongs to another account. */
  | { readonly status: 'NOT_SHOWN' }
  | { readonly status: 'NOT_FOUND'; readonly check: Check };

async function findBucket(s3: S3Client, destination: ExportRequest['destination']): Promise<Bucket> {
  const { bucket, bucketOwner } = destination;
  const head = async (expectedOwner?: string): Promise<Bucket> => {
    try {
      const command = new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: expectedOwner });
      const { BucketRegion = null } = await s3.send(command);
      return { status: 'FOUND', region: BucketRegion };
    } catch (error) {
      // HEAD answers have no body, so S3's own words are not in the error.
      const status = error instanceof STSServiceException ? null : httpStatusOf(error);
      if (status === 403) return { status: 'NOT_SHOWN' };
      if (status === 404) {
        const message = `The specified bucket does not exist: "${bucket}"`;
        return { status: 'NOT_FOUND', check: failed('BUCKET', 'S3_NO_SUCH_BUCKET', message) };
      }
      const failure = classifyAwsError(error);
      const check =
        failure.kind === 'RETRYABLE' ? unanswered('BUCKET', failure.message) : failedWith('BUCKET', failure.error);
      return { status: 'NOT_FOUND', check };
    }
  };
  const asOwned = await head(bucketOwner);
  if (asOwned.status !== 'NOT_SHOWN') return asOwned;
  const asAnybodys = await head();
  return asAnybodys.status === 'FOUND' ? { ...asAnybodys, status: 'OTHER_OWNER' } : asAnybodys;
}

const notTried = (code: Check['code']) => unknown(code, 'Not tried: there is no bucket that it could be tried on.');

function checkRegion({ table, destination }: ExportRequest, region: string | null, required: string | null): Check {
  const name = `The bucket "${destination.bucket}"`;
  if (required !== null && region !== required) {
    const where = region === null ? 'is in a Region that could not be read' : `is in ${region}`;
    return failed('BUCKET', 'DESTINATION_NOT_ALLOWED', `${name} ${where}; exports may be written to ${required}.`);
  }
  if (region === null) {
    return passed('BUCKET', `${name} exists. Outport may not list it: it can neither show progress nor verify files.`);
  }
  const transfer = region === table.region ? '' : `, the table in ${table.region}: AWS bills the transfer`;
  return passed('BUCKET', `${name} exists in ${region}${transfer}.`);
}

function checkOwner({ destination }: ExportRequest, status: 'FOUND' | 'NOT_SHOWN', trial: WriteTrial): Check {
  const { bucket, bucketOwner } = destination;
  // Every call names the owner, and S3 answers none of them for a bucket of anybody else's.
  if (status === 'FOUND' || trial.outcome === 'ALLOWED') {
    return passed('BUCKET_OWNER', `The bucket "${bucket}" belongs to account ${bucketOwner}.`);
  }
  return unknown('BUCKET_OWNER', `S3 does not tell whether the bucket "${bucket}" belongs to account ${bucketOwner}.`);
}

function checkAccess({ destination, table }: ExportRequest, trial: WriteTrial): Check {
  const { bucket, bucketOwner } = destination;
  switch (trial.outcome) {
    case 'ALLOWED':
      return passed(
        'BUCKET_ACCESS',
        `The session that exports may write to "${bucket}": an upload was begun and aborted.`,
      );
    case 'DENIED': {
      const whose = bucketOwner === table.account ? '' : `, if it is account ${bucketOwner}'s`;
      const message = `The session that exports lacks ${trial.action} on the bucket "${bucket}"${whose}. S3: ${trial.message}`;
      return failed('BUCKET_ACCESS', 'S3_ACCESS_DENIED', message);
    }
    case 'REFUSED':
      return failedWith('BUCKET_ACCESS', trial.error);
    case 'UNANSWERED':
      return unanswered('BUCKET_ACCESS', trial.message);
    case 'NO_SUCH_KEY':
    case 'KEY_DENIED':
      return unknown('BUCKET_ACCESS', 'S3 looked at the encryption key first, and refused it.');
    default:
      return trial satisfies never;
  }
}

function checkEncryption({ destination }: ExportRequest, trial: WriteTrial): Check {
  const { algorithm, kmsKeyId } = destination.encryption;
  const key = `the key ${kmsKeyId ?? "aws/s3 of the bucket's account"}`;
  switch (trial.outcome) {
    case 'NO_SUCH_KEY':
      return failed('ENCRYPTION', 'KMS_NOT_FOUND', `S3 cannot use ${key}: ${trial.message}`);
    case 'KEY_DENIED':
      return failed('ENCRYPTION', 'KMS_ACCESS_DENIED', `The session that exports may not use ${key}: ${trial.message}`);
    case 'ALLOWED':
    case 'DENIED':
    case 'REFUSED':
    case 'UNANSWERED':
      if (algorithm === 'AES256') return passed('ENCRYPTION', 'S3 encrypts with keys that it manages.');
      if (trial.outcome === 'ALLOWED') return passed('ENCRYPTION', `S3 takes ${key}.`);
      return unknown('ENCRYPTION', `Whether S3 takes ${key} could not be tried.`);
    default:
      return trial satisfies never;
  }
}
