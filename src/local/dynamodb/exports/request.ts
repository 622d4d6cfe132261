import validations from 'dynalite/validations/index.js';
import { parseRequest } from '../dynalite.ts';
import { accessDenied, invalidExportTime, invalidRequest, validationError } from '../errors.ts';
import { parseArn, tableNameIn } from '../table-arn.ts';

interface IncrementalSpecification {
  /** Epoch seconds. */
  readonly ExportFromTime?: number;
  readonly ExportToTime?: number;
  readonly ExportViewType?: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';
}

/** The members of ExportTableToPointInTime as they were sent. */
export interface ExportTableRequest {
  readonly TableArn: string;
  readonly S3Bucket: string;
  readonly ExportTime?: number;
  readonly ClientToken?: string;
  readonly S3BucketOwner?: string;
  readonly S3Prefix?: string;
  readonly S3SseAlgorithm?: 'AES256' | 'KMS';
  readonly S3SseKmsKeyId?: string;
  readonly ExportFormat?: 'DYNAMODB_JSON' | 'ION';
  readonly ExportType?: 'FULL_EXPORT' | 'INCREMENTAL_EXPORT';
  readonly IncrementalExportSpecification?: IncrementalSpecification;
  readonly FilterSpecification?: object;
}

const bucketLength = { type: 'String', lengthLessThanOrEqual: 255 };

const exportRules: Dynalite.Validation = {
  types: {
    TableArn: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 1024 },
    S3Bucket: { ...bucketLength, notNull: true, regex: '^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$' },
    ExportTime: { type: 'Double' },
    ClientToken: { type: 'String', regex: '^[^\\$]+$' },
    S3BucketOwner: { type: 'String', regex: '[0-9]{12}' },
    S3Prefix: { type: 'String', lengthLessThanOrEqual: 1024 },
    S3SseAlgorithm: { type: 'String', enum: ['AES256', 'KMS'] },
    S3SseKmsKeyId: { type: 'String', lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 2048 },
    ExportFormat: { type: 'String', enum: ['DYNAMODB_JSON', 'ION'] },
    ExportType: { type: 'String', enum: ['FULL_EXPORT', 'INCREMENTAL_EXPORT'] },
    IncrementalExportSpecification: {
      type: 'FieldStruct<IncrementalExportSpecification>',
      children: {
        ExportFromTime: { type: 'Double' },
        ExportToTime: { type: 'Double' },
        ExportViewType: { type: 'String', enum: ['NEW_IMAGE', 'NEW_AND_OLD_IMAGES'] },
      },
    },
    FilterSpecification: {
      type: 'FieldStruct<FilterSpecification>',
      children: {
        FilterExpression: { type: 'String' },
        ProjectionExpression: { type: 'String' },
        KeyConditionExpression: { type: 'String' },
        ExpressionAttributeNames: { type: 'Map<java.lang.String>', children: 'String' },
        ExpressionAttributeValues: { type: 'Map<AttributeValue>', children: 'AttrStruct<ValueStruct>' },
      },
    },
  },
};

