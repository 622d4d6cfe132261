import type { ErrorCode } from '../records/error-codes.ts';
import type { ExceededLimit } from './admission.ts';

/** What a person can do about each error. */
export const REMEDIES: Readonly<Record<ErrorCode, string>> = {
  INVALID_CLIENT_TOKEN:
    'Send 1 to 64 characters without "$", new for every export that you mean to start, such as a UUID.',
  INVALID_TABLE_ARN:
    'Send the full ARN of a table, as DescribeTable returns it: arn:aws:dynamodb:<region>:<account>:table/<name>.',
  INVALID_EXPORT_TIME:
    'Send a whole second inside the recovery window (DescribeContinuousBackups shows it), or leave exportTime out to export the table as it is now.',
  INVALID_EXPORT_TYPE:
    'Send exportType INCREMENTAL_EXPORT together with incrementalExport, and exportTime only for a full export.',
  INVALID_EXPORT_WINDOW:
    'Send whole seconds, 15 minutes to 24 hours apart, inside the recovery window and after the table was created.',
  INVALID_FILTER:
    'Send expressions as Query and Scan take them, with every #name and :value that they use defined, and no other.',
  INVALID_BUCKET:
    'Send the name of a bucket, not its ARN or address: 3 to 63 lower-case letters, digits, dots and hyphens.',
  INVALID_BUCKET_OWNER: 'Send the 12-digit id of the account that owns the bucket.',
  INVALID_PREFIX:
    'Send at most 1,024 bytes, without control characters, "." or ".." as a path segment, or a leading "/".',
  INVALID_ENCRYPTION: 'Send kmsKeyId (a key id, ARN or alias) only together with the algorithm KMS.',
  CLIENT_TOKEN_REUSED:
    'Send a new clientToken to start another export, or repeat the first request unchanged to get its export.',
  PERMISSION_DENIED: 'Ask the platform team for a policy that permits this action on this resource.',
  DESTINATION_NOT_ALLOWED: 'Send a destination that you may use.',
  LIMIT_EXCEEDED: 'Send the same request again later, or with whenFull: QUEUE, to be started when there is room.',
  QUEUE_FULL: 'Send the same request again when some of them have been started, or cancel those that are not wanted.',
  NO_SUCH_EXPORT: 'Check the id: it is the one that exportTable returned, of an export that you may see.',
  EXPORT_NOT_CANCELABLE:
    'Nothing stops an export that DynamoDB was asked for. If its files are not wanted, delete them when it has ended.',
  TABLE_NOT_FOUND: 'Check the name, account and Region in the ARN; the table must exist and be ACTIVE.',
  POINT_IN_TIME_RECOVERY_UNAVAILABLE:
    'Turn point-in-time recovery on for the table (UpdateContinuousBackups); exports reach back to that moment.',
  ACCOUNT_ACCESS_DENIED:
    "Deploy Outport's export role into the table's account, and let it read and export this table.",
  S3_NO_SUCH_BUCKET: 'Create the bucket, or correct its name.',
  S3_ACCESS_DENIED:
    "Send bucketOwner if the bucket belongs to another account than the table, and let the bucket's policy grant Outport's export role s3:ListBucket, s3:GetObject, s3:PutObject, s3:PutObjectAcl and s3:AbortMultipartUpload.",
  BUCKET_OWNER_MISMATCH: 'Send the id of the account that owns the bucket as bucketOwner, or correct the bucket.',
  KMS_NOT_FOUND: "Name a key that exists in the bucket's Region.",
  KMS_ACCESS_DENIED:
    "Let the key's policy, and the policy of Outport's export role, grant kms:GenerateDataKey and kms:Decrypt.",
  AWS_UNAVAILABLE: 'Send the same request again, with the same clientToken.',
  EXPORT_REJECTED: 'Correct what the message names and send the request with a new clientToken.',
  EXPORT_FAILED: 'Read the message, remove the cause and send the request with a new clientToken.',
  QUEUE_DEADLINE_EXCEEDED:
    'Send the request with a new clientToken when fewer exports are running in the account and Region.',
  START_DEADLINE_EXCEEDED:
    'Check that DynamoDB is reachable in the Region, then send the request with a new clientToken.',
  EXPORT_DEADLINE_EXCEEDED: 'Look the export up with DescribeExport; Outport no longer follows it.',
  EXPORT_NOT_FOUND: 'DynamoDB no longer knows this export. Send the request with a new clientToken.',
  EXPORT_NOT_FAILED: 'Ask for another export with exportTable, or retry this one after it has FAILED.',
  EXPORT_NOT_COMPLETED: 'Wait until the export is COMPLETED; until then there is nothing whole to verify.',
  EXPORT_DATA_UNREADABLE:
    'Look for the files in the bucket: they may have been moved, changed or deleted since. verifyExport says which; if they are gone, export again.',
  INVALID_SCHEDULE:
    'Send windowMinutes of 15 to 1,440 (24 hours), fullEveryDays of 1 to 365 or none, and a prefix of at most 900 bytes.',
  TOO_MANY_SCHEDULES: 'Use one of the schedules that the table has, or delete those that nobody needs.',
  NO_SUCH_SCHEDULE: 'Check the id: it is the one that createSchedule returned, of a schedule that you may see.',
  RECOVERY_WINDOW_MOVED:
    'Nothing brings these changes back; the schedule begins again with a full export. Keep point-in-time recovery on, and its period long enough.',
  VERIFICATION_FAILED:
    'Do not use these files: they differ from what DynamoDB reported. Export again, to a prefix that nothing else writes to.',
};

export interface UserError {
  readonly code: ErrorCode;
  /** Path of the input field at fault, such as `['input', 'destination', 'bucket']`; null when no single field is. */
  readonly field: readonly string[] | null;
  /** What is wrong: AWS's own words where AWS said it. */
  readonly message: string;
  readonly remedy: string;
  /** Of LIMIT_EXCEEDED and QUEUE_FULL: the limit, what of it is in use, and when to try again. */
  readonly limit?: ExceededLimit;
}

export const userError = (code: ErrorCode, message: string, field: readonly string[] | null = null): UserError => ({
  code,
  field,
  message,
  remedy: REMEDIES[code],
});
