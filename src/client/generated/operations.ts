// Written by `npm run codegen` from the schema and ../operations.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '../document.ts';
/** What the policies decided. */
export const AuditDecision = {
  Allow: 'ALLOW',
  Deny: 'DENY'
} as const;

export type AuditDecision = typeof AuditDecision[keyof typeof AuditDecision];
/** Which audit events to list. What is left out does not restrict. */
export type AuditEventFilter = {
  /** Events before this time. */
  readonly before?: string | null | undefined;
  /** Events of this name, such as `ExportTable`. */
  readonly eventName?: string | null | undefined;
  /** Events about this export, by Outport's id. */
  readonly exportId?: string | null | undefined;
  /** Events from this time on. */
  readonly from?: string | null | undefined;
  /** Events that tell this. */
  readonly outcome?: AuditOutcome | null | undefined;
  /** What this person did, by their token's subject, or this principal of AWS, by its ARN. */
  readonly principal?: string | null | undefined;
  /** Events that were recorded by this one. */
  readonly source?: AuditSource | null | undefined;
  /** Events about this table and its exports, by its ARN. */
  readonly tableArn?: string | null | undefined;
};

/** The order of a list of audit events. Those of one export and one millisecond are as they were recorded. */
export const AuditEventOrder = {
  /** The oldest first: the story of an export from its request on. */
  EventTimeAsc: 'EVENT_TIME_ASC',
  /** The newest first. */
  EventTimeDesc: 'EVENT_TIME_DESC'
} as const;

export type AuditEventOrder = typeof AuditEventOrder[keyof typeof AuditEventOrder];
/** What an event tells. New values may be added: clients must handle values that they do not know. */
export const AuditOutcome = {
  /** AWS accepted the call. */
  Accepted: 'ACCEPTED',
  /** The turn of an export that waited has come, and it was decided on again: DynamoDB is about to be asked. */
  Admitted: 'ADMITTED',
  /** The export was canceled. */
  Canceled: 'CANCELED',
  /** The export completed. */
  Completed: 'COMPLETED',
  /** The export failed: `errorCode` says why. */
  Failed: 'FAILED',
  /** The chain of a schedule is broken: changes since its end are in none of its exports. */
  Gap: 'GAP',
  /** DynamoDB took the export. */
  InProgress: 'IN_PROGRESS',
  /** It found files that are not as they should be: `errorMessage` says which. */
  Mismatch: 'MISMATCH',
  /** The export waits for a slot or for DynamoDB. */
  Queued: 'QUEUED',
  /** The request was refused: `errorCode` says why. */
  Refused: 'REFUSED',
  /** AWS rejected the call: `errorCode` says why. */
  Rejected: 'REJECTED',
  /** The request was a repetition, and was given the export of the first. */
  Replayed: 'REPLAYED',
  /** Somebody asked; recorded before anything was done about it. */
  Requested: 'REQUESTED',
  /** It could not read the files, so nothing is proven either way. */
  Unavailable: 'UNAVAILABLE',
  /** A verification that was asked for found the files as they should be. */
  Verified: 'VERIFIED'
} as const;

export type AuditOutcome = typeof AuditOutcome[keyof typeof AuditOutcome];
/** Who recorded an event. */
export const AuditSource = {
  /** AWS CloudTrail, in the table's account. */
  Cloudtrail: 'CLOUDTRAIL',
  /** Outport itself. */
  Outport: 'OUTPORT'
} as const;

export type AuditSource = typeof AuditSource[keyof typeof AuditSource];
/** A request to take an export out of the queue. */
export type CancelExportInput = {
  /** Returned as it is. */
  readonly clientMutationId?: string | null | undefined;
  /** The id that `exportTable` returned. */
  readonly id: string;
};

/** A request for a schedule. */
export type CreateScheduleInput = {
  /** Makes the request happen once, as for `exportTable`. 1 to 64 characters without `$`. It never expires. */
  readonly clientToken: string;
  /** Where to. Below the prefix, which has at most 900 bytes, each link gets a folder of its own. */
  readonly destination: ExportDestinationInput;
  /** Format of the data files. */
  readonly exportFormat?: ExportFormat;
  /** What of each changed item. */
  readonly exportViewType?: ExportViewType;
  /** After how many days, 1 to 365, to begin again with a full export. Left out: only where there is a gap. */
  readonly fullEveryDays?: number | null | undefined;
  /** ARN of the table. */
  readonly tableArn: string;
  /** Length of a window in minutes, 15 to 1,440. */
  readonly windowMinutes: number;
};

/** Encryption of the files in the bucket: DynamoDB's `S3SseAlgorithm`. */
export const EncryptionAlgorithm = {
  /** Keys that S3 manages. */
  Aes256: 'AES256',
  /** A key in KMS: the one that is named, or else the bucket account's `aws/s3`. */
  Kms: 'KMS'
} as const;

export type EncryptionAlgorithm = typeof EncryptionAlgorithm[keyof typeof EncryptionAlgorithm];
/** How the files shall be encrypted. */
export type EncryptionInput = {
  /** DynamoDB's `S3SseAlgorithm`. */
  readonly algorithm: EncryptionAlgorithm;
  /** Key id, ARN or alias, only with KMS; a key of the bucket's Region. Left out: the AWS managed key `aws/s3`. */
  readonly kmsKeyId?: string | null | undefined;
};

/** Whose past exports an estimate is from. */
export const EstimateBasis = {
  /** Of the same type and the table's account and Region, as the table has none yet. */
  Account: 'ACCOUNT',
  /** Of the same table and type. */
  Table: 'TABLE'
} as const;