/** A key id, multi-Region key id, alias, or the ARN of a key or an alias. */
const KMS_KEY =
  /^(arn:[\w-]+:kms:[\w-]+:\d{12}:)?(key\/)?([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias\/[\w/-]+)$/i;

/**
 * Checks everything of a request that can be checked without looking at tables, in DynamoDB's words (facts §1.6).
 * @returns the request and the name of the table that its ARN speaks of
 */
export function parseExportRequest(
  data: object,
  accountId: string,
): { request: ExportTableRequest; tableName: string } {
  // Apart and first: the pattern of bucket names takes cubic time, which the length bounds.
  if ('S3Bucket' in data) parseRequest({ S3Bucket: data.S3Bucket }, { types: { S3Bucket: bucketLength } });
  const request = parseRequest<ExportTableRequest>({ ...data }, exportRules);
  const tableName = tableNameOf(request.TableArn, accountId);
  checkEncryption(request);
  checkIncremental(request);
  if (request.FilterSpecification) checkFilter(request.FilterSpecification);
  return { request, tableName };
}

/** The Region in the ARN is not looked at: the name means a table of the endpoint's Region. */
function tableNameOf(text: string, accountId: string): string {
  const arn = parseArn(text);
  if (!arn) throw validationError('One or more parameter values were invalid: tableArn is not a valid ARN');
  if (arn.accountId !== accountId) throw accessDenied();
  const name = arn.service === 'dynamodb' ? tableNameIn(arn.resource) : undefined;
  if (!name) throw invalidRequest('Table ARN is invalid.');
  return name;
}

function checkEncryption({ S3SseAlgorithm, S3SseKmsKeyId: key }: ExportTableRequest): void {
  if (key === undefined) return;
  if (S3SseAlgorithm !== 'KMS') throw invalidRequest('KMS Key Id is not supported for this encryption type');
  if (!KMS_KEY.test(key)) {
    throw invalidRequest(
      `1 validation error detected: Value '${key}' at 's3SseKmsKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ${KMS_KEY.source}`,
    );
  }
}

function checkIncremental({ ExportType, IncrementalExportSpecification: specification }: ExportTableRequest): void {
  if (specification && ExportType === undefined) {
    throw invalidRequest(
      'Export Type expected to be Incremental Export when incremental export specification is provided',
    );
  }
  if (specification && ExportType === 'FULL_EXPORT') {
    throw invalidRequest('When Export Type is Full Export , Incremental Export Specification should not be provided');
  }
  if (ExportType !== 'INCREMENTAL_EXPORT') return;
  if (!specification) {
    throw invalidRequest('Incremental Export Specification expected when export type is set as Incremental Export');
  }
  if (specification.ExportFromTime === undefined) {
    throw invalidRequest('ExportFromTime must be provided in IncrementalExportSpecification');
  }
}

function checkFilter(specification: object): void {
  if (Object.keys(specification).length === 0) {
    throw invalidRequest('Invalid FilterSpecification: The specification can not be empty');
  }
  const violation = validations.validateExpressions({ ...specification });
  if (violation) throw invalidRequest(`Invalid FilterSpecification: ${violation}`);
}

const INCREMENTAL_WINDOW_SECONDS_MIN = 15 * 60;
const INCREMENTAL_WINDOW_SECONDS_MAX = 24 * 3600;

/** The first check of an incremental export's window, which comes before the one for recovery. */
export function checkFromTime(
  { IncrementalExportSpecification: specification }: ExportTableRequest,
  createdMs: number,
) {
  const from = specification?.ExportFromTime;
  if (from === undefined || from * 1000 >= createdMs) return;
  throw invalidExportTime(
    `Incremental export period from time cannot be less than the table creation time : ${inSeconds(from)}`,
  );
}

export function checkWindow(
  { IncrementalExportSpecification: specification }: ExportTableRequest,
  nowMs: number,
): void {
  if (specification?.ExportFromTime === undefined) return;
  const { ExportFromTime: from, ExportToTime: to = nowMs / 1000 } = specification;
  if (to * 1000 > nowMs) {
    throw invalidExportTime(
      `Incremental export period to time cannot be greater than the current time : ${inSeconds(to)}`,
    );
  }
  if (to - from < INCREMENTAL_WINDOW_SECONDS_MIN) {
    throw invalidExportTime(
      'Difference between export period from time and export period to time is less than 15 minutes',
    );
  }
  if (to - from > INCREMENTAL_WINDOW_SECONDS_MAX) {
    throw invalidExportTime(
      'Difference between export period from time and export period to time is greater than 24 hours',
    );
  }
}

/** Numbers beyond the calendar have no such form and are shown as they were sent. */
function inSeconds(epochSeconds: number): string {
  const time = new Date(epochSeconds * 1000);
  return Number.isNaN(time.getTime()) ? String(epochSeconds) : `${time.toISOString().slice(0, 19)}Z`;
}

/** Refuses what DynamoDB can export and this version cannot, instead of writing something else. */
export function refuseUnavailable({ ExportType, ExportFormat, FilterSpecification }: ExportTableRequest): void {
  const unavailable =
    ExportType === 'INCREMENTAL_EXPORT'
      ? 'INCREMENTAL_EXPORT. Use FULL_EXPORT with the ExportTime of each state you need'
      : ExportFormat === 'ION'
        ? 'the format ION. Use DYNAMODB_JSON'
        : FilterSpecification
          ? 'FilterSpecification. Export the whole table and filter its lines'
          : undefined;
  if (unavailable) throw validationError(`This version of Outport's local DynamoDB cannot export ${unavailable}.`);
}
