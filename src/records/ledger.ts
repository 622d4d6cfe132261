import { setTimeout as wait } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Owner } from './owners.ts';
import type { RecordsTable } from './table.ts';

/** DynamoDB limits exports in flight per account and Region, so that is what a ledger is kept for. */
export interface AccountRegion {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
}

export interface Slot {
  /** The table data it takes. */
  readonly bytes: number;
  /** None when the export was started elsewhere. */
  readonly owners: readonly Owner[];
  /** ISO 8601. */
  readonly takenAt: string;
  /** ISO 8601, by past exports; null: nothing to go by. */
  readonly endsAboutAt: string | null;
}

/** What is in flight in an account and Region. Who may join is decided in `services/admission.ts`. */
export interface Ledger extends AccountRegion {
  /** 0 before the ledger is first written, one more with every change. */
  readonly version: number;
  /** By export id: whoever is in here holds a slot. Nothing else is counted anywhere. */
  readonly exports: Readonly<Record<string, Slot>>;
  /** When an owner's exports of the last day took their slots, in ms since the epoch; kept for owners with a daily quota. */
  readonly startsMs: Readonly<Partial<Record<Owner, readonly number[]>>>;
  /** Who took the last slot, a team or a person without one: the next turn is another's. */
  readonly lastTurn: Owner | null;
}

/** What a decision on a ledger came to: the ledger as it should be, or null to leave it, and what to answer. */
export interface LedgerChange<Answer> {
  readonly next: Ledger | null;
  readonly answer: Answer;
}

/** Each lost attempt is somebody else's success, so this many in a row do not happen unless something is broken. */
const ATTEMPTS_MAX = 60;
const BACKOFF_MS_FIRST = 5;
const BACKOFF_MS_MAX = 250;

const keyOf = ({ account, region }: AccountRegion) => ({ pk: `LEDGER#${account}#${region}`, sk: 'LEDGER' });

export const emptyLedger = ({ partition, account, region }: AccountRegion): Ledger => ({
  partition,
  account,
  region,
  version: 0,
  exports: {},
  startsMs: {},
  lastTurn: null,
});

/**
 * Changes a ledger as `decide` says, with one conditional write: it succeeds only if the ledger still is the one that
 * was decided on, so whatever `decide` promises of one ledger holds for all processes together.
 *
 *     A  reads v7, decides ──── writes v8 ✓
 *     B       reads v7, decides ──── writes v8 ✗ → reads v8, decides anew
 *
 * A decision that changes nothing costs no write, and is true as of the read, which is strongly consistent.
 */
export async function changeLedger<Answer>(
  table: RecordsTable,
  scope: AccountRegion,
  decide: (ledger: Ledger) => LedgerChange<Answer>,
): Promise<Answer> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const ledger = await readLedger(table, scope);
    const { next, answer } = decide(ledger);
    if (next === null || (await replaceLedger(table, ledger, next))) return answer;
    await wait(Math.random() * Math.min(BACKOFF_MS_FIRST * 2 ** attempt, BACKOFF_MS_MAX));
  }
  throw new Error(
    `the ledger of ${scope.account} ${scope.region} changed ${ATTEMPTS_MAX} times while it was decided on`,
  );
}

async function replaceLedger(table: RecordsTable, seen: Ledger, next: Ledger): Promise<boolean> {
  const { account, region } = next;
  const condition =
    seen.version === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#version = :seen',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':seen': seen.version },
        };
  const Item = {
    ...next,
    version: seen.version + 1,
    ...keyOf(next),
    kind: 'LEDGER',
    gsi1pk: 'LEDGERS',
    gsi1sk: `${account}#${region}`,
  };
  try {
    await table.client.send(new PutCommand({ TableName: table.name, Item, ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** The ledger as of now (strongly consistent); an empty one where nothing has ever been in flight. */
export async function readLedger(table: RecordsTable, scope: AccountRegion): Promise<Ledger> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keyOf(scope), ConsistentRead: true }),
  );
  return Item ? parseLedger(Item) : emptyLedger(scope);
}

/** Every account and Region that Outport has exported from, with what is in flight there, perhaps a moment old. */
export async function readLedgers(table: RecordsTable): Promise<Ledger[]> {
  const ledgers: Ledger[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :ledgers',
      ExpressionAttributeValues: { ':ledgers': 'LEDGERS' },
    },
  );
  for await (const { Items = [] } of pages) ledgers.push(...Items.map(parseLedger));
  return ledgers;
}

/** Only this file writes such items, so their shape is trusted. */
function parseLedger({ pk, sk, kind, gsi1pk, gsi1sk, ...ledger }: Record<string, unknown>): Ledger {
  return ledger as unknown as Ledger;
}