export type EstimateBasis = typeof EstimateBasis[keyof typeof EstimateBasis];
/** Where the export shall be written. */
export type ExportDestinationInput = {
  /** Name of the bucket. */
  readonly bucket: string;
  /** The 12-digit account that owns the bucket. Left out: the table's account. */
  readonly bucketOwner?: string | null | undefined;
  /** Left out: AES256. */
  readonly encryption?: EncryptionInput | null | undefined;
  /** What the keys shall start with, at most 1,024 bytes. */
  readonly prefix?: string | null | undefined;
};

/** Why an export was refused or failed. New values may be added: clients must handle values that they do not know. */
export const ExportErrorCode = {
  AccountAccessDenied: 'ACCOUNT_ACCESS_DENIED',
  AwsUnavailable: 'AWS_UNAVAILABLE',
  BucketOwnerMismatch: 'BUCKET_OWNER_MISMATCH',
  ClientTokenReused: 'CLIENT_TOKEN_REUSED',
  DestinationNotAllowed: 'DESTINATION_NOT_ALLOWED',
  ExportDataUnreadable: 'EXPORT_DATA_UNREADABLE',
  ExportDeadlineExceeded: 'EXPORT_DEADLINE_EXCEEDED',
  ExportFailed: 'EXPORT_FAILED',
  ExportNotCancelable: 'EXPORT_NOT_CANCELABLE',
  ExportNotCompleted: 'EXPORT_NOT_COMPLETED',
  ExportNotFailed: 'EXPORT_NOT_FAILED',
  ExportNotFound: 'EXPORT_NOT_FOUND',
  ExportRejected: 'EXPORT_REJECTED',
  InvalidBucket: 'INVALID_BUCKET',
  InvalidBucketOwner: 'INVALID_BUCKET_OWNER',
  InvalidClientToken: 'INVALID_CLIENT_TOKEN',
  InvalidEncryption: 'INVALID_ENCRYPTION',
  InvalidExportTime: 'INVALID_EXPORT_TIME',
  InvalidExportType: 'INVALID_EXPORT_TYPE',
  InvalidExportWindow: 'INVALID_EXPORT_WINDOW',
  InvalidFilter: 'INVALID_FILTER',
  InvalidPrefix: 'INVALID_PREFIX',
  InvalidSchedule: 'INVALID_SCHEDULE',
  InvalidTableArn: 'INVALID_TABLE_ARN',
  KmsAccessDenied: 'KMS_ACCESS_DENIED',
  KmsNotFound: 'KMS_NOT_FOUND',
  LimitExceeded: 'LIMIT_EXCEEDED',
  NoSuchExport: 'NO_SUCH_EXPORT',
  NoSuchSchedule: 'NO_SUCH_SCHEDULE',
  PermissionDenied: 'PERMISSION_DENIED',
  PointInTimeRecoveryUnavailable: 'POINT_IN_TIME_RECOVERY_UNAVAILABLE',
  QueueDeadlineExceeded: 'QUEUE_DEADLINE_EXCEEDED',
  QueueFull: 'QUEUE_FULL',
  RecoveryWindowMoved: 'RECOVERY_WINDOW_MOVED',
  S3AccessDenied: 'S3_ACCESS_DENIED',
  S3NoSuchBucket: 'S3_NO_SUCH_BUCKET',
  StartDeadlineExceeded: 'START_DEADLINE_EXCEEDED',
  TableNotFound: 'TABLE_NOT_FOUND',
  TooManySchedules: 'TOO_MANY_SCHEDULES',
  VerificationFailed: 'VERIFICATION_FAILED'
} as const;

export type ExportErrorCode = typeof ExportErrorCode[keyof typeof ExportErrorCode];
/** Which exports to list: those that fit everything that is sent. */
export type ExportFilter = {
  /** Exports created before this time. */
  readonly createdBefore?: string | null | undefined;
  /** Exports created at this time or later. */
  readonly createdFrom?: string | null | undefined;
  /** Exports of this type. */
  readonly exportType?: ExportType | null | undefined;
  /** Exports that this person asked for. */
  readonly requestedBy?: RequesterFilter | null | undefined;
  /** Exports that stand here now. */
  readonly status?: ExportStatus | null | undefined;
  /** Exports of this table, by its ARN. */
  readonly tableArn?: string | null | undefined;
  /** Exports that count for this team. */
  readonly team?: string | null | undefined;
};

/** The data files' format, as DynamoDB names it. */
export const ExportFormat = {
  DynamodbJson: 'DYNAMODB_JSON',
  Ion: 'ION'
} as const;

export type ExportFormat = typeof ExportFormat[keyof typeof ExportFormat];
/** The order of a list of exports. */
export const ExportOrder = {
  /** The oldest first. */
  CreatedAtAsc: 'CREATED_AT_ASC',
  /** The newest first. */
  CreatedAtDesc: 'CREATED_AT_DESC'
} as const;

export type ExportOrder = typeof ExportOrder[keyof typeof ExportOrder];
/** How an export came about. */
export const ExportSource = {
  /** Started elsewhere (console, CLI, Terraform) and found by Outport. */
  Adopted: 'ADOPTED',
  /** Requested with `exportTable`. */
  Outport: 'OUTPORT'
} as const;

export type ExportSource = typeof ExportSource[keyof typeof ExportSource];
/** Where an export stands. The last three are final. New values may be added: clients must handle values that they do not know. */
export const ExportStatus = {
  /** It was canceled while it was queued. A running export cannot be canceled. */
  Canceled: 'CANCELED',
  /** DynamoDB has finished it, and what could be verified of it has been. */
  Completed: 'COMPLETED',
  /** It has ended without a usable result: `failure` says why. */
  Failed: 'FAILED',
  /** DynamoDB is writing it. */
  InProgress: 'IN_PROGRESS',
  /** Accepted, and waiting for a slot in its account and Region or for DynamoDB. */
  Queued: 'QUEUED'
} as const;

