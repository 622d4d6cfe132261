import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type ObjectCannedACL,
  type S3Client,
} from '@aws-sdk/client-s3';
import { classifyAwsError, httpStatusOf } from '../aws-errors.ts';
import type { ExportRequest } from '../export-request.ts';
import { exportRootOf } from '../output-layout.ts';
import type { UserError } from '../user-errors.ts';

/** What S3 said to an attempt to begin writing as DynamoDB would. */
export type WriteTrial =
  | { readonly outcome: 'ALLOWED' }
  /** `action`: the first permission that is missing. */
  | { readonly outcome: 'DENIED'; readonly action: string; readonly message: string }
  | { readonly outcome: 'NO_SUCH_KEY' | 'KEY_DENIED'; readonly message: string }
  | { readonly outcome: 'REFUSED'; readonly error: UserError }
  | { readonly outcome: 'UNANSWERED'; readonly message: string };

const TRIAL_OBJECT = 'outport-preflight';
const OWNERS_ACL: ObjectCannedACL = 'bucket-owner-full-control';

/**
 * Begins a multipart upload where the export would go and aborts it, which needs every permission that the export needs
 * (facts §4.1) and writes no object: see docs/decisions/0020-ask-s3-itself.md.
 */
export async function tryWriting(
  s3: S3Client,
  { destination }: Pick<ExportRequest, 'destination'>,
): Promise<WriteTrial> {
  const { bucket, bucketOwner, encryption } = destination;
  const object = {
    Bucket: bucket,
    Key: `${exportRootOf(destination)}${TRIAL_OBJECT}`,
    ExpectedBucketOwner: bucketOwner,
  };
  const begin = async (ACL?: ObjectCannedACL) => {
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({
        ...object,
        ACL,
        ServerSideEncryption: encryption.algorithm === 'KMS' ? 'aws:kms' : 'AES256',
        SSEKMSKeyId: encryption.kmsKeyId ?? undefined,
      }),
    );
    return attempt('s3:AbortMultipartUpload', () => s3.send(new AbortMultipartUploadCommand({ ...object, UploadId })));
  };
  const whole = await attempt('s3:PutObject', () => begin(OWNERS_ACL));
  if (whole.outcome !== 'DENIED' || whole.action !== 's3:PutObject') return whole;
  // S3 does not tell a caller from another account which of the two it lacks.
  const withoutAcl = await attempt('s3:PutObject', () => begin());
  const mayPut =
    withoutAcl.outcome === 'ALLOWED' || (withoutAcl.outcome === 'DENIED' && withoutAcl.action !== whole.action);
  return mayPut ? { ...whole, action: 's3:PutObjectAcl' } : whole;
}

async function attempt(action: string, call: () => Promise<WriteTrial | object>): Promise<WriteTrial> {
  try {
    const answer = await call();
    return 'outcome' in answer ? answer : { outcome: 'ALLOWED' };
  } catch (error) {
    const failure = classifyAwsError(error);
    if (failure.kind === 'RETRYABLE') return { outcome: 'UNANSWERED', message: failure.message };
    const { message } = failure.error;
    if (error instanceof Error && /^KMS\./.test(error.name)) return { outcome: 'NO_SUCH_KEY', message };
    if (httpStatusOf(error) !== 403) return { outcome: 'REFUSED', error: failure.error };
    return /\bkms:/.test(message) ? { outcome: 'KEY_DENIED', message } : { outcome: 'DENIED', action, message };
  }
}
