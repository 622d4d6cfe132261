import { GraphQLDateTime, GraphQLJSONObject, GraphQLSafeInt } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { ErrorCode } from '../records/error-codes.ts';
import type {
  Destination,
  ExportRecord,
  Failure as FailureRecord,
  FilterSpecification as FilterRecord,
  IncrementalExport as IncrementalRecord,
  Progress,
  Requester,
  Verification as VerificationRecord,
} from '../records/export-records.ts';
import {
  EncryptionAlgorithm,
  ErrorCodes,
  ExportFormat,
  ExportSource,
  ExportStatus,
  ExportType,
  ExportViewType,
  VerificationStatus,
} from './enums.ts';

@ObjectType({ description: 'A person, as their token named them when they asked.' })
export class Person implements Requester {
  @Field({ description: 'The OpenID Connect issuer that vouches for them.' })
  issuer!: string;

  @Field({ description: "The issuer's identifier for them (`sub`)." })
  subject!: string;

  @Field(() => String, { nullable: true, description: 'Their name, if the token had one.' })
  name!: string | null;

  @Field(() => [String], { description: 'The teams they belonged to.' })
  teams!: readonly string[];
}

@ObjectType({ description: 'How the files in the bucket are encrypted.' })
export class Encryption {
  @Field(() => EncryptionAlgorithm, { description: "DynamoDB's `S3SseAlgorithm`." })
  algorithm!: 'AES256' | 'KMS';

  @Field(() => String, {
    nullable: true,
    description: "DynamoDB's `S3SseKmsKeyId`: key id, ARN or alias, as it was given.",
  })
  kmsKeyId!: string | null;
}

@ObjectType({ description: 'Where an export is written.' })
export class ExportDestination implements Destination {
  @Field({ description: 'Name of the bucket.' })
  bucket!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The 12-digit account that must own the bucket. Null for adopted exports that named none.',
  })
  bucketOwner!: string | null;

  @Field(() => String, { nullable: true, description: 'What the keys start with, before `/AWSDynamoDB/`.' })
  prefix!: string | null;

  @Field(() => Encryption, { description: 'How the files are encrypted.' })
  encryption!: Encryption;
}

@ObjectType({ description: 'The window of an incremental export.' })
export class IncrementalExport implements IncrementalRecord {
  @Field(() => GraphQLDateTime, { description: 'Changes from this second on.' })
  exportFromTime!: string;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Changes before this second: where the next window begins. Null until DynamoDB has said so.',
  })
  exportToTime!: string | null;

  @Field(() => ExportViewType, { description: 'What of each changed item.' })
  exportViewType!: IncrementalRecord['exportViewType'];
}

const expression = (description: string) => Field(() => String, { nullable: true, description });

@ObjectType({ description: "DynamoDB's `FilterSpecification`, as it was sent." })
export class FilterSpecification implements FilterRecord {
  @expression('Which items.')
  filterExpression!: string | null;

  @expression('Which attributes.')
  projectionExpression!: string | null;

  @expression('Items of which partition key.')
  keyConditionExpression!: string | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: 'Attribute names by their placeholders.' })
  expressionAttributeNames!: Readonly<Record<string, string>> | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Values by their placeholders, as DynamoDB JSON; binary values as base64.',
  })
  expressionAttributeValues!: Readonly<Record<string, unknown>> | null;
}

@ObjectType({
  description: 'What has been written so far, counted in the bucket. DynamoDB itself reports no progress.',
})
export class ExportProgress implements Progress {
  @Field(() => Int, { description: 'Data files in the bucket.' })
  filesWritten!: number;

  @Field(() => GraphQLSafeInt, { description: 'Their size in bytes, compressed.' })
  bytesWritten!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'An estimate: of the bytes that past exports of the table let expect, 0 to 99 while it runs and 100 when it is COMPLETED. Null while there are none to go by.',
  })
  estimatedPercent!: number | null;
}

@ObjectType({ description: 'Why an export failed, and what to do about it.' })
export class Failure implements FailureRecord {
  @Field(() => ErrorCodes, { description: 'Stable code.' })
  code!: ErrorCode;

  @Field({ description: 'What is wrong, in the words of AWS where AWS said it.' })
  message!: string;