export type ExportStatus = typeof ExportStatus[keyof typeof ExportStatus];
/** A request for an export. */
export type ExportTableInput = {
  /** Makes the request happen once: the same person, token and input always give the same export. 1 to 64 characters without `$`, such as a UUID. It never expires. */
  readonly clientToken: string;
  /** Where to. */
  readonly destination: ExportDestinationInput;
  /** Format of the data files. */
  readonly exportFormat?: ExportFormat;
  /** The point in time of a full export, a whole second of the recovery window. Left out: now. */
  readonly exportTime?: string | null | undefined;
  /** Left out: FULL_EXPORT. */
  readonly exportType?: ExportType | null | undefined;
  /** Left out: every item, whole. */
  readonly filter?: FilterSpecificationInput | null | undefined;
  /** Of an INCREMENTAL_EXPORT, and only of one. */
  readonly incrementalExport?: IncrementalExportInput | null | undefined;
  /** ARN of the table: `arn:aws:dynamodb:<region>:<account>:table/<name>`. */
  readonly tableArn: string;
  /** What to do when a limit leaves no room. The same token and input give the same export whatever it says. */
  readonly whenFull?: WhenFull;
};

/** What is exported, as DynamoDB names it. */
export const ExportType = {
  FullExport: 'FULL_EXPORT',
  IncrementalExport: 'INCREMENTAL_EXPORT'
} as const;

export type ExportType = typeof ExportType[keyof typeof ExportType];
/** What of a changed item is exported, as DynamoDB names it. */
export const ExportViewType = {
  /** That, and the item as it was just before the window. */
  NewAndOldImages: 'NEW_AND_OLD_IMAGES',
  /** The item as it is at the end of the window. */
  NewImage: 'NEW_IMAGE'
} as const;

export type ExportViewType = typeof ExportViewType[keyof typeof ExportViewType];
/** DynamoDB's `FilterSpecification`: at least one expression. AWS bills what is read, which only a key condition reduces. */
export type FilterSpecificationInput = {
  /** Attribute names, such as `{"#s": "status"}`. */
  readonly expressionAttributeNames?: Record<string, unknown> | null | undefined;
  /** Values as DynamoDB JSON, such as `{":open": {"S": "OPEN"}}`; binary values as base64. */
  readonly expressionAttributeValues?: Record<string, unknown> | null | undefined;
  /** Which items, by the rules of Scan; at most 4 KB. */
  readonly filterExpression?: string | null | undefined;
  /** Items of one partition key, by the rules of Query; at most 4 KB. */
  readonly keyConditionExpression?: string | null | undefined;
  /** Which attributes; at most 4 KB. */
  readonly projectionExpression?: string | null | undefined;
};

/** The window of an incremental export: 15 minutes to 24 hours, inside the recovery window. */
export type IncrementalExportInput = {
  /** Changes from this whole second on. */
  readonly exportFromTime: string;
  /** Changes before this whole second. Left out: as far as DynamoDB has them. */
  readonly exportToTime?: string | null | undefined;
  /** What of each changed item. */
  readonly exportViewType?: ExportViewType;
};

/** The part of a key, as DynamoDB names it. */
export const KeyType = {
  Hash: 'HASH',
  Range: 'RANGE'
} as const;

export type KeyType = typeof KeyType[keyof typeof KeyType];
/** What a limit counts. New values may be added: clients must handle values that they do not know. */
export const LimitMeasure = {
  /** Bytes of the tables whose exports are in flight. */
  Bytes: 'BYTES',
  /** Exports in flight. */
  Exports: 'EXPORTS',
  /** Exports that wait in the queue. */
  Queued: 'QUEUED',
  /** Exports that were let in within the last 24 hours. */
  StartsPerDay: 'STARTS_PER_DAY'
} as const;

export type LimitMeasure = typeof LimitMeasure[keyof typeof LimitMeasure];
/** For whom a limit counts, always in one account and Region. New values may be added: clients must handle values that they do not know. */
export const LimitScope = {
  /** For all exports there, those that were started elsewhere among them. */
  AccountRegion: 'ACCOUNT_REGION',
  /** For the exports of a person. */
  Person: 'PERSON',
  /** For the exports of a team. */
  Team: 'TEAM'
} as const;

export type LimitScope = typeof LimitScope[keyof typeof LimitScope];
/** What is looked at before an export is started. New values may be added: clients must handle values that they do not know. */
export const PreflightCheckCode = {
  /** Whether the bucket is there, and in which Region. */
  Bucket: 'BUCKET',
  /** Whether S3 lets the session that exports write to it: tried out, as only S3 knows. */
  BucketAccess: 'BUCKET_ACCESS',
  /** Whether it belongs to `bucketOwner`. */
  BucketOwner: 'BUCKET_OWNER',
  /** Whether the client token is new, or was sent with the same input. */
  ClientToken: 'CLIENT_TOKEN',
  /** Whether S3 takes the key. */
  Encryption: 'ENCRYPTION',
  /** Whether the time, or the window, can be exported. */
  ExportTime: 'EXPORT_TIME',
  /** Only for filtered exports. */
  Filter: 'FILTER',
  /** Whether every field is valid by itself; one check for each that is not. */
  Input: 'INPUT',
  /** Whether there is room for it now, and what is in use. */
  Limits: 'LIMITS',
  /** Whether the policies permit it, to this destination. If not, nothing else is told. */
  Permission: 'PERMISSION',
  /** Whether it is on, and back to when. */
  PointInTimeRecovery: 'POINT_IN_TIME_RECOVERY',
  /** Whether the table is there, and Outport may read and export it. */
  Table: 'TABLE'
} as const;

