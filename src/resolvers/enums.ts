import { registerEnumType } from 'type-graphql';
import { ERROR_CODES, type ErrorCode } from '../records/error-codes.ts';

export const enumOf = <Value extends string>(...values: Value[]): { [V in Value]: V } =>
  Object.fromEntries(values.map((value) => [value, value])) as { [V in Value]: V };

export const NEW_VALUES = 'New values may be added: clients must handle values that they do not know.';

export const ExportStatus = enumOf('QUEUED', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'CANCELED');
registerEnumType(ExportStatus, {
  name: 'ExportStatus',
  description: `Where an export stands. The last three are final. ${NEW_VALUES}`,
  valuesConfig: {
    QUEUED: { description: 'Accepted, and waiting for a slot in its account and Region or for DynamoDB.' },
    IN_PROGRESS: { description: 'DynamoDB is writing it.' },
    COMPLETED: { description: 'DynamoDB has finished it, and what could be verified of it has been.' },
    FAILED: { description: 'It has ended without a usable result: `failure` says why.' },
    CANCELED: { description: 'It was canceled while it was queued. A running export cannot be canceled.' },
  },
});

export const ExportSource = enumOf('OUTPORT', 'ADOPTED');
registerEnumType(ExportSource, {
  name: 'ExportSource',
  description: 'How an export came about.',
  valuesConfig: {
    OUTPORT: { description: 'Requested with `exportTable`.' },
    ADOPTED: { description: 'Started elsewhere (console, CLI, Terraform) and found by Outport.' },
  },
});

export const ExportFormat = enumOf('DYNAMODB_JSON', 'ION');
registerEnumType(ExportFormat, { name: 'ExportFormat', description: "The data files' format, as DynamoDB names it." });

export const ExportType = enumOf('FULL_EXPORT', 'INCREMENTAL_EXPORT');
registerEnumType(ExportType, { name: 'ExportType', description: 'What is exported, as DynamoDB names it.' });

export const ExportOrder = enumOf('CREATED_AT_DESC', 'CREATED_AT_ASC');
registerEnumType(ExportOrder, {
  name: 'ExportOrder',
  description: 'The order of a list of exports.',
  valuesConfig: {
    CREATED_AT_DESC: { description: 'The newest first.' },
    CREATED_AT_ASC: { description: 'The oldest first.' },
  },
});

export const ExportViewType = enumOf('NEW_IMAGE', 'NEW_AND_OLD_IMAGES');
registerEnumType(ExportViewType, {
  name: 'ExportViewType',
  description: 'What of a changed item is exported, as DynamoDB names it.',
  valuesConfig: {
    NEW_IMAGE: { description: 'The item as it is at the end of the window.' },
    NEW_AND_OLD_IMAGES: { description: 'That, and the item as it was just before the window.' },
  },
});

export const EncryptionAlgorithm = enumOf('AES256', 'KMS');
registerEnumType(EncryptionAlgorithm, {
  name: 'EncryptionAlgorithm',
  description: "Encryption of the files in the bucket: DynamoDB's `S3SseAlgorithm`.",
  valuesConfig: {
    AES256: { description: 'Keys that S3 manages.' },
    KMS: { description: "A key in KMS: the one that is named, or else the bucket account's `aws/s3`." },
  },
});

export const VerificationStatus = enumOf('IN_PROGRESS', 'VERIFIED', 'MISMATCH', 'UNAVAILABLE');
registerEnumType(VerificationStatus, {
  name: 'VerificationStatus',
  description: 'What the check of a finished export found.',
  valuesConfig: {
    IN_PROGRESS: { description: 'It was asked for with `verifyExport` and is not finished.' },
    VERIFIED: { description: 'Manifests, checksums, files and counts agree with each other and with DynamoDB.' },
    MISMATCH: { description: 'They do not: `problems` says where.' },
    UNAVAILABLE: { description: 'The files could not be read, so nothing is proven either way.' },
  },
});

export const AuditSource = enumOf('OUTPORT', 'CLOUDTRAIL');
registerEnumType(AuditSource, {
  name: 'AuditSource',
  description: 'Who recorded an event.',
  valuesConfig: {
    OUTPORT: { description: 'Outport itself.' },
    CLOUDTRAIL: { description: "AWS CloudTrail, in the table's account." },
  },
});

export const AuditOutcome = enumOf(
  'REQUESTED',
  'REPLAYED',
  'REFUSED',
  'QUEUED',
  'ADMITTED',
  'IN_PROGRESS',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'VERIFIED',
  'MISMATCH',
  'UNAVAILABLE',
  'GAP',
  'ACCEPTED',
  'REJECTED',
);
registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: `What an event tells. ${NEW_VALUES}`,
  valuesConfig: {
    REQUESTED: { description: 'Somebody asked; recorded before anything was done about it.' },
    REPLAYED: { description: 'The request was a repetition, and was given the export of the first.' },
    REFUSED: { description: 'The request was refused: `errorCode` says why.' },
    QUEUED: { description: 'The export waits for a slot or for DynamoDB.' },
    ADMITTED: {
      description:
        'The turn of an export that waited has come, and it was decided on again: DynamoDB is about to be asked.',
    },
    IN_PROGRESS: { description: 'DynamoDB took the export.' },
    COMPLETED: { description: 'The export completed.' },
    FAILED: { description: 'The export failed: `errorCode` says why.' },
    CANCELED: { description: 'The export was canceled.' },
    VERIFIED: { description: 'A verification that was asked for found the files as they should be.' },
    MISMATCH: { description: 'It found files that are not as they should be: `errorMessage` says which.' },
    UNAVAILABLE: { description: 'It could not read the files, so nothing is proven either way.' },
    GAP: { description: 'The chain of a schedule is broken: changes since its end are in none of its exports.' },
    ACCEPTED: { description: 'AWS accepted the call.' },
    REJECTED: { description: 'AWS rejected the call: `errorCode` says why.' },
  },
});

export const AuditEventOrder = enumOf('EVENT_TIME_DESC', 'EVENT_TIME_ASC');
registerEnumType(AuditEventOrder, {
  name: 'AuditEventOrder',
  description:
    'The order of a list of audit events. Those of one export and one millisecond are as they were recorded.',
  valuesConfig: {
    EVENT_TIME_DESC: { description: 'The newest first.' },
    EVENT_TIME_ASC: { description: 'The oldest first: the story of an export from its request on.' },
  },
});

export const AuditDecision = enumOf('ALLOW', 'DENY');
registerEnumType(AuditDecision, { name: 'AuditDecision', description: 'What the policies decided.' });

export const ErrorCodes = enumOf<ErrorCode>(...ERROR_CODES);
registerEnumType(ErrorCodes, {
  name: 'ExportErrorCode',
  description: `Why an export was refused or failed. ${NEW_VALUES}`,
});