  @Field({ description: 'What a person can do.' })
  remedy!: string;
}

@ObjectType({ description: 'What the latest check of the finished files against their manifests found.' })
export class Verification implements VerificationRecord {
  @Field(() => VerificationStatus, { description: 'The result.' })
  status!: VerificationRecord['status'];

  @Field({ description: 'Whether the files were read, rather than what S3 and the manifests say of them compared.' })
  deep!: boolean;

  @Field(() => GraphQLDateTime, { description: 'When it was checked, or how far it had come was last told.' })
  checkedAt!: string;

  @Field(() => Int, { description: 'Data files checked, so far.' })
  filesChecked!: number;

  @Field(() => GraphQLSafeInt, { description: 'Their size in bytes, compressed.' })
  bytesChecked!: number;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Lines counted in them, so far. Null unless `deep`.' })
  itemsCounted!: number | null;

  @Field(() => [String], { description: 'What does not agree; at most 20 findings.' })
  problems!: readonly string[];
}

/** Its fields are those of the record: what a status does not have is null. */
@ObjectType({ description: 'An export of a table to S3.' })
export class Export {
  @Field(() => ID, { description: "Outport's id of the export." })
  id!: string;

  @Field(() => Int, {
    description: 'Grows by one with every change: of two answers the one with the higher version is newer.',
  })
  version!: number;

  @Field(() => ExportStatus, { description: 'Where the export stands.' })
  status!: ExportRecord['status'];

  @Field(() => ExportSource, { description: 'How it came about.' })
  source!: ExportRecord['source'];

  @Field(() => Person, { nullable: true, description: 'Who asked. Null for adopted exports.' })
  requestedBy!: Person | null;

  @Field(() => String, {
    nullable: true,
    description: 'The client token it was asked for with. Null for adopted exports.',
  })
  clientToken!: string | null;

  @Field({ description: 'ARN of the table.' })
  tableArn!: string;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'The point in time that is exported, to the second. Null: when DynamoDB took the request.',
  })
  exportTime!: string | null;

  @Field(() => ExportFormat, { description: 'Format of the data files.' })
  exportFormat!: ExportRecord['exportFormat'];

  @Field(() => ExportType, { description: 'What is exported.' })
  exportType!: ExportRecord['exportType'];

  @Field(() => IncrementalExport, { nullable: true, description: 'The window. Null for full exports.' })
  incrementalExport!: IncrementalExport | null;

  @Field(() => FilterSpecification, { nullable: true, description: 'Null when everything is exported.' })
  filter!: FilterSpecification | null;

  @Field(() => ExportDestination, { description: 'Where it is written.' })
  destination!: ExportDestination;

  @Field(() => GraphQLSafeInt, {
    description:
      "Size of the table in bytes when the export was asked for (DescribeTable, up to six hours old): what it takes of the account's limit.",
  })
  tableSizeBytes!: number;

  @Field(() => GraphQLDateTime, { description: 'When it was asked for, or adopted exports were started.' })
  createdAt!: string;

  @Field(() => GraphQLDateTime, { description: 'When it last changed.' })
  updatedAt!: string;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it fails unless it has moved on. Null once it has ended.',
  })
  deadlineAt?: string | null;

  @Field(() => String, { nullable: true, description: "DynamoDB's ARN of the export, once it has been started." })
  exportArn?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When DynamoDB started it.' })
  startTime?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended.' })
  endTime?: string | null;

  @Field(() => ExportProgress, {
    nullable: true,
    description: 'What has been written so far, where it can be counted.',
  })
  progress?: ExportProgress | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Items exported, from DynamoDB, once COMPLETED.' })
  itemCount?: number | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'What AWS bills, in bytes, from DynamoDB, once COMPLETED.',
  })
  billedSizeBytes?: number | null;

  @Field(() => String, { nullable: true, description: 'Key of `manifest-summary.json` in the bucket, once COMPLETED.' })
  exportManifest?: string | null;

  @Field(() => Failure, { nullable: true, description: 'Why it FAILED.' })
  failure?: Failure | null;

  @Field(() => Verification, {
    nullable: true,
    description: 'What the check of the files found, once DynamoDB completed them.',
  })
  verification?: Verification | null;
}