export type PreflightCheckCode = typeof PreflightCheckCode[keyof typeof PreflightCheckCode];
/** What a check found. */
export const PreflightCheckStatus = {
  /** The export would fail, for this. */
  Failed: 'FAILED',
  /** Nothing speaks against the export. */
  Passed: 'PASSED',
  /** It could not be looked at: it speaks neither for the export nor against it. */
  Unknown: 'UNKNOWN'
} as const;

export type PreflightCheckStatus = typeof PreflightCheckStatus[keyof typeof PreflightCheckStatus];
/** A person, as their token names them. */
export type RequesterFilter = {
  /** The OpenID Connect issuer. Left out: the viewer's own. */
  readonly issuer?: string | null | undefined;
  /** The issuer's identifier for them (`sub`). */
  readonly subject: string;
};

/** A request for what a failed export was asked for. */
export type RetryExportInput = {
  /** Makes the retry happen once, as for `exportTable`; not the token of the export that failed. */
  readonly clientToken: string;
  /** The export that FAILED. */
  readonly id: string;
};

/** Which schedule. */
export type ScheduleInput = {
  /** The id that `createSchedule` returned. */
  readonly id: string;
};

/** Where a link stands. New values may be added: clients must handle values that they do not know. */
export const ScheduleLinkStatus = {
  /** Its export is COMPLETED. */
  Completed: 'COMPLETED',
  /** It was given up. The chain ends before it. */
  Failed: 'FAILED',
  /** Its export is being made, or is about to be. */
  InProgress: 'IN_PROGRESS'
} as const;

export type ScheduleLinkStatus = typeof ScheduleLinkStatus[keyof typeof ScheduleLinkStatus];
/** Whether a schedule makes exports. New values may be added: clients must handle values that they do not know. */
export const ScheduleStatus = {
  /** It does. */
  Active: 'ACTIVE',
  /** It never will again. Its exports stay. */
  Deleted: 'DELETED',
  /** It does not, until it is resumed: somebody has paused it, or `problem` says what is in the way. */
  Paused: 'PAUSED'
} as const;

export type ScheduleStatus = typeof ScheduleStatus[keyof typeof ScheduleStatus];
/** What a snippet is for. New values may be added: clients must handle values that they do not know. */
export const SnippetTool = {
  /** Amazon Athena. */
  Athena: 'ATHENA',
  /** The AWS CLI. */
  AwsCli: 'AWS_CLI',
  /** DuckDB. Reads no Ion. */
  Duckdb: 'DUCKDB',
  /** AWS Glue's data catalog. */
  Glue: 'GLUE',
  /** DynamoDB's ImportTable. Takes no incremental exports. */
  ImportTable: 'IMPORT_TABLE',
  /** Apache Spark, in Python. Reads no Ion. */
  Spark: 'SPARK'
} as const;

export type SnippetTool = typeof SnippetTool[keyof typeof SnippetTool];
/** What the check of a finished export found. */
export const VerificationStatus = {
  /** It was asked for with `verifyExport` and is not finished. */
  InProgress: 'IN_PROGRESS',
  /** They do not: `problems` says where. */
  Mismatch: 'MISMATCH',
  /** The files could not be read, so nothing is proven either way. */
  Unavailable: 'UNAVAILABLE',
  /** Manifests, checksums, files and counts agree with each other and with DynamoDB. */
  Verified: 'VERIFIED'
} as const;

export type VerificationStatus = typeof VerificationStatus[keyof typeof VerificationStatus];
/** A request to check the files of an export again. */
export type VerifyExportInput = {
  /** Whether to read every file, check its MD5 and count its lines. Otherwise manifests, ETags and sizes are compared. */
  readonly deep?: boolean;
  /** The export, which must be COMPLETED. */
  readonly id: string;
};

/** What to do with an export that a limit leaves no room for. */
export const WhenFull = {
  /** Let it wait, QUEUED, until there is room. Teams take turns. */
  Queue: 'QUEUE',
  /** Refuse it with LIMIT_EXCEEDED, and leave nothing behind. */
  Refuse: 'REFUSE'
} as const;

export type WhenFull = typeof WhenFull[keyof typeof WhenFull];
export type AuditEventFieldsFragment = { readonly id: string, readonly eventTime: string, readonly source: AuditSource, readonly eventName: string, readonly outcome: AuditOutcome, readonly principal: string | null, readonly principalName: string | null, readonly issuer: string | null, readonly sourceIpAddress: string | null, readonly userAgent: string | null, readonly requestId: string | null, readonly tableArn: string | null, readonly exportId: string | null, readonly exportArn: string | null, readonly input: string | null, readonly decision: AuditDecision | null, readonly policyIds: ReadonlyArray<string>, readonly errorCode: string | null, readonly errorMessage: string | null };

export type AuditEventsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  filter?: AuditEventFilter | null | undefined;
  orderBy?: AuditEventOrder;
}>;


export type AuditEventsQuery = { readonly auditEvents: { readonly ingestedThrough: string | null, readonly nodes: ReadonlyArray<AuditEventFieldsFragment>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } };

export type AuditChainQueryVariables = Exact<{
  chain: number;
  first: number;
  after: number;
}>;


export type AuditChainQuery = { readonly auditChain: { readonly hasNextPage: boolean, readonly entries: ReadonlyArray<{ readonly chain: number, readonly sequence: number, readonly previousHash: string, readonly hash: string, readonly event: AuditEventFieldsFragment | null }> } | null };

export type ExportFilesQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ExportFilesQuery = { readonly export: { readonly status: ExportStatus, readonly files: { readonly nodes: ReadonlyArray<{ readonly key: string, readonly sizeBytes: number | null, readonly itemCount: number, readonly md5Checksum: string, readonly etag: string, readonly downloadUrl: string | null, readonly downloadUrlExpiresAt: string | null }>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } | null } | null };

