import { parseRequest } from '../dynalite.ts';
import { accessDenied, invalidRequest, validationError } from '../errors.ts';
import { parseArn, tableNameIn } from '../table-arn.ts';
import { checkFilter, type FilterSpecification } from './filter.ts';
import { checkIncremental, type IncrementalSpecification } from './incremental-window.ts';

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
  readonly FilterSpecification?: FilterSpecification;
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
