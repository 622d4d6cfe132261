import type { Commit } from './commit-queue.ts';
import { keyspace } from './keyspace.ts';

/** Whose tables a call speaks of: a table belongs to an account and a Region. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
}

export interface Throughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
  readonly NumberOfDecreasesToday: number;
  readonly LastIncreaseDateTime?: number;
  readonly LastDecreaseDateTime?: number;
}

export interface IndexDescription extends Dynalite.Index {
  readonly IndexArn: string;
  /** Local secondary indexes have no status and no throughput of their own. */
  readonly IndexStatus?: 'CREATING' | 'ACTIVE';
  readonly Backfilling?: boolean;
  readonly ProvisionedThroughput?: Throughput;
}

/** A table as DescribeTable shows it, without the figures that are counted live. */
export interface TableDescription extends Dynalite.Table {
  readonly TableArn: string;
  readonly TableId: string;
  readonly TableStatus: 'ACTIVE';
  /** Epoch seconds with milliseconds. */
  readonly CreationDateTime: number;
  readonly DeletionProtectionEnabled: boolean;
  readonly ProvisionedThroughput: Throughput;
  readonly BillingModeSummary?: { readonly BillingMode: string; readonly LastUpdateToPayPerRequestDateTime?: number };
  readonly TableClassSummary?: { readonly TableClass: string };
  readonly SSEDescription?: { readonly Status: string; readonly SSEType: string; readonly KMSMasterKeyArn?: string };
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
}

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface TableStream {
  readonly arn: string;
  readonly label: string;
  readonly viewType: StreamViewType;
  /** Its records are the changes after this sequence … */
  readonly afterSequence: number;
  /** … up to this one, when the stream was disabled. */
  readonly throughSequence: number | null;
}

/** Point-in-time recovery that is on. */
interface Recovery {
  /** Names the backups in the engine: new with every enabling, as a disabled history never comes back. */
  readonly backupId: string;
  readonly periodDays: number;
  /** False until the engine holds the base; a crash in between means that recovery was never enabled. */
  readonly started: boolean;
}

export interface TableRecord extends Scope {
  readonly description: TableDescription;
  /** The prefix of every index's rows, by index name: new with every creation of an index. */
  readonly indexIds: Readonly<Record<string, string>>;
  readonly stream: TableStream | null;
  readonly recovery: Recovery | null;
  readonly timeToLiveAttribute: string | null;
  /** True until the import that creates the table has ended: nobody else reads or changes the table meanwhile. */
  readonly isImporting?: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

interface Totals {
  itemCount: number;
  sizeBytes: number;
}

/** Counted with every commit, so that they are exact at any time (DynamoDB updates them every six hours). */
export interface Statistics extends Totals {
  indexes: Record<string, Totals>;
}

export const noItems = (): Statistics => ({ itemCount: 0, sizeBytes: 0, indexes: {} });

/** A table in memory: its record, its totals, and whether it still exists. */
export class Table {
  dropped = false;
  record: TableRecord;
  readonly statistics: Statistics;
  /** The sequence of the last change that was logged, committed or about to be. */
  lastChange: number;

  constructor(record: TableRecord, statistics: Statistics, lastChange: number) {
    this.record = record;
    this.statistics = statistics;
    this.lastChange = lastChange;
  }

  get id(): string {
    return this.record.description.TableId;
  }

  get name(): string {
    return this.record.description.TableName;
  }

  get description(): TableDescription {
    return this.record.description;
  }

  get indexes(): readonly IndexDescription[] {
    const { LocalSecondaryIndexes = [], GlobalSecondaryIndexes = [] } = this.description;
    return [...LocalSecondaryIndexes, ...GlobalSecondaryIndexes];
  }

  /** Replaces the record, in memory and in the commit. */
  update(commit: Commit, change: Partial<TableRecord>): void {
    this.record = { ...this.record, ...change };
    const { accountId, region } = this.record;
    commit.put(keyspace.table(accountId, region, this.name), JSON.stringify(this.record));
  }

  indexPrefix(indexName: string): string {
    const indexId = this.record.indexIds[indexName];
    if (indexId === undefined) throw new Error(`Index ${indexName} of table ${this.name} has no rows.`);
    return keyspace.index(this.id, indexId);
  }

  /** Adds to the totals of the table, or of one of its indexes. */
  count(commit: Commit, itemCount: number, sizeBytes: number, indexName?: string): void {
    let totals: Totals = this.statistics;
    if (indexName !== undefined) {
      this.statistics.indexes[indexName] ??= { itemCount: 0, sizeBytes: 0 };
      totals = this.statistics.indexes[indexName];
    }
    totals.itemCount += itemCount;
    totals.sizeBytes += sizeBytes;
    commit.atGroupEnd(keyspace.statistics(this.id), () => JSON.stringify(this.statistics));
  }

  /** Forgets the totals of a table whose items are being removed. */
  resetTotals(commit: Commit): void {
    this.statistics.itemCount = 0;
    this.statistics.sizeBytes = 0;
    commit.put(keyspace.statistics(this.id), JSON.stringify(this.statistics));
  }

  /** Begins to count an index from nothing. */
  startCounting(indexName: string): void {
    this.statistics.indexes[indexName] = { itemCount: 0, sizeBytes: 0 };
  }

  /** The table's own totals with those of its local indexes: what a full export is billed by (facts §6). */
  get exportSizeBytes(): number {
    const local = (this.description.LocalSecondaryIndexes ?? []).map(
      ({ IndexName }) => this.statistics.indexes[IndexName]?.sizeBytes ?? 0,
    );
    return local.reduce((sum, sizeBytes) => sum + sizeBytes, this.statistics.sizeBytes);
  }
}

/** The primary key within an item or key map, or undefined when an attribute is missing or of the wrong type. */
export function primaryKeyOf(item: Dynalite.Item, table: Dynalite.Table): Dynalite.Item | undefined {
  const key: Dynalite.Item = {};
  for (const { AttributeName: name } of table.KeySchema) {
    const type = table.AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
    const value = item[name];
    if (!type || value?.[type] == null) return;
    key[name] = value;
  }
  return key;
}