export type ExportSnippetsQueryVariables = Exact<{
  id: string;
}>;


export type ExportSnippetsQuery = { readonly export: { readonly status: ExportStatus, readonly snippets: ReadonlyArray<{ readonly tool: SnippetTool, readonly title: string, readonly language: string, readonly text: string, readonly note: string | null }> } | null };

export type ExportFieldsFragment = { readonly id: string, readonly version: number, readonly status: ExportStatus, readonly source: ExportSource, readonly tableArn: string, readonly tableSizeBytes: number, readonly exportType: ExportType, readonly exportFormat: ExportFormat, readonly exportTime: string | null, readonly clientToken: string | null, readonly queuePosition: number | null, readonly createdAt: string, readonly startTime: string | null, readonly endTime: string | null, readonly updatedAt: string, readonly deadlineAt: string | null, readonly exportArn: string | null, readonly exportManifest: string | null, readonly itemCount: number | null, readonly billedSizeBytes: number | null, readonly viewerCanCancel: boolean, readonly viewerCanRetry: boolean, readonly viewerCanVerify: boolean, readonly viewerCanRead: boolean, readonly incrementalExport: { readonly exportFromTime: string, readonly exportToTime: string | null, readonly exportViewType: ExportViewType } | null, readonly filter: { readonly keyConditionExpression: string | null, readonly filterExpression: string | null, readonly projectionExpression: string | null, readonly expressionAttributeNames: Record<string, unknown> | null, readonly expressionAttributeValues: Record<string, unknown> | null } | null, readonly destination: { readonly bucket: string, readonly bucketOwner: string | null, readonly prefix: string | null, readonly encryption: { readonly algorithm: EncryptionAlgorithm, readonly kmsKeyId: string | null } }, readonly requestedBy: { readonly subject: string, readonly name: string | null, readonly issuer: string, readonly teams: ReadonlyArray<string> } | null, readonly retryOf: { readonly id: string } | null, readonly progress: { readonly estimatedPercent: number | null, readonly filesWritten: number, readonly bytesWritten: number } | null, readonly failure: { readonly code: ExportErrorCode, readonly message: string, readonly remedy: string } | null, readonly verification: { readonly status: VerificationStatus, readonly deep: boolean, readonly checkedAt: string, readonly filesChecked: number, readonly bytesChecked: number, readonly itemsCounted: number | null, readonly problems: ReadonlyArray<string> } | null };

export type ExportTableMutationVariables = Exact<{
  input: ExportTableInput;
}>;


export type ExportTableMutation = { readonly exportTable: { readonly replayed: boolean, readonly export: ExportFieldsFragment | null, readonly userErrors: ReadonlyArray<UserErrorFieldsFragment> } };

export type RetryExportMutationVariables = Exact<{
  input: RetryExportInput;
}>;


export type RetryExportMutation = { readonly retryExport: { readonly replayed: boolean, readonly export: ExportFieldsFragment | null, readonly userErrors: ReadonlyArray<UserErrorFieldsFragment> } };

export type CancelExportMutationVariables = Exact<{
  input: CancelExportInput;
}>;


export type CancelExportMutation = { readonly cancelExport: { readonly export: ExportFieldsFragment | null, readonly userErrors: ReadonlyArray<UserErrorFieldsFragment> } };

export type VerifyExportMutationVariables = Exact<{
  input: VerifyExportInput;
}>;


export type VerifyExportMutation = { readonly verifyExport: { readonly export: ExportFieldsFragment | null, readonly userErrors: ReadonlyArray<UserErrorFieldsFragment> } };

export type PreflightQueryVariables = Exact<{
  input: ExportTableInput;
}>;


export type PreflightQuery = { readonly preflight: { readonly ready: boolean, readonly checks: ReadonlyArray<{ readonly code: PreflightCheckCode, readonly status: PreflightCheckStatus, readonly field: ReadonlyArray<string> | null, readonly message: string, readonly remedy: string | null, readonly errorCode: ExportErrorCode | null }>, readonly estimates: { readonly tableSizeBytes: number, readonly billedSizeBytes: number, readonly outputBytes: number | null, readonly cost: { readonly amount: number, readonly currency: string, readonly note: string }, readonly duration: { readonly seconds: number, readonly basis: EstimateBasis, readonly sampleSize: number } | null } | null } };

export type ExportsUpdatedSubscriptionVariables = Exact<{
  filter?: ExportFilter | null | undefined;
}>;


export type ExportsUpdatedSubscription = { readonly exportsUpdated: ExportFieldsFragment | null };

export type ExportQueryVariables = Exact<{
  id: string;
}>;


export type ExportQuery = { readonly export: ExportFieldsFragment | null };

export type ExportsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  filter?: ExportFilter | null | undefined;
  orderBy?: ExportOrder;
}>;


export type ExportsQuery = { readonly exports: { readonly nodes: ReadonlyArray<ExportFieldsFragment>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } };

export type ExportUpdatedSubscriptionVariables = Exact<{
  id: string;
  after?: number | null | undefined;
}>;


export type ExportUpdatedSubscription = { readonly exportUpdated: ExportFieldsFragment };

export type LimitsQueryVariables = Exact<{
  account: string;
  region: string;
}>;


