import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClassicLevel } from 'classic-level';
import { attributesOf, type LookupAttribute } from './attributes.ts';
import type { CloudTrailRecord } from './record.ts';

/** Records that may wait to be written; further calls wait for the disk. */
const PENDING_MAX = 2000;
/** Records that a sweep deletes in one batch. */
const SWEEP_BATCH = 500;

/** Separates the parts of an index key: JSON text never contains it. */
const SEPARATOR = '\0';

/** Where a record stands among all others: its time, then the order of arrival. */
type Position = string;

export interface Lookup {
  readonly accountId: string;
  readonly region: string;
  /** Without one, the records of management events. */
  readonly attribute?: LookupAttribute;
  /** First and last millisecond. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Continues behind the record of this position. */
  readonly before?: Position;
  readonly limit: number;
}

export interface LookupPage {
  /** Newest first. */
  readonly records: readonly CloudTrailRecord[];
  /** Set while there are more. */
  readonly next?: Position;
}

interface Entry {
  readonly position: Position;
  readonly record: CloudTrailRecord;
}

/**
 * Records by time, with an index entry for each attribute of each record: a lookup reads only what it returns, however
 * many records there are.
 *
 * Records are written behind the calls they tell of, batched and not synced: a crash of the process loses at most the
 * records of its last moment, while a lookup always waits until everything recorded before it is written.
 */
export class EventStore {
  readonly #root: ClassicLevel<string, string>;
  readonly #level;
  #pending: Entry[] = [];
  #writing: Promise<void> | undefined;
  #sequence = 0;

  constructor(database: ClassicLevel<string, string>) {
    this.#root = database;
    this.#level = database.sublevel<string, string>('cloudtrail', {});
  }

  /** Takes a record; every later lookup finds it. */
  async append(record: CloudTrailRecord, timeMs: number): Promise<void> {
    while (this.#pending.length >= PENDING_MAX) await this.#write();
    this.#sequence += 1;
    // The event id keeps apart what a restarted process counts from the same millisecond on.
    const position = `${positionOf(timeMs)}${String(this.#sequence).padStart(10, '0')}${record.eventID.slice(0, 8)}`;
    this.#pending.push({ position, record });
    this.#writeBehind();
  }

  async lookup({ attribute, fromMs, toMs, before, limit, ...scope }: Lookup): Promise<LookupPage> {
    await this.settle();
    const prefix = indexPrefix(scope, attribute);
    const range = {
      gte: `${prefix}${positionOf(fromMs)}`,
      lt: `${prefix}${before ?? positionOf(toMs + 1)}`,
      reverse: true,
      limit: limit + 1,
    };
    const positions = (await this.#level.keys(range).all()).map((key) => key.slice(prefix.length));
    const page = positions.slice(0, limit);
    const texts = await this.#level.getMany(page.map(eventKey));
    const records = texts.flatMap((text) => (text === undefined ? [] : [parseRecord(text)]));
    return { records, ...(positions.length > limit && { next: page.at(-1) }) };
  }

  /** Deletes the records from before `timeMs`. */
  async sweep(timeMs: number): Promise<void> {
    await this.settle();
    let batch: Entry[] = [];
    for await (const [key, text] of this.#level.iterator({ gte: eventKey(''), lt: eventKey(positionOf(timeMs)) })) {
      batch.push({ position: key.slice(eventKey('').length), record: parseRecord(text) });
      if (batch.length < SWEEP_BATCH) continue;
      await this.#delete(batch);
      batch = [];
    }
    await this.#delete(batch);
  }

  /** Resolves when everything recorded so far is written. */
  async settle(): Promise<void> {
    await this.#writing;
    if (this.#pending.length > 0) await this.#write();
  }

  #writeBehind(): void {
    if (this.#writing) return;
    this.#write().then(
      () => {
        if (this.#pending.length > 0) this.#writeBehind();
      },
      (error: unknown) =>
        console.error('outport: CloudTrail records could not be written and are kept in memory', error),
    );
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writePending().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writePending(): Promise<void> {
    await nextTurn();
    const entries = this.#pending;
    this.#pending = [];
    try {
      // Unlike others, a chained batch does not wait for the store to be open.
      await this.#root.open();
      // A chained batch of the root takes a thirtieth of the time of a sublevel's array, and a record has ten rows.
      const { prefix } = this.#level;
      const batch = this.#root.batch();
      for (const { position, record } of entries) {
        batch.put(prefix + eventKey(position), JSON.stringify(record));
        for (const key of indexKeys(position, record)) batch.put(prefix + key, '');
      }
      await batch.write();
    } catch (error) {
      this.#pending = entries.concat(this.#pending);
      throw error;
    }
  }

  async #delete(entries: readonly Entry[]): Promise<void> {
    const keys = entries.flatMap(({ position, record }) => [eventKey(position), ...indexKeys(position, record)]);
    await this.#level.batch(keys.map((key) => ({ type: 'del' as const, key })));
  }
}

const positionOf = (timeMs: number): string => String(Math.max(0, timeMs)).padStart(15, '0');

const eventKey = (position: Position): string => `event${SEPARATOR}${position}`;

function indexPrefix(scope: Pick<Lookup, 'accountId' | 'region'>, attribute: LookupAttribute | undefined): string {
  const { accountId, region } = scope;
  const subject = attribute ? [attribute.key, JSON.stringify(attribute.value)] : ['ManagementEvent'];
  return ['index', accountId, region, ...subject, ''].join(SEPARATOR);
}

function indexKeys(position: Position, record: CloudTrailRecord): string[] {
  const scope = { accountId: record.recipientAccountId, region: record.awsRegion };
  const prefixes = attributesOf(record).map((attribute) => indexPrefix(scope, attribute));
  if (record.managementEvent) prefixes.push(indexPrefix(scope, undefined));
  return [...new Set(prefixes)].map((prefix) => prefix + position);
}

const parseRecord = (text: string): CloudTrailRecord => JSON.parse(text);
