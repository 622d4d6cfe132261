/**
 * The engine: continuous backups of tables and exports from them. Changes go in, in commit order; files come out.
 * It knows items only as a key and a line of DynamoDB JSON, and nothing of networks, tables' schemas or SDKs.
 */

/** A committed change of one item. */
export interface Change {
  /** Commit time in microseconds since the epoch. Never decreases within a table; equal within one atomic commit. */
  readonly timeMicros: number;
  /** Position in the change log: strictly increasing over the life of the store, never reused. */
  readonly sequence: number;
  /** The hash of the partition key, as the first 16 hex digits of its MD5: decides which data file the item lands in. */
  readonly partitionHash: string;
  /** The item's primary key in a canonical form, unique within its table. Items of one partition key sort together by it. */
  readonly key: string;
  /** The item after the change as compact DynamoDB JSON (`{"pk":{"S":"1"},…}`), or null when it was deleted. */
  readonly newImage: string | null;
}

/** An item of a table at the moment its continuous backups begin. */
export type BaseItem = Omit<Change, 'timeMicros' | 'sequence' | 'newImage'> & { readonly image: string };

export interface BackupWindow {
  /** First and last microsecond that can be restored. */
  readonly earliestMicros: number;
  readonly latestMicros: number;
}

export interface ExportRequest {
  readonly tableId: string;
  /** State at this time: every change committed at or before it, none after. */
  readonly timeMicros: number;
  readonly format: 'DYNAMODB_JSON';
  /** An empty folder of the caller's; the data files are written into it. */
  readonly directory: string;
}

/** A finished data file: a single gzip member of `{"Item":{…}}` lines. */
export interface ExportedFile {
  /** File name within the directory: 26 base32 characters and `.json.gz` (facts §3.2). */
  readonly name: string;
  readonly itemCount: number;
  readonly sizeBytes: number;
  /** Uncompressed bytes of the lines. */
  readonly logicalBytes: number;
  readonly md5: Uint8Array;
}

export interface ExportResult {
  readonly files: readonly ExportedFile[];
  readonly itemCount: number;
}