export type LimitsQuery = { readonly limits: { readonly account: string, readonly region: string, readonly queued: number | null, readonly exports: { readonly inUse: number, readonly max: number | null } | null, readonly bytes: { readonly inUse: number, readonly max: number | null } | null, readonly quotas: ReadonlyArray<{ readonly scope: LimitScope, readonly name: string, readonly exports: { readonly inUse: number, readonly max: number | null }, readonly startsPerDay: { readonly inUse: number, readonly max: number | null } | null }> } | null };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { readonly viewer: { readonly subject: string, readonly name: string | null, readonly issuer: string, readonly teams: ReadonlyArray<string>, readonly tokenExpiresAt: string } };

export type ScheduleFieldsFragment = { readonly id: string, readonly version: number, readonly status: ScheduleStatus, readonly tableArn: string, readonly windowMinutes: number, readonly fullEveryDays: number | null, readonly exportFormat: ExportFormat, readonly exportViewType: ExportViewType, readonly createdAt: string, readonly nextStepAt: string, readonly chainedThrough: string | null, readonly viewerCanManage: boolean, readonly destination: { readonly bucket: string, readonly prefix: string | null }, readonly requestedBy: { readonly name: string | null, readonly subject: string }, readonly problem: { readonly code: ExportErrorCode, readonly message: string } | null };

export type SchedulesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  tableArn?: string | null | undefined;
}>;


export type SchedulesQuery = { readonly schedules: { readonly nodes: ReadonlyArray<ScheduleFieldsFragment>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } };

export type ScheduleQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ScheduleQuery = { readonly schedule: (
    { readonly verdict: { readonly contiguous: boolean, readonly verified: boolean, readonly links: number, readonly from: string | null, readonly to: string | null, readonly problems: ReadonlyArray<string>, readonly whole: boolean }, readonly chain: { readonly nodes: ReadonlyArray<{ readonly number: number, readonly chain: number, readonly status: ScheduleLinkStatus, readonly from: string | null, readonly to: string, readonly verified: boolean, readonly superseded: boolean, readonly attempt: number, readonly gap: { readonly message: string, readonly from: string, readonly to: string } | null, readonly export: { readonly id: string, readonly itemCount: number | null } | null }>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } }
    & ScheduleFieldsFragment
  ) | null };

export type CreateScheduleMutationVariables = Exact<{
  input: CreateScheduleInput;
}>;


export type CreateScheduleMutation = { readonly createSchedule: { readonly schedule: ScheduleFieldsFragment | null, readonly userErrors: ReadonlyArray<UserErrorFieldsFragment> } };

export type PauseScheduleMutationVariables = Exact<{
  input: ScheduleInput;
}>;


export type PauseScheduleMutation = { readonly pauseSchedule: { readonly schedule: ScheduleFieldsFragment | null, readonly userErrors: ReadonlyArray<UserErrorFieldsFragment> } };

export type ResumeScheduleMutationVariables = Exact<{
  input: ScheduleInput;
}>;


export type ResumeScheduleMutation = { readonly resumeSchedule: { readonly schedule: ScheduleFieldsFragment | null, readonly userErrors: ReadonlyArray<UserErrorFieldsFragment> } };

export type DeleteScheduleMutationVariables = Exact<{
  input: ScheduleInput;
}>;


export type DeleteScheduleMutation = { readonly deleteSchedule: { readonly schedule: ScheduleFieldsFragment | null, readonly userErrors: ReadonlyArray<UserErrorFieldsFragment> } };

export type AccountsQueryVariables = Exact<{ [key: string]: never; }>;


export type AccountsQuery = { readonly accounts: ReadonlyArray<{ readonly account: string, readonly region: string }> };

export type TablesQueryVariables = Exact<{
  account: string;
  region: string;
  first: number;
  after?: string | null | undefined;
  nameBeginsWith?: string | null | undefined;
}>;


export type TablesQuery = { readonly tables: { readonly nodes: ReadonlyArray<{ readonly tableArn: string, readonly tableName: string, readonly tableStatus: string, readonly itemCount: number, readonly tableSizeBytes: number, readonly keySchema: ReadonlyArray<{ readonly attributeName: string, readonly keyType: KeyType }>, readonly recovery: { readonly earliestRestorableTime: string | null, readonly latestRestorableTime: string | null, readonly recoveryPeriodInDays: number | null } | null }>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } };

export type UserErrorFieldsFragment = { readonly code: ExportErrorCode, readonly field: ReadonlyArray<string> | null, readonly message: string, readonly remedy: string, readonly limit: { readonly measure: LimitMeasure, readonly scope: LimitScope, readonly inUse: number, readonly max: number, readonly retryAt: string | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const AuditEventFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment AuditEventFields on AuditEvent {
  id
  eventTime
  source
  eventName
  outcome
  principal
  principalName
  issuer
  sourceIpAddress
  userAgent
  requestId
  tableArn
  exportId
  exportArn
  input
  decision
  policyIds
  errorCode
  errorMessage
}
    `, {"fragmentName":"AuditEventFields"}) as unknown as TypedDocumentString<AuditEventFieldsFragment, unknown>;
export const ExportFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}
    `, {"fragmentName":"ExportFields"}) as unknown as TypedDocumentString<ExportFieldsFragment, unknown>;
export const ScheduleFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment ScheduleFields on Schedule {
  id
  version
  status
  tableArn
  windowMinutes
  fullEveryDays
  exportFormat
  exportViewType
  destination {
    bucket
    prefix
  }
  requestedBy {
    name
    subject
  }
  createdAt
  nextStepAt
  chainedThrough
  problem {
    code
    message
  }
  viewerCanManage
}
    `, {"fragmentName":"ScheduleFields"}) as unknown as TypedDocumentString<ScheduleFieldsFragment, unknown>;
export const UserErrorFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}
    `, {"fragmentName":"UserErrorFields"}) as unknown as TypedDocumentString<UserErrorFieldsFragment, unknown>;
