import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { isWaiting, parseExportRecord, WAITING_EXPORTS, type WaitingExport } from './export-records.ts';
import type { AccountRegion } from './ledger.ts';
import { type Owner, queueOwnerOf } from './owners.ts';
import type { RecordsTable } from './table.ts';

/** Records that one query reads: a queue of no more than these is read with one. */
const PAGE_ITEMS_MAX = 25;
/** Sort before and behind whatever a key can go on with. */
const FIRST = ' ';
const LAST = '~';

/** The exports of one account and Region that wait and have the same owners. */
export interface Lane {
  /** The oldest, as the index has it: perhaps a moment old; null when there are no more. */
  head(): Promise<WaitingExport | null>;
  /** Goes on to the next. */
  shift(): void;
}

/**
 * Who waits, in an account and Region or (null) anywhere, however many: the index has each lane in one piece, so a query
 * that ends within one is followed by one behind it. That makes one query for each 25 records, or for each lane of more.
 * @param isHeld teams, or persons without one, whose lanes are of no interest: they are jumped over together
 */
export async function readLanes(
  table: RecordsTable,
  scope: AccountRegion | null,
  isHeld: (owner: Owner) => boolean = () => false,
): Promise<Lane[]> {
  const within = scope === null ? '' : `${scope.account}#${scope.region}#`;
  const lanes: Lane[] = [];
  for (let from = `${within}${FIRST}`; ; ) {
    const { items, hasMore } = await queryWaiting(table, from, `${within}${LAST}`);
    const last = items.at(-1);
    const keys = [...new Set(items.map(({ laneKey }) => laneKey))];
    for (const key of keys) {
      const loaded = items.filter(({ laneKey }) => laneKey === key);
      if (loaded.some(({ record }) => isHeld(queueOwnerOf(record)))) continue;
      lanes.push(new LoadedLane(table, key, loaded, hasMore && key === last?.laneKey));
    }
    if (!hasMore || !last) return lanes;
    from = behind(isHeld(queueOwnerOf(last.record)) ? teamKeyOf(last.laneKey) : last.laneKey);
  }
}

/** Behind everything that begins with a key and goes on with a `#`. */
const behind = (key: string): string => `${key}${LAST}`;

interface IndexedExport {
  readonly record: WaitingExport;
  readonly laneKey: string;
  readonly sortKey: string;
}

/** Reads its records as they are asked for: a lane may be long, and who asks for its head needs no more. */
class LoadedLane implements Lane {
  readonly #table: RecordsTable;
  readonly #key: string;
  readonly #loaded: IndexedExport[];
  #hasMore: boolean;
  #lastKey: string;

  constructor(table: RecordsTable, key: string, loaded: readonly IndexedExport[], hasMore: boolean) {
    this.#table = table;
    this.#key = key;
    this.#loaded = [...loaded];
    this.#hasMore = hasMore;
    this.#lastKey = loaded.at(-1)?.sortKey ?? key;
  }

  async head(): Promise<WaitingExport | null> {
    if (this.#loaded.length === 0 && this.#hasMore) {
      const { items, hasMore } = await queryWaiting(this.#table, `${this.#lastKey}${FIRST}`, behind(this.#key));
      this.#loaded.push(...items);
      this.#hasMore = hasMore;
      this.#lastKey = items.at(-1)?.sortKey ?? this.#lastKey;
    }
    return this.#loaded[0]?.record ?? null;
  }

  shift(): void {
    this.#loaded.shift();
  }
}

async function queryWaiting(
  table: RecordsTable,
  from: string,
  to: string,
): Promise<{ readonly items: IndexedExport[]; readonly hasMore: boolean }> {
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :waiting AND gsi1sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':waiting': WAITING_EXPORTS, ':from': from, ':to': to },
      Limit: PAGE_ITEMS_MAX,
    }),
  );
  const items = Items.flatMap((item) => {
    const record = parseExportRecord(item);
    const sortKey = String(item.gsi1sk);
    return isWaiting(record) ? [{ record, sortKey, laneKey: laneKeyOf(sortKey) }] : [];
  });
  return { items, hasMore: LastEvaluatedKey !== undefined };
}

/** A key is `account#region#team#person#time#id`. */
const laneKeyOf = (sortKey: string): string => sortKey.split('#').slice(0, -2).join('#');
const teamKeyOf = (laneKey: string): string => laneKey.split('#').slice(0, -1).join('#');
