import {
  advanceSubscription,
  EVERY_EXPORT,
  exportIdOf,
  exportTopic,
  readSubscription,
  readSubscriptions,
  type SubscriptionKey,
  type SubscriptionRecord,
} from '../../records/connections.ts';
import { type ExportRecord, isOpen, readExport } from '../../records/export-records.ts';
import { inParallel } from '../in-parallel.ts';
import { complete, type Delivered, type Delivery, giveUp, tell } from './deliver.ts';
import { sharedRuns } from './shared-runs.ts';
import { Telling } from './telling.ts';

/** Subscribers told at the same time: the SDK opens 50 sockets. */
const DELIVERIES_AT_ONCE = 50;

/** Subscribers after whom it is noted how far a version has been told: as many may hear it twice after a crash. */
const TOLD_BETWEEN_NOTES = 100;

/** Subscribers of a move who may fail before the others are left for its next attempt: something is wrong for all then. */
const FAILURES_MAX = 100;

/** How long a subscriber is tried to be told of something, while everybody who listens to the same waits. */
const TOLD_WITHIN_MS = 60_000;

/** Tells beginnings that follow each other in a stream. */
export interface Beginnings {
  /**
   * Tells a subscription that has begun how things are: an export as it is now, or of a list that it is listened to. It
   * happens where the stream has it among the moves of the export, so that neither overtakes the other.
   * @param since when it began
   * @returns why it could not be told, and may be when it is tried again
   */
  tell(key: SubscriptionKey, since: Date): Promise<unknown[]>;
}

/** All of them hear of an export as it is when the first of them does: later moves are told in their own place. */
export function beginnings(delivery: Delivery): Beginnings {
  const exports = new Map<string, Promise<ExportRecord | null>>();
  const exportOf = (id: string) => {
    const record = exports.get(id) ?? readExport(delivery.table, id);
    exports.set(id, record);
    return record;
  };
  const sharing = { ...delivery, run: sharedRuns(delivery.run) };
  return {
    async tell(key, since) {
      // It may have ended meanwhile, and its id be another's by now.
      const subscription = await readSubscription(delivery.table, key);
      if (!subscription) return [];
      const exportId = exportIdOf(key.topic);
      const begin = async () => beginOne(sharing, subscription, exportId === null ? null : await exportOf(exportId));
      return (await attempt(delivery, [subscription], since, begin)).failures.map(({ reason }) => reason);
    },
  };
}

/**
 *     next(version) → the version is noted as told → complete → delete
 *
 * A crash between two of these repeats the one before it when the beginning comes again; a client sees the version twice
 * rather than not at all. What is newer by then is for the moves that follow.
 */
async function beginOne(
  delivery: Delivery,
  subscription: SubscriptionRecord,
  record: ExportRecord | null,
): Promise<Delivered> {
  const version = record?.version ?? 1;
  const known = subscription.lastVersion;
  if (known === 0) {
    if ((await tell(delivery, subscription, record)) === 'ENDED') return 'ENDED';
    await advanceSubscription(delivery.table, subscription, version);
  }
  const hasHeard = known === 0 || known === version;
  if (record === null || isOpen(record) || !hasHeard) return 'GOES_ON';
  return complete(delivery, { ...subscription, lastVersion: version });
}

/**
 * Tells everybody who follows it of one move of an export, and completes if it has ended it. Delivered again, it is told
 * to those only who have not heard of it.
 * @param since when the move happened
 * @returns why some could not be told, and may be when it is tried again
 */
export async function tellMove(delivery: Delivery, record: ExportRecord, since: Date): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const topic of [exportTopic(record.id), EVERY_EXPORT]) {
    failures.push(...(await tellTopic({ ...delivery, run: sharedRuns(delivery.run) }, topic, record, since)));
  }
  return failures;
}

/**
 * Everybody hears of the move before anybody is completed, which takes three times as long and nobody waits for.
 *
 *     next to some → noted how far → next to some more → noted → … → complete each → delete each
 *
 * A crash repeats what was sent since the last note. Whoever could not be told is in the note, and is told the next time.
 */
async function tellTopic(delivery: Delivery, topic: string, record: ExportRecord, since: Date): Promise<unknown[]> {
  let telling: Telling | undefined;
  for await (const page of readSubscriptions(delivery.table, topic)) {
    // Whoever follows the export and has yet to be told its beginning finds this move, or a later one, in that.
    const followers = topic === EVERY_EXPORT ? page : page.filter(({ lastVersion }) => lastVersion > 0);
    if (followers.length === 0) continue;
    telling ??= await Telling.read(delivery, topic, record);
    if (telling.isOutdated) return [];
    const remaining = await tellPage(delivery, telling, followers, record, since);
    if (telling.failures.size > FAILURES_MAX) break;
    if (topic === EVERY_EXPORT || isOpen(record)) continue;
    const completed = await attempt(delivery, remaining, since, (each) => complete(delivery, each));
    for (const { subscription, reason } of completed.failures) {
      telling.failed(subscription, reason);
      // The next attempt has nothing but the completion left to do.
      await advanceSubscription(delivery.table, subscription, record.version);
    }
    if (completed.failures.length > 0) await telling.note([]);
  }
  return [...(telling?.failures.values() ?? [])];
}

/** @returns those who have heard of it, now or before, and whose subscription goes on */
async function tellPage(
  delivery: Delivery,
  telling: Telling,
  followers: readonly SubscriptionRecord[],
  record: ExportRecord,
  since: Date,
): Promise<SubscriptionRecord[]> {
  const beganWithIt = (each: SubscriptionRecord) =>
    exportIdOf(each.topic) !== null && each.lastVersion >= record.version;
  const untold = followers.filter((each) => !beganWithIt(each) && !telling.hasTold(each));
  const ended = new Set<SubscriptionRecord>();
  for (let from = 0; from < untold.length; from += TOLD_BETWEEN_NOTES) {
    const some = untold.slice(from, from + TOLD_BETWEEN_NOTES);
    const attempted = await attempt(delivery, some, since, (each) => tell(delivery, each, record));
    for (const { subscription, reason } of attempted.failures) telling.failed(subscription, reason);
    for (const each of attempted.ended) ended.add(each);
    await telling.note(some);
    if (telling.failures.size > FAILURES_MAX) break;
  }
  return followers.filter((each) => !ended.has(each) && !telling.hasFailed(each));
}

interface Attempted {
  readonly failures: ReadonlyArray<{ readonly subscription: SubscriptionRecord; readonly reason: unknown }>;
  /** Those that are no more. */
  readonly ended: readonly SubscriptionRecord[];
}

async function attempt(
  delivery: Delivery,
  subscriptions: readonly SubscriptionRecord[],
  since: Date,
  work: (subscription: SubscriptionRecord) => Promise<Delivered>,
): Promise<Attempted> {
  const failures: Array<{ subscription: SubscriptionRecord; reason: unknown }> = [];
  const ended: SubscriptionRecord[] = [];
  const tooLate = delivery.now().getTime() - since.getTime() > TOLD_WITHIN_MS;
  await inParallel(subscriptions, DELIVERIES_AT_ONCE, async (subscription) => {
    try {
      if ((await work(subscription)) === 'ENDED') ended.push(subscription);
    } catch (reason) {
      if (tooLate) {
        await giveUp(delivery, subscription);
        ended.push(subscription);
      } else failures.push({ subscription, reason });
    }
  });
  return { failures, ended };
}
