import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, ObjectType } from 'type-graphql';
import type { ErrorCode } from '../records/error-codes.ts';
import type { ExportTableInput as Input } from '../services/export-request.ts';
import type { FilterSpecificationInput as Filter } from '../services/filter-specification.ts';
import type { IncrementalExportInput as Incremental } from '../services/incremental-window.ts';
import type { UserError } from '../services/user-errors.ts';
import { EncryptionAlgorithm, ErrorCodes, ExportFormat, ExportType, ExportViewType } from './enums.ts';
import { Export } from './export-types.ts';
import { ExceededLimit, WhenFull } from './limit-types.ts';

@InputType({ description: 'How the files shall be encrypted.' })
export class EncryptionInput {
  @Field(() => EncryptionAlgorithm, { description: "DynamoDB's `S3SseAlgorithm`." })
  algorithm!: 'AES256' | 'KMS';

  @Field(() => String, {
    nullable: true,
    description:
      "Key id, ARN or alias, only with KMS; a key of the bucket's Region. Left out: the AWS managed key `aws/s3`.",
  })
  kmsKeyId?: string | null;
}

@InputType({ description: 'Where the export shall be written.' })
export class ExportDestinationInput {
  @Field({ description: 'Name of the bucket.' })
  bucket!: string;

  @Field(() => String, {
    nullable: true,
    description: "The 12-digit account that owns the bucket. Left out: the table's account.",
  })
  bucketOwner?: string | null;

  @Field(() => String, { nullable: true, description: 'What the keys shall start with, at most 1,024 bytes.' })
  prefix?: string | null;

  @Field(() => EncryptionInput, { nullable: true, description: 'Left out: AES256.' })
  encryption?: EncryptionInput | null;
}

@InputType({ description: 'The window of an incremental export: 15 minutes to 24 hours, inside the recovery window.' })
export class IncrementalExportInput implements Incremental {
  @Field(() => GraphQLDateTime, { description: 'Changes from this whole second on.' })
  exportFromTime!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Changes before this whole second. Left out: as far as DynamoDB has them.',
  })
  exportToTime?: Date | null;

  @Field(() => ExportViewType, {
    defaultValue: ExportViewType.NEW_AND_OLD_IMAGES,
    description: 'What of each changed item.',
  })
  exportViewType!: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';
}

const expression = (description: string) => Field(() => String, { nullable: true, description });

@InputType({
  description:
    "DynamoDB's `FilterSpecification`: at least one expression. AWS bills what is read, which only a key condition reduces.",
})
export class FilterSpecificationInput implements Filter {
  @expression('Which items, by the rules of Scan; at most 4 KB.')
  filterExpression?: string | null;

  @expression('Which attributes; at most 4 KB.')
  projectionExpression?: string | null;

  @expression('Items of one partition key, by the rules of Query; at most 4 KB.')
  keyConditionExpression?: string | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: 'Attribute names, such as `{"#s": "status"}`.' })
  expressionAttributeNames?: Record<string, unknown> | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Values as DynamoDB JSON, such as `{":open": {"S": "OPEN"}}`; binary values as base64.',
  })
  expressionAttributeValues?: Record<string, unknown> | null;
}

@InputType({ description: 'A request for an export.' })
export class ExportTableInput implements Input {
  @Field({
    description:
      'Makes the request happen once: the same person, token and input always give the same export. 1 to 64 characters without `$`, such as a UUID. It never expires.',
  })
  clientToken!: string;

  @Field({ description: 'ARN of the table: `arn:aws:dynamodb:<region>:<account>:table/<name>`.' })
  tableArn!: string;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'The point in time of a full export, a whole second of the recovery window. Left out: now.',
  })
  exportTime?: Date | null;

  @Field(() => ExportFormat, { defaultValue: ExportFormat.DYNAMODB_JSON, description: 'Format of the data files.' })
  exportFormat!: 'DYNAMODB_JSON' | 'ION';

  @Field(() => ExportType, { nullable: true, description: 'Left out: FULL_EXPORT.' })
  exportType?: 'FULL_EXPORT' | 'INCREMENTAL_EXPORT' | null;

  @Field(() => IncrementalExportInput, { nullable: true, description: 'Of an INCREMENTAL_EXPORT, and only of one.' })
  incrementalExport?: IncrementalExportInput | null;

  @Field(() => FilterSpecificationInput, { nullable: true, description: 'Left out: every item, whole.' })
  filter?: FilterSpecificationInput | null;

  @Field(() => ExportDestinationInput, { description: 'Where to.' })
  destination!: ExportDestinationInput;

  @Field(() => WhenFull, {
    defaultValue: WhenFull.QUEUE,
    description:
      'What to do when a limit leaves no room. The same token and input give the same export whatever it says.',
  })
  whenFull!: 'QUEUE' | 'REFUSE';
}

@ObjectType({ description: 'Something that the caller can put right.' })
export class ExportUserError implements UserError {
  @Field(() => ErrorCodes, { description: 'Stable code.' })
  code!: ErrorCode;

  @Field(() => [String], {
    nullable: true,
    description:
      'Path of the input field at fault, such as `["input", "destination", "bucket"]`; null when no single one is.',
  })
  field!: readonly string[] | null;

  @Field({ description: 'What is wrong, in the words of AWS where AWS said it.' })
  message!: string;

  @Field({ description: 'What a person can do.' })
  remedy!: string;

  @Field(() => ExceededLimit, {
    nullable: true,
    description: 'Of LIMIT_EXCEEDED and QUEUE_FULL: the limit, and what of it is in use.',
  })
  limit?: ExceededLimit;
}

@ObjectType({ description: 'What became of a request for an export.' })
export class ExportTablePayload {
  @Field(() => Export, {
    nullable: true,
    description: 'The export, unless the request was refused. One that DynamoDB refused is here too, FAILED.',
  })
  export!: Export | null;

  @Field({ description: 'True when the export was there already, by the same client token and input.' })
  replayed!: boolean;

  @Field(() => [ExportUserError], {
    description: 'Everything that is wrong with the request, at once; empty when nothing is.',
  })
  userErrors!: readonly ExportUserError[];
}
