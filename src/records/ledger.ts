import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, paginateQuery, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { RecordsTable } from './table.ts';

/** DynamoDB limits exports in flight per account and Region, so that is what a ledger is kept for. */
export interface AccountRegion {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
}

export interface Ledger extends AccountRegion {
  /** Export id → the bytes of table data it takes. Whoever is in here holds a slot. */
  readonly exports: Readonly<Record<string, number>>;
  readonly count: number;
  readonly bytes: number;
}

/** What may be in flight at once in an account and Region. */
export interface Limits {
  readonly maxExports: number;
  readonly maxBytes: number;
}

export interface Slot {
  readonly exportId: string;
  readonly bytes: number;
}

/** TAKEN also when the export already held its slot: taking and giving back may be repeated at will. */
export type Admission = 'TAKEN' | 'FULL';

const keyOf = ({ account, region }: AccountRegion) => ({ pk: `LEDGER#${account}#${region}`, sk: 'LEDGER' });

/**
 * Takes a slot with one conditional update. Its condition is the whole rule: the export does not hold a slot yet and
 * fits below both limits. When it fails, the ledger is read to learn why; no decision is made on what was read.
 *
 * An export alone in its ledger is let in whatever its size, as DynamoDB's own answer is better than waiting forever.
 */
export async function takeSlot(
  table: RecordsTable,
  scope: AccountRegion,
  slot: Slot,
  limits: Limits,
): Promise<Admission> {
  const fits = '#count < :maxExports AND (#bytes <= :room OR #count = :none)';
  const room = {
    ':maxExports': limits.maxExports,
    ':room': limits.maxBytes - slot.bytes,
    ':none': 0,
  };
  return add(table, scope, slot, { condition: ` AND ${fits}`, values: room });
}

/** Counts an export that is running anyway, whether it fits or not. */
export async function countSlot(table: RecordsTable, scope: AccountRegion, slot: Slot): Promise<void> {
  await add(table, scope, slot, { condition: '', values: {} });
}

async function add(
  table: RecordsTable,
  scope: AccountRegion,
  { exportId, bytes }: Slot,
  limit: { condition: string; values: Record<string, number> },
): Promise<Admission> {
  const update: UpdateCommandInput = {
    TableName: table.name,
    Key: keyOf(scope),
    UpdateExpression: 'SET #exports.#id = :bytes, #count = #count + :one, #bytes = #bytes + :bytes',
    ConditionExpression: `attribute_exists(#exports) AND attribute_not_exists(#exports.#id)${limit.condition}`,
    ExpressionAttributeNames: { '#exports': 'exports', '#id': exportId, '#count': 'count', '#bytes': 'bytes' },
    ExpressionAttributeValues: { ':bytes': bytes, ':one': 1, ...limit.values },
  };
  if (await updates(table, update)) return 'TAKEN';
  const ledger = await readLedger(table, scope);
  if (ledger) return exportId in ledger.exports ? 'TAKEN' : 'FULL';
  await openLedger(table, scope);
  if (await updates(table, update)) return 'TAKEN';
  return exportId in ((await readLedger(table, scope))?.exports ?? {}) ? 'TAKEN' : 'FULL';
}

/** Gives a slot back; does nothing when the export holds none. */
export async function releaseSlot(table: RecordsTable, scope: AccountRegion, { exportId, bytes }: Slot): Promise<void> {
  await updates(table, {
    TableName: table.name,
    Key: keyOf(scope),
    UpdateExpression: 'REMOVE #exports.#id SET #count = #count - :one, #bytes = #bytes - :bytes',
    ConditionExpression: '#exports.#id = :bytes',
    ExpressionAttributeNames: { '#exports': 'exports', '#id': exportId, '#count': 'count', '#bytes': 'bytes' },
    ExpressionAttributeValues: { ':bytes': bytes, ':one': 1 },
  });
}

async function updates(table: RecordsTable, update: UpdateCommandInput): Promise<boolean> {
  try {
    await table.client.send(new UpdateCommand(update));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function openLedger(table: RecordsTable, scope: AccountRegion): Promise<void> {
  const { partition, account, region } = scope;
  const empty: Ledger = { partition, account, region, exports: {}, count: 0, bytes: 0 };
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...empty, ...keyOf(scope), kind: 'LEDGER', gsi1pk: 'LEDGERS', gsi1sk: `${account}#${region}` },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** The ledger as of now (strongly consistent), or null when nothing has ever been in flight there. */
export async function readLedger(table: RecordsTable, scope: AccountRegion): Promise<Ledger | null> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keyOf(scope), ConsistentRead: true }),
  );
  return Item ? parseLedger(Item) : null;
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

function parseLedger({ partition, account, region, exports, count, bytes }: Record<string, unknown>): Ledger {
  return { partition, account, region, exports, count, bytes } as Ledger;
}
