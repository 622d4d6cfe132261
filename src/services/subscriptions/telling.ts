import { positionOf, readTelling, type SubscriptionRecord, storeTelling } from '../../records/connections.ts';
import type { ExportRecord } from '../../records/export-records.ts';
import type { Delivery } from './deliver.ts';

/**
 * Who has been told of a version of an export, of those who subscribe to a topic. Subscribers are told in the order of
 * their positions, so up to where is all there is to remember, and who of them could not be told.
 */
export class Telling {
  readonly #delivery: Pick<Delivery, 'table' | 'now'>;
  readonly #topic: string;
  readonly #record: Pick<ExportRecord, 'id' | 'version'>;
  /** Empty: nobody has been told yet. */
  #through = '';
  /** Who could not be told at an earlier attempt, and has not been tried in this one yet. */
  readonly #failedBefore = new Set<string>();
  readonly #failed = new Map<string, unknown>();
  /** A newer version has been told, in which this one is contained. */
  isOutdated = false;

  private constructor(delivery: Pick<Delivery, 'table' | 'now'>, topic: string, record: ExportRecord) {
    this.#delivery = delivery;
    this.#topic = topic;
    this.#record = record;
  }

  /** As earlier attempts have left it. */
  static async read(delivery: Pick<Delivery, 'table' | 'now'>, topic: string, record: ExportRecord): Promise<Telling> {
    const telling = new Telling(delivery, topic, record);
    const noted = await readTelling(delivery.table, topic, record.id);
    if (noted === null || noted.version < record.version) return telling;
    telling.isOutdated = noted.version > record.version;
    telling.#through = noted.through;
    for (const position of noted.failed) telling.#failedBefore.add(position);
    return telling;
  }

  hasTold(subscription: SubscriptionRecord): boolean {
    const position = positionOf(subscription);
    return !this.#failedBefore.has(position) && !isBehind(position, this.#through);
  }

  /** Why some could not be told. */
  get failures(): ReadonlyMap<string, unknown> {
    return this.#failed;
  }

  failed(subscription: SubscriptionRecord, reason: unknown): void {
    this.#failed.set(positionOf(subscription), reason);
  }

  hasFailed(subscription: SubscriptionRecord): boolean {
    return this.#failed.has(positionOf(subscription));
  }

  /** Notes that everybody up to the last of these has been told, but for those who failed. */
  async note(attempted: readonly SubscriptionRecord[]): Promise<void> {
    for (const position of attempted.map(positionOf)) {
      this.#failedBefore.delete(position);
      if (isBehind(position, this.#through)) this.#through = position;
    }
    const { id, version } = this.#record;
    const failed = [...this.#failedBefore, ...this.#failed.keys()];
    const { table, now } = this.#delivery;
    await storeTelling(table, this.#topic, id, { version, through: this.#through, failed }, now());
  }
}

/** As DynamoDB sorts keys: by their bytes. */
const isBehind = (position: string, through: string): boolean =>
  Buffer.compare(Buffer.from(position), Buffer.from(through)) > 0;