export const AuditEventsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query AuditEvents($first: Int!, $after: String, $filter: AuditEventFilter, $orderBy: AuditEventOrder! = EVENT_TIME_DESC) {
  auditEvents(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    nodes {
      ...AuditEventFields
    }
    ingestedThrough
    pageInfo {
      endCursor
      hasNextPage
    }
  }
}
    fragment AuditEventFields on AuditEvent {
  id
  eventTime
  source
  eventName
  outcome
  principal
  principalName
  issuer
  sourceIpAddress
  userAgent
  requestId
  tableArn
  exportId
  exportArn
  input
  decision
  policyIds
  errorCode
  errorMessage
}`) as unknown as TypedDocumentString<AuditEventsQuery, AuditEventsQueryVariables>;
export const AuditChainDocument = /*#__PURE__*/ new TypedDocumentString(`
    query AuditChain($chain: Int!, $first: Int!, $after: Int!) {
  auditChain(chain: $chain, first: $first, after: $after) {
    hasNextPage
    entries {
      chain
      sequence
      previousHash
      hash
      event {
        ...AuditEventFields
      }
    }
  }
}
    fragment AuditEventFields on AuditEvent {
  id
  eventTime
  source
  eventName
  outcome
  principal
  principalName
  issuer
  sourceIpAddress
  userAgent
  requestId
  tableArn
  exportId
  exportArn
  input
  decision
  policyIds
  errorCode
  errorMessage
}`) as unknown as TypedDocumentString<AuditChainQuery, AuditChainQueryVariables>;
export const ExportFilesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query ExportFiles($id: ID!, $first: Int!, $after: String) {
  export(id: $id) {
    status
    files(first: $first, after: $after) {
      nodes {
        key
        sizeBytes
        itemCount
        md5Checksum
        etag
        downloadUrl
        downloadUrlExpiresAt
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ExportFilesQuery, ExportFilesQueryVariables>;
export const ExportSnippetsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query ExportSnippets($id: ID!) {
  export(id: $id) {
    status
    snippets {
      tool
      title
      language
      text
      note
    }
  }
}
    `) as unknown as TypedDocumentString<ExportSnippetsQuery, ExportSnippetsQueryVariables>;
export const ExportTableDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ExportTable($input: ExportTableInput!) {
  exportTable(input: $input) {
    export {
      ...ExportFields
    }
    replayed
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}
fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}`) as unknown as TypedDocumentString<ExportTableMutation, ExportTableMutationVariables>;
export const RetryExportDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation RetryExport($input: RetryExportInput!) {
  retryExport(input: $input) {
    export {
      ...ExportFields
    }
    replayed
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}
fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}`) as unknown as TypedDocumentString<RetryExportMutation, RetryExportMutationVariables>;
export const CancelExportDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation CancelExport($input: CancelExportInput!) {
  cancelExport(input: $input) {
    export {
      ...ExportFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}
fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}`) as unknown as TypedDocumentString<CancelExportMutation, CancelExportMutationVariables>;
export const VerifyExportDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation VerifyExport($input: VerifyExportInput!) {
  verifyExport(input: $input) {
    export {
      ...ExportFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}
fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}`) as unknown as TypedDocumentString<VerifyExportMutation, VerifyExportMutationVariables>;
export const PreflightDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Preflight($input: ExportTableInput!) {
  preflight(input: $input) {
    ready
    checks {
      code
      status
      field
      message
      remedy
      errorCode
    }
    estimates {
      tableSizeBytes
      billedSizeBytes
      outputBytes
      cost {
        amount
        currency
        note
      }
      duration {
        seconds
        basis
        sampleSize
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PreflightQuery, PreflightQueryVariables>;
export const ExportsUpdatedDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription ExportsUpdated($filter: ExportFilter) {
  exportsUpdated(filter: $filter) {
    ...ExportFields
  }
}
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}`) as unknown as TypedDocumentString<ExportsUpdatedSubscription, ExportsUpdatedSubscriptionVariables>;
export const ExportDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Export($id: ID!) {
  export(id: $id) {
    ...ExportFields
  }
}
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}`) as unknown as TypedDocumentString<ExportQuery, ExportQueryVariables>;
export const ExportsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Exports($first: Int!, $after: String, $filter: ExportFilter, $orderBy: ExportOrder! = CREATED_AT_DESC) {
  exports(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    nodes {
      ...ExportFields
    }
    pageInfo {
      endCursor
      hasNextPage
    }
  }
}
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}`) as unknown as TypedDocumentString<ExportsQuery, ExportsQueryVariables>;
export const ExportUpdatedDocument = /*#__PURE__*/ new TypedDocumentString(`
    subscription ExportUpdated($id: ID!, $after: Int) {
  exportUpdated(id: $id, after: $after) {
    ...ExportFields
  }
}
    fragment ExportFields on Export {
  id
  version
  status
  source
  tableArn
  tableSizeBytes
  exportType
  exportFormat
  exportTime
  incrementalExport {
    exportFromTime
    exportToTime
    exportViewType
  }
  filter {
    keyConditionExpression
    filterExpression
    projectionExpression
    expressionAttributeNames
    expressionAttributeValues
  }
  destination {
    bucket
    bucketOwner
    prefix
    encryption {
      algorithm
      kmsKeyId
    }
  }
  clientToken
  requestedBy {
    subject
    name
    issuer
    teams
  }
  retryOf {
    id
  }
  queuePosition
  progress {
    estimatedPercent
    filesWritten
    bytesWritten
  }
  createdAt
  startTime
  endTime
  updatedAt
  deadlineAt
  exportArn
  exportManifest
  itemCount
  billedSizeBytes
  failure {
    code
    message
    remedy
  }
  verification {
    status
    deep
    checkedAt
    filesChecked
    bytesChecked
    itemsCounted
    problems
  }
  viewerCanCancel
  viewerCanRetry
  viewerCanVerify
  viewerCanRead
}`) as unknown as TypedDocumentString<ExportUpdatedSubscription, ExportUpdatedSubscriptionVariables>;
export const LimitsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Limits($account: String!, $region: String!) {
  limits(account: $account, region: $region) {
    account
    region
    exports {
      inUse
      max
    }
    bytes {
      inUse
      max
    }
    queued
    quotas {
      scope
      name
      exports {
        inUse
        max
      }
      startsPerDay {
        inUse
        max
      }
    }
  }
}
    `) as unknown as TypedDocumentString<LimitsQuery, LimitsQueryVariables>;
