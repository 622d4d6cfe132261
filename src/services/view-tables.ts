import { DescribeTableCommand, ListTablesCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import type { Requester } from '../records/export-records.ts';
import type { AccountRegion } from '../records/ledger.ts';
import { readLedgers } from '../records/ledger.ts';
import type { AccountClients } from './accounts.ts';
import { AwsRefusal, askAws } from './ask-aws.ts';
import { atMost } from './in-parallel.ts';
import { type ListPage, readListPage } from './list-page.ts';
import type { Outport } from './outport.ts';
import { readRecovery } from './recovery-window.ts';
import type { TableArn } from './table-arn.ts';

/** When a table can be exported as of. */
export interface RecoveryWindow {
  /** ISO 8601. Null when AWS does not say. */
  readonly earliestRestorableTime: string | null;
  readonly latestRestorableTime: string | null;
  readonly recoveryPeriodInDays: number | null;
}

/** A table that its viewer may see. Each question is put to AWS when it is first asked, and once. */
export interface ViewedTable {
  readonly table: TableArn;
  readonly description: () => Promise<TableDescription>;
  /** Null: point-in-time recovery is off. */
  readonly recovery: () => Promise<RecoveryWindow | null>;
}

/** DescribeTable takes far more; DescribeContinuousBackups ten calls a second (facts §1.8), which the SDK then retries. */
const PARALLEL_DESCRIPTIONS = 8;
const PARALLEL_RECOVERIES = 4;

/** The accounts and Regions that a person may list the tables of: those configured, and those exported from. */
export async function viewAccounts(outport: Outport, viewer: Requester): Promise<AccountRegion[]> {
  const known = [...outport.configuredAccounts, ...(await readLedgers(outport.table))];
  const byName = new Map(
    known.map(({ partition, account, region }) => [`${account} ${region}`, { partition, account, region }]),
  );
  return [...byName.values()]
    .filter((scope) => outport.permit(viewer, { action: 'ListTables', scope }).allowed)
    .sort((a, b) => (`${a.account} ${a.region}` < `${b.account} ${b.region}` ? -1 : 1));
}

/**
 * The tables of an account and Region that a person may see, in DynamoDB's order. A page looks at a bounded number of names.
 * @returns an empty page where they may list none: as if there were none
 * @throws AwsRefusal
 */
export async function listTables(
  outport: Outport,
  viewer: Requester,
  scope: AccountRegion,
  { first, after, nameBeginsWith }: { first: number; after: string | null; nameBeginsWith: string },
): Promise<ListPage<ViewedTable>> {
  if (!outport.permit(viewer, { action: 'ListTables', scope }).allowed) {
    return { items: [], hasNextPage: false, endPosition: null };
  }
  const clients = outport.accounts(scope, { to: 'SEE_TABLES', person: viewer });
  const limits = newLimits();
  const page = await askAws(() =>
    readListPage(
      tableNames(clients, after),
      (name) => name,
      first,
      (name) => name.startsWith(nameBeginsWith) && mayView(outport, viewer, tableIn(scope, name)),
    ),
  );
  return { ...page, items: page.items.map((name) => viewed(clients, tableIn(scope, name), limits)) };
}

async function* tableNames({ dynamodb }: AccountClients, after: string | null): AsyncGenerator<string> {
  let last = after ?? undefined;
  do {
    const { TableNames = [], LastEvaluatedTableName } = await dynamodb.send(
      new ListTablesCommand({ ExclusiveStartTableName: last }),
    );
    yield* TableNames;
    last = LastEvaluatedTableName;
  } while (last !== undefined);
}

const tableIn = ({ partition, account, region }: AccountRegion, tableName: string): TableArn => ({
  arn: `arn:${partition}:dynamodb:${region}:${account}:table/${tableName}`,
  partition,
  account,
  region,
  tableName,
});

const mayView = ({ permit }: Outport, viewer: Requester, table: TableArn): boolean =>
  permit(viewer, { action: 'ViewTable', table }).allowed;

/**
 * A table, or null when there is none or the person may not see it: the two cannot be told apart.
 * @throws AwsRefusal
 */
export async function viewTable(outport: Outport, viewer: Requester, table: TableArn): Promise<ViewedTable | null> {
  if (!mayView(outport, viewer, table)) return null;
  const found = viewed(outport.accounts(table, { to: 'SEE_TABLES', person: viewer }), table, newLimits());
  try {
    await found.description();
    return found;
  } catch (error) {
    if (error instanceof AwsRefusal && error.error.code === 'TABLE_NOT_FOUND') return null;
    throw error;
  }
}

type Limits = ReturnType<typeof newLimits>;

const newLimits = () => ({ descriptions: atMost(PARALLEL_DESCRIPTIONS), recoveries: atMost(PARALLEL_RECOVERIES) });

function viewed({ dynamodb }: AccountClients, table: TableArn, limits: Limits): ViewedTable {
  const TableName = table.tableName;
  return {
    table,
    description: once(() =>
      limits.descriptions(() =>
        askAws(async () => {
          const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
          if (!Table) throw new Error(`DescribeTable of ${table.arn} gave no description`);
          return Table;
        }),
      ),
    ),
    recovery: once(() =>
      limits.recoveries(() =>
        askAws(async () => {
          const recovery = await readRecovery(dynamodb, TableName);
          if (recovery === null) return null;
          const { EarliestRestorableDateTime, LatestRestorableDateTime, RecoveryPeriodInDays } = recovery;
          return {
            earliestRestorableTime: EarliestRestorableDateTime?.toISOString() ?? null,
            latestRestorableTime: LatestRestorableDateTime?.toISOString() ?? null,
            recoveryPeriodInDays: RecoveryPeriodInDays ?? null,
          };
        }),
      ),
    ),
  };
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
