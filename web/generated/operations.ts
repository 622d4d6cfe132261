// Written by `npm run codegen` from the schema and ../operations.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '../../src/client/document.ts';
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
/** The part of a key, as DynamoDB names it. */
export const KeyType = {
  Hash: 'HASH',
  Range: 'RANGE'
} as const;

export type KeyType = typeof KeyType[keyof typeof KeyType];
export type ExportStoryQueryVariables = Exact<{
  id: string;
}>;


export type ExportStoryQuery = { readonly export: { readonly viewerCanRead: boolean, readonly story: ReadonlyArray<{ readonly time: string, readonly event: ExportStoryEvent, readonly title: string, readonly detail: string | null }> } | null };

export type ExportPreviewQueryVariables = Exact<{
  id: string;
}>;


export type ExportPreviewQuery = { readonly export: { readonly preview: { readonly items: ReadonlyArray<Record<string, unknown>>, readonly deletedKeys: ReadonlyArray<Record<string, unknown>>, readonly itemsRead: number, readonly attributes: ReadonlyArray<{ readonly name: string, readonly types: ReadonlyArray<string>, readonly share: number }> } | null } | null };

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