import { createHash } from 'node:crypto';
import type { ErrorCode } from '../records/error-codes.ts';
import type { Destination } from '../records/export-records.ts';
import { parseTableArn, type TableArn } from './table-arn.ts';
import { type UserError, userError } from './user-errors.ts';

/** What a caller sends, typed as GraphQL guarantees it and no further. */
export interface ExportTableInput {
  readonly clientToken: string;
  readonly tableArn: string;
  readonly exportTime?: Date | null;
  readonly exportFormat: 'DYNAMODB_JSON' | 'ION';
  readonly destination: {
    readonly bucket: string;
    readonly bucketOwner?: string | null;
    readonly prefix?: string | null;
    readonly encryption?: { readonly algorithm: 'AES256' | 'KMS'; readonly kmsKeyId?: string | null } | null;
  };
}

/** A request whose every field is valid and whose every default is filled in. */
export interface ExportRequest {
  readonly clientToken: string;
  readonly table: TableArn;
  /** ISO 8601, a whole second; null: the table as it is when DynamoDB takes the request. */
  readonly exportTime: string | null;
  readonly exportFormat: 'DYNAMODB_JSON' | 'ION';
  readonly exportType: 'FULL_EXPORT';
  readonly destination: Destination & { readonly bucketOwner: string };
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: UserError[] };

/** DynamoDB's pattern, and long enough for a UUID with a prefix or a SHA-256 in hexadecimal. */
const CLIENT_TOKEN = /^[^$]{1,64}$/;
/** S3's rules for new buckets. DynamoDB's own pattern also lets upper case pass, and then fails with S3NoSuchBucket. */
const BUCKET = /^(?!\d{1,3}(?:\.\d{1,3}){3}$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const ACCOUNT = /^\d{12}$/;
const PREFIX_BYTES_MAX = 1024;
const KMS_KEY_ID = /^[\w:/-]{1,2048}$/;

/** Parses an input into a request that cannot be wrong by itself, or names everything that is wrong with it, at once. */
export function parseExportRequest(input: ExportTableInput): Parsed<ExportRequest> {
  const errors: UserError[] = [];
  const check = (valid: boolean, code: ErrorCode, message: string, ...path: string[]) => {
    if (!valid) errors.push(userError(code, message, ['input', ...path]));
  };
  const { clientToken, exportTime, exportFormat, destination } = input;
  const { bucket, bucketOwner, prefix } = destination;
  const encryption = destination.encryption ?? { algorithm: 'AES256' };
  const table = parseTableArn(input.tableArn);

  check(CLIENT_TOKEN.test(clientToken), 'INVALID_CLIENT_TOKEN', 'The client token is not valid.', 'clientToken');
  check(table !== null, 'INVALID_TABLE_ARN', 'tableArn is not the ARN of a table.', 'tableArn');
  check(
    !exportTime || exportTime.getUTCMilliseconds() === 0,
    'INVALID_EXPORT_TIME',
    'exportTime is not a whole second.',
    'exportTime',
  );
  check(BUCKET.test(bucket), 'INVALID_BUCKET', 'The bucket name is not valid.', 'destination', 'bucket');
  check(
    bucketOwner == null || ACCOUNT.test(bucketOwner),
    'INVALID_BUCKET_OWNER',
    'bucketOwner is not an account id.',
    'destination',
    'bucketOwner',
  );
  check(isPrefix(prefix ?? ''), 'INVALID_PREFIX', 'The prefix is not valid.', 'destination', 'prefix');
  check(
    encryption.kmsKeyId == null || (encryption.algorithm === 'KMS' && KMS_KEY_ID.test(encryption.kmsKeyId)),
    'INVALID_ENCRYPTION',
    encryption.algorithm === 'KMS'
      ? 'kmsKeyId is not a key id, ARN or alias.'
      : 'kmsKeyId is not supported for the algorithm AES256.',
    'destination',
    'encryption',
  );

  if (table === null || errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    value: {
      clientToken,
      table,
      exportTime: exportTime ? `${exportTime.toISOString().slice(0, 19)}Z` : null,
      exportFormat,
      exportType: 'FULL_EXPORT',
      destination: {
        bucket,
        bucketOwner: bucketOwner ?? table.account,
        prefix: prefix || null,
        encryption: { algorithm: encryption.algorithm, kmsKeyId: encryption.kmsKeyId ?? null },
      },
    },
  };
}

function isPrefix(prefix: string): boolean {
  return (
    Buffer.byteLength(prefix) <= PREFIX_BYTES_MAX &&
    !prefix.startsWith('/') &&
    !/\p{Cc}/u.test(prefix) &&
    !prefix.split('/').some((segment) => segment === '.' || segment === '..')
  );
}

/** The request as one line of JSON, fields in a fixed order and without the token: what was asked, for audit and hash. */
export function canonicalInput({ table, exportTime, exportFormat, exportType, destination }: ExportRequest): string {
  const { bucket, bucketOwner, prefix, encryption } = destination;
  const { algorithm, kmsKeyId } = encryption;
  return JSON.stringify({
    tableArn: table.arn,
    exportTime,
    exportFormat,
    exportType,
    destination: { bucket, bucketOwner, prefix, encryption: { algorithm, kmsKeyId } },
  });
}

export const inputHash = (request: ExportRequest): string =>
  createHash('sha256').update(canonicalInput(request)).digest('hex');
