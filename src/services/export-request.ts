import { createHash } from 'node:crypto';
import type { ErrorCode } from '../records/error-codes.ts';
import type { Destination, FilterSpecification, IncrementalExport } from '../records/export-records.ts';
import { type FilterSpecificationInput, parseFilter } from './filter-specification.ts';
import {
  type IncrementalExportInput,
  incrementalExportOf,
  isWholeSecond,
  wholeSecond,
  windowLengthProblem,
} from './incremental-window.ts';
import { parseTableArn, type TableArn } from './table-arn.ts';
import { type UserError, userError } from './user-errors.ts';

/** What a caller sends, typed as GraphQL guarantees it and no further. */
export interface ExportTableInput {
  readonly clientToken: string;
  readonly tableArn: string;
  readonly exportTime?: Date | null;
  readonly exportFormat: 'DYNAMODB_JSON' | 'ION';
  /** Left out: a full export. */
  readonly exportType?: 'FULL_EXPORT' | 'INCREMENTAL_EXPORT' | null;
  readonly incrementalExport?: IncrementalExportInput | null;
  readonly filter?: FilterSpecificationInput | null;
  /** What to do when a limit leaves no room. No part of what makes two requests the same. Left out: QUEUE. */
  readonly whenFull?: 'QUEUE' | 'REFUSE';
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
  readonly exportType: 'FULL_EXPORT' | 'INCREMENTAL_EXPORT';
  readonly incrementalExport: IncrementalExport | null;
  readonly filter: FilterSpecification | null;
  readonly destination: Destination & { readonly bucketOwner: string };
  /** The failed export that this asks for again, by its id; null for a request of its own. */
  readonly retryOf: string | null;
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
  const { clientToken, exportTime, exportFormat, exportType, incrementalExport, destination } = input;
  const { bucket, bucketOwner, prefix } = destination;
  const encryption = destination.encryption ?? { algorithm: 'AES256' };
  const table = parseTableArn(input.tableArn);
  const filter = input.filter ? parseFilter(input.filter) : null;

  check(CLIENT_TOKEN.test(clientToken), 'INVALID_CLIENT_TOKEN', `"${clientToken}" is no client token.`, 'clientToken');
  check(table !== null, 'INVALID_TABLE_ARN', `"${input.tableArn}" is not the ARN of a table.`, 'tableArn');
  check(
    !exportTime || isWholeSecond(exportTime),
    'INVALID_EXPORT_TIME',
    `${exportTime?.toISOString()} is not a whole second.`,
    'exportTime',
  );
  errors.push(...incrementalErrors(input));
  if (filter !== null && 'problem' in filter) check(false, 'INVALID_FILTER', filter.problem, 'filter');
  check(BUCKET.test(bucket), 'INVALID_BUCKET', `"${bucket}" is not the name of a bucket.`, 'destination', 'bucket');
  check(
    bucketOwner == null || ACCOUNT.test(bucketOwner),
    'INVALID_BUCKET_OWNER',
    `"${bucketOwner}" is not the id of an account.`,
    'destination',
    'bucketOwner',
  );
  check(isPrefix(prefix ?? ''), 'INVALID_PREFIX', `"${prefix}" is not a valid prefix.`, 'destination', 'prefix');
  check(
    encryption.kmsKeyId == null || (encryption.algorithm === 'KMS' && KMS_KEY_ID.test(encryption.kmsKeyId)),
    'INVALID_ENCRYPTION',
    encryption.algorithm === 'KMS'
      ? `"${encryption.kmsKeyId}" is not a key id, ARN or alias.`
      : `The key "${encryption.kmsKeyId}" is not supported for the algorithm AES256.`,
    'destination',
    'encryption',
  );

  if (table === null || errors.length > 0 || (filter !== null && 'problem' in filter)) return { ok: false, errors };
  return {
    ok: true,
    value: {
      clientToken,
      table,
      exportTime: exportTime ? wholeSecond(exportTime) : null,
      exportFormat,
      exportType: exportType ?? 'FULL_EXPORT',
      incrementalExport: incrementalExport ? incrementalExportOf(incrementalExport) : null,
      filter,
      destination: {
        bucket,
        bucketOwner: bucketOwner ?? table.account,
        prefix: prefix || null,
        encryption: { algorithm: encryption.algorithm, kmsKeyId: encryption.kmsKeyId ?? null },
      },
      retryOf: null,
    },
  };
}

/** What is wrong with type and window together, in DynamoDB's words (facts §1.6). */
function incrementalErrors({ exportType, exportTime, incrementalExport }: ExportTableInput): UserError[] {
  const window = (message: string) => userError('INVALID_EXPORT_WINDOW', message, ['input', 'incrementalExport']);
  const type = (message: string) => userError('INVALID_EXPORT_TYPE', message, ['input', 'exportType']);
  if (exportType === 'INCREMENTAL_EXPORT') {
    if (exportTime) return [type('exportTime is not supported for an incremental export.')];
    if (!incrementalExport) {
      const message = 'Incremental Export Specification expected when export type is set as Incremental Export';
      return [type(`Invalid Request: ${message}`)];
    }
  } else if (incrementalExport) {
    const message = exportType
      ? 'When Export Type is Full Export , Incremental Export Specification should not be provided'
      : 'Export Type expected to be Incremental Export when incremental export specification is provided';
    return [type(`Invalid Request: ${message}`)];
  }
  if (!incrementalExport) return [];
  const { exportFromTime, exportToTime } = incrementalExport;
  const times = exportToTime ? [exportFromTime, exportToTime] : [exportFromTime];
  const fractions = times.filter((time) => !isWholeSecond(time));
  if (fractions.length > 0) return fractions.map((time) => window(`${time.toISOString()} is not a whole second.`));
  const problem = exportToTime ? windowLengthProblem(exportFromTime, exportToTime) : null;
  return problem === null ? [] : [window(problem)];
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
export function canonicalInput(request: ExportRequest): string {
  const { table, exportTime, exportFormat, exportType, incrementalExport, filter, destination, retryOf } = request;
  const { bucket, bucketOwner, prefix, encryption } = destination;
  const { algorithm, kmsKeyId } = encryption;
  return JSON.stringify({
    tableArn: table.arn,
    exportTime,
    exportFormat,
    exportType,
    ...(incrementalExport && { incrementalExport }),
    ...(filter && { filter }),
    destination: { bucket, bucketOwner, prefix, encryption: { algorithm, kmsKeyId } },
    ...(retryOf !== null && { retryOf }),
  });
}

export const inputHash = (request: ExportRequest): string =>
  createHash('sha256').update(canonicalInput(request)).digest('hex');