export const ViewerDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Viewer {
  viewer {
    subject
    name
    issuer
    teams
    tokenExpiresAt
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const SchedulesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Schedules($first: Int!, $after: String, $tableArn: String) {
  schedules(first: $first, after: $after, tableArn: $tableArn) {
    nodes {
      ...ScheduleFields
    }
    pageInfo {
      endCursor
      hasNextPage
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  version
  status
  tableArn
  windowMinutes
  fullEveryDays
  exportFormat
  exportViewType
  destination {
    bucket
    prefix
  }
  requestedBy {
    name
    subject
  }
  createdAt
  nextStepAt
  chainedThrough
  problem {
    code
    message
  }
  viewerCanManage
}`) as unknown as TypedDocumentString<SchedulesQuery, SchedulesQueryVariables>;
export const ScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Schedule($id: ID!, $first: Int!, $after: String) {
  schedule(id: $id) {
    ...ScheduleFields
    verdict {
      contiguous
      verified
      links
      from
      to
      problems
      whole
    }
    chain(first: $first, after: $after) {
      nodes {
        number
        chain
        status
        from
        to
        verified
        superseded
        attempt
        gap {
          message
          from
          to
        }
        export {
          id
          itemCount
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  version
  status
  tableArn
  windowMinutes
  fullEveryDays
  exportFormat
  exportViewType
  destination {
    bucket
    prefix
  }
  requestedBy {
    name
    subject
  }
  createdAt
  nextStepAt
  chainedThrough
  problem {
    code
    message
  }
  viewerCanManage
}`) as unknown as TypedDocumentString<ScheduleQuery, ScheduleQueryVariables>;
export const CreateScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation CreateSchedule($input: CreateScheduleInput!) {
  createSchedule(input: $input) {
    schedule {
      ...ScheduleFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  version
  status
  tableArn
  windowMinutes
  fullEveryDays
  exportFormat
  exportViewType
  destination {
    bucket
    prefix
  }
  requestedBy {
    name
    subject
  }
  createdAt
  nextStepAt
  chainedThrough
  problem {
    code
    message
  }
  viewerCanManage
}
fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}`) as unknown as TypedDocumentString<CreateScheduleMutation, CreateScheduleMutationVariables>;
export const PauseScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation PauseSchedule($input: ScheduleInput!) {
  pauseSchedule(input: $input) {
    schedule {
      ...ScheduleFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  version
  status
  tableArn
  windowMinutes
  fullEveryDays
  exportFormat
  exportViewType
  destination {
    bucket
    prefix
  }
  requestedBy {
    name
    subject
  }
  createdAt
  nextStepAt
  chainedThrough
  problem {
    code
    message
  }
  viewerCanManage
}
fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}`) as unknown as TypedDocumentString<PauseScheduleMutation, PauseScheduleMutationVariables>;
export const ResumeScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ResumeSchedule($input: ScheduleInput!) {
  resumeSchedule(input: $input) {
    schedule {
      ...ScheduleFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  version
  status
  tableArn
  windowMinutes
  fullEveryDays
  exportFormat
  exportViewType
  destination {
    bucket
    prefix
  }
  requestedBy {
    name
    subject
  }
  createdAt
  nextStepAt
  chainedThrough
  problem {
    code
    message
  }
  viewerCanManage
}
fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}`) as unknown as TypedDocumentString<ResumeScheduleMutation, ResumeScheduleMutationVariables>;
export const DeleteScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation DeleteSchedule($input: ScheduleInput!) {
  deleteSchedule(input: $input) {
    schedule {
      ...ScheduleFields
    }
    userErrors {
      ...UserErrorFields
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  version
  status
  tableArn
  windowMinutes
  fullEveryDays
  exportFormat
  exportViewType
  destination {
    bucket
    prefix
  }
  requestedBy {
    name
    subject
  }
  createdAt
  nextStepAt
  chainedThrough
  problem {
    code
    message
  }
  viewerCanManage
}
fragment UserErrorFields on ExportUserError {
  code
  field
  message
  remedy
  limit {
    measure
    scope
    inUse
    max
    retryAt
  }
}`) as unknown as TypedDocumentString<DeleteScheduleMutation, DeleteScheduleMutationVariables>;
export const AccountsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Accounts {
  accounts {
    account
    region
  }
}
    `) as unknown as TypedDocumentString<AccountsQuery, AccountsQueryVariables>;
export const TablesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Tables($account: String!, $region: String!, $first: Int!, $after: String, $nameBeginsWith: String) {
  tables(
    account: $account
    region: $region
    first: $first
    after: $after
    nameBeginsWith: $nameBeginsWith
  ) {
    nodes {
      tableArn
      tableName
      tableStatus
      itemCount
      tableSizeBytes
      keySchema {
        attributeName
        keyType
      }
      recovery {
        earliestRestorableTime
        latestRestorableTime
        recoveryPeriodInDays
      }
    }
    pageInfo {
      endCursor
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<TablesQuery, TablesQueryVariables>;