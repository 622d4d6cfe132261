// Written by `npm run codegen` from the schema and ../operations.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '../../src/client/document.ts';
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
/** The data files' format, as DynamoDB names it. */
export const ExportFormat = {
  DynamodbJson: 'DYNAMODB_JSON',
  Ion: 'ION'
} as const;

export type ExportFormat = typeof ExportFormat[keyof typeof ExportFormat];
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
/** What can happen to an export. New values may be added: clients must handle values that they do not know. */
export const ExportStoryEvent = {
  /** Its turn in the queue came, and it was decided on again. */
  Admitted: 'ADMITTED',
  /** It was started elsewhere (console, CLI, Terraform). */
  Adopted: 'ADOPTED',
  /** The policies allowed it. */
  Allowed: 'ALLOWED',
  /** It was canceled. */
  Canceled: 'CANCELED',
  /** It completed. */
  Completed: 'COMPLETED',
  /** It failed. */
  Failed: 'FAILED',
  /** The latest check found files that are not as they should be. */
  Mismatch: 'MISMATCH',
  /** It waits for a slot or for DynamoDB. */
  Queued: 'QUEUED',
  /** Somebody asked for it. */
  Requested: 'REQUESTED',
  /** DynamoDB took it. */
  Started: 'STARTED',
  /** The latest check could not read the files. */
  Unavailable: 'UNAVAILABLE',
  /** The latest check found the files as they should be. */
  Verified: 'VERIFIED'
} as const;

export type ExportStoryEvent = typeof ExportStoryEvent[keyof typeof ExportStoryEvent];
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
/** The part of a key, as DynamoDB names it. */
export const KeyType = {
  Hash: 'HASH',
  Range: 'RANGE'
} as const;

export type KeyType = typeof KeyType[keyof typeof KeyType];
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
export type ExportStoryQueryVariables = Exact<{
  id: string;
}>;


export type ExportStoryQuery = { readonly export: { readonly viewerCanRead: boolean, readonly story: ReadonlyArray<{ readonly time: string, readonly event: ExportStoryEvent, readonly title: string, readonly detail: string | null }> } | null };

export type ExportFilesQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ExportFilesQuery = { readonly export: { readonly files: { readonly nodes: ReadonlyArray<{ readonly key: string, readonly itemCount: number, readonly sizeBytes: number | null, readonly md5Checksum: string, readonly etag: string, readonly downloadUrl: string | null }>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } | null } | null };

export type ExportPreviewQueryVariables = Exact<{
  id: string;
}>;


export type ExportPreviewQuery = { readonly export: { readonly preview: { readonly items: ReadonlyArray<Record<string, unknown>>, readonly deletedKeys: ReadonlyArray<Record<string, unknown>>, readonly itemsRead: number, readonly attributes: ReadonlyArray<{ readonly name: string, readonly types: ReadonlyArray<string>, readonly share: number }> } | null } | null };

export type ExportSnippetsQueryVariables = Exact<{
  id: string;
}>;


export type ExportSnippetsQuery = { readonly export: { readonly snippets: ReadonlyArray<{ readonly tool: SnippetTool, readonly title: string, readonly language: string, readonly text: string, readonly note: string | null }> } | null };

export type ScheduleFieldsFragment = { readonly id: string, readonly version: number, readonly status: ScheduleStatus, readonly tableArn: string, readonly windowMinutes: number, readonly fullEveryDays: number | null, readonly exportFormat: ExportFormat, readonly exportViewType: ExportViewType, readonly createdAt: string, readonly nextStepAt: string, readonly chainedThrough: string | null, readonly viewerCanManage: boolean, readonly destination: { readonly bucket: string, readonly prefix: string | null }, readonly requestedBy: { readonly name: string | null, readonly subject: string }, readonly problem: { readonly code: ExportErrorCode, readonly message: string } | null };

export type SchedulesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
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


export type CreateScheduleMutation = { readonly createSchedule: { readonly schedule: { readonly id: string } | null, readonly userErrors: ReadonlyArray<{ readonly message: string, readonly remedy: string }> } };

export type PauseScheduleMutationVariables = Exact<{
  input: ScheduleInput;
}>;


export type PauseScheduleMutation = { readonly pauseSchedule: { readonly userErrors: ReadonlyArray<{ readonly message: string, readonly remedy: string }> } };

export type ResumeScheduleMutationVariables = Exact<{
  input: ScheduleInput;
}>;


export type ResumeScheduleMutation = { readonly resumeSchedule: { readonly userErrors: ReadonlyArray<{ readonly message: string, readonly remedy: string }> } };

export type DeleteScheduleMutationVariables = Exact<{
  input: ScheduleInput;
}>;


export type DeleteScheduleMutation = { readonly deleteSchedule: { readonly userErrors: ReadonlyArray<{ readonly message: string, readonly remedy: string }> } };

export type AccountsQueryVariables = Exact<{ [key: string]: never; }>;


export type AccountsQuery = { readonly accounts: ReadonlyArray<{ readonly account: string, readonly region: string }> };

export type TableFieldsFragment = { readonly tableArn: string, readonly tableName: string, readonly tableStatus: string, readonly itemCount: number, readonly tableSizeBytes: number, readonly keySchema: ReadonlyArray<{ readonly attributeName: string, readonly keyType: KeyType }>, readonly recovery: { readonly earliestRestorableTime: string | null, readonly latestRestorableTime: string | null, readonly recoveryPeriodInDays: number | null } | null };

export type TablesQueryVariables = Exact<{
  account: string;
  region: string;
  first: number;
  after?: string | null | undefined;
  nameBeginsWith?: string | null | undefined;
}>;


export type TablesQuery = { readonly tables: { readonly nodes: ReadonlyArray<(
      { readonly exports: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly status: ExportStatus, readonly exportType: ExportType, readonly exportTime: string | null, readonly createdAt: string }> } }
      & TableFieldsFragment
    )>, readonly pageInfo: { readonly endCursor: string | null, readonly hasNextPage: boolean } } };

export type TableNamesQueryVariables = Exact<{
  account: string;
  region: string;
  nameBeginsWith?: string | null | undefined;
}>;


export type TableNamesQuery = { readonly tables: { readonly nodes: ReadonlyArray<{ readonly tableArn: string, readonly tableName: string }> } };

export type TableQueryVariables = Exact<{
  tableArn: string;
}>;


export type TableQuery = { readonly table: (
    { readonly exports: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly status: ExportStatus, readonly exportType: ExportType, readonly exportTime: string | null, readonly createdAt: string, readonly incrementalExport: { readonly exportFromTime: string, readonly exportToTime: string | null } | null, readonly destination: { readonly bucket: string, readonly bucketOwner: string | null, readonly prefix: string | null } }> } }
    & TableFieldsFragment
  ) | null };

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
export const TableFieldsFragmentDoc = /*#__PURE__*/ new TypedDocumentString(`
    fragment TableFields on Table {
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
    `, {"fragmentName":"TableFields"}) as unknown as TypedDocumentString<TableFieldsFragment, unknown>;
export const ExportStoryDocument = /*#__PURE__*/ new TypedDocumentString(`
    query ExportStory($id: ID!) {
  export(id: $id) {
    viewerCanRead
    story {
      time
      event
      title
      detail
    }
  }
}
    `) as unknown as TypedDocumentString<ExportStoryQuery, ExportStoryQueryVariables>;
export const ExportFilesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query ExportFiles($id: ID!, $first: Int!, $after: String) {
  export(id: $id) {
    files(first: $first, after: $after) {
      nodes {
        key
        itemCount
        sizeBytes
        md5Checksum
        etag
        downloadUrl
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ExportFilesQuery, ExportFilesQueryVariables>;
export const ExportPreviewDocument = /*#__PURE__*/ new TypedDocumentString(`
    query ExportPreview($id: ID!) {
  export(id: $id) {
    preview(first: 12) {
      items
      deletedKeys
      attributes {
        name
        types
        share
      }
      itemsRead
    }
  }
}
    `) as unknown as TypedDocumentString<ExportPreviewQuery, ExportPreviewQueryVariables>;
export const ExportSnippetsDocument = /*#__PURE__*/ new TypedDocumentString(`
    query ExportSnippets($id: ID!) {
  export(id: $id) {
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
export const SchedulesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Schedules($first: Int!, $after: String) {
  schedules(first: $first, after: $after) {
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
      id
    }
    userErrors {
      message
      remedy
    }
  }
}
    `) as unknown as TypedDocumentString<CreateScheduleMutation, CreateScheduleMutationVariables>;
export const PauseScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation PauseSchedule($input: ScheduleInput!) {
  pauseSchedule(input: $input) {
    userErrors {
      message
      remedy
    }
  }
}
    `) as unknown as TypedDocumentString<PauseScheduleMutation, PauseScheduleMutationVariables>;
export const ResumeScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation ResumeSchedule($input: ScheduleInput!) {
  resumeSchedule(input: $input) {
    userErrors {
      message
      remedy
    }
  }
}
    `) as unknown as TypedDocumentString<ResumeScheduleMutation, ResumeScheduleMutationVariables>;
export const DeleteScheduleDocument = /*#__PURE__*/ new TypedDocumentString(`
    mutation DeleteSchedule($input: ScheduleInput!) {
  deleteSchedule(input: $input) {
    userErrors {
      message
      remedy
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteScheduleMutation, DeleteScheduleMutationVariables>;
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
      ...TableFields
      exports(first: 3) {
        nodes {
          id
          status
          exportType
          exportTime
          createdAt
        }
      }
    }
    pageInfo {
      endCursor
      hasNextPage
    }
  }
}
    fragment TableFields on Table {
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
}`) as unknown as TypedDocumentString<TablesQuery, TablesQueryVariables>;
export const TableNamesDocument = /*#__PURE__*/ new TypedDocumentString(`
    query TableNames($account: String!, $region: String!, $nameBeginsWith: String) {
  tables(
    account: $account
    region: $region
    first: 50
    nameBeginsWith: $nameBeginsWith
  ) {
    nodes {
      tableArn
      tableName
    }
  }
}
    `) as unknown as TypedDocumentString<TableNamesQuery, TableNamesQueryVariables>;
export const TableDocument = /*#__PURE__*/ new TypedDocumentString(`
    query Table($tableArn: String!) {
  table(tableArn: $tableArn) {
    ...TableFields
    exports(first: 10) {
      nodes {
        id
        status
        exportType
        exportTime
        incrementalExport {
          exportFromTime
          exportToTime
        }
        destination {
          bucket
          bucketOwner
          prefix
        }
        createdAt
      }
    }
  }
}
    fragment TableFields on Table {
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
}`) as unknown as TypedDocumentString<TableQuery, TableQueryVariables>;