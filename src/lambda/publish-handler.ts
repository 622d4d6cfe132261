import { unmarshall } from '@aws-sdk/util-dynamodb';
import type {
  Context,
  DynamoDBBatchItemFailure,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
} from 'aws-lambda';
import { parseSubscriptionKey, type SubscriptionKey } from '../records/connections.ts';
import { type ExportRecord, isOpen, parseExportRecord } from '../records/export-records.ts';
import { parseSchedule, type ScheduleRecord } from '../records/schedule-records.ts';
import { keepForBus } from '../services/events/bus-outbox.ts';
import { exportEventOf, type OutportEvent } from '../services/events/cloud-event.ts';
import type { EventBus } from '../services/events/event-bus.ts';
import { type ScheduleBefore, scheduleEventOf } from '../services/events/schedule-event.ts';
import { inParallel } from '../services/in-parallel.ts';
import { isDelayed } from '../services/schedules/advance.ts';
import type { Delivery } from '../services/subscriptions/deliver.ts';
import type { Sender } from '../services/subscriptions/sender.ts';
import { type Beginnings, beginnings, tellMove } from '../services/subscriptions/tell-subscribers.ts';
import { enqueueEvent } from '../services/webhooks/enqueue.ts';
import type { Webhook } from '../services/webhooks/webhook.ts';
import type { ControlPlane } from './control-plane.ts';
import { log, logError } from './log.ts';
import { measureEnd } from './measure-exports.ts';
import { runSubscription } from './socket-operations.ts';

/** After the bus has failed, events are stored for so long without trying it: subscribers would wait for that, too. */
const BUS_PAUSE_MS = 30_000;

/** Subscribers whose subscription begins and who are told so at the same time. */
const BEGINNINGS_AT_ONCE = 25;

export type PublishHandler = (
  event: DynamoDBStreamEvent,
  context: Pick<Context, 'awsRequestId'>,
) => Promise<DynamoDBBatchResponse>;

/** Something that the stream of the records table tells of: to subscribers, or a schedule, of which they hear nothing. */
type Told = Change | ({ readonly sequenceNumber: string } & Scheduled);
type Scheduled = { readonly type: 'SCHEDULED'; readonly schedule: ScheduleRecord; readonly before: ScheduleBefore };
type Change = { readonly sequenceNumber: string; readonly at: Date } & (
  | { readonly type: 'MOVED'; readonly record: ExportRecord; readonly statusBefore: string | undefined }
  | { readonly type: 'SUBSCRIBED'; readonly subscription: SubscriptionKey }
);

/**
 * Tells subscribers and the event bus of the moves of exports, and the bus of schedules whose chain breaks, from the stream
 * of the records table, and stores what webhooks are to be told, and what the bus did not take; reconcile sends it. A move that could not be told to somebody, and may be on another attempt, is
 * reported as failed and comes again with all that follow it; subscribers who have heard of it already do not hear it
 * again, nor do webhooks, and on the bus it has the same id.
 */
export function createPublishHandler(
  controlPlane: ControlPlane,
  sender: Sender,
  bus: EventBus,
  webhooks: readonly Webhook[],
): PublishHandler {
  let busPausedUntilMs = 0;
  const sendToBus = async (events: readonly OutportEvent[]) => {
    const now = controlPlane.outport.now().getTime();
    if (now < busPausedUntilMs) return events.map((event) => ({ event, reason: null }));
    const unsent = await bus.send(events);
    if (unsent.length > 0) busPausedUntilMs = now + BUS_PAUSE_MS;
    return unsent;
  };
  return async ({ Records }, { awsRequestId: requestId }) => {
    const origin = { requestId, sourceIpAddress: 'lambda.amazonaws.com', userAgent: null };
    const delivery: Delivery = {
      table: controlPlane.records,
      sender,
      now: controlPlane.outport.now,
      run: runSubscription.bind(undefined, controlPlane, origin),
    };
    const told = Records.map(parseChange);
    const changes = told.filter((change) => change.type !== 'SCHEDULED');
    const batchItemFailures: DynamoDBBatchItemFailure[] = [];
    const events = new Map<OutportEvent, Told>();
    for (const change of told) {
      if (change.type === 'SCHEDULED') {
        const event = scheduleEventOf(change.schedule, change.before);
        if (event) events.set(event, change);
      } else if (change.type === 'MOVED' && change.statusBefore !== change.record.status) {
        const { id: exportId, status, version } = change.record;
        log('INFO', 'export moved', { requestId, exportId, status, version });
        measureEnd(controlPlane.metrics, change.record);
        events.set(exportEventOf(change.record), change);
      }
    }
    for (const [event, { sequenceNumber }] of events) {
      try {
        await enqueueEvent(controlPlane.records, webhooks, event, controlPlane.outport.now());
      } catch (error) {
        logError(error, { requestId, about: event.subject });
        batchItemFailures.push({ itemIdentifier: sequenceNumber });
      }
    }
    for (const group of inTurn(changes)) {
      const begun = beginnings(delivery);
      await inParallel(group, BEGINNINGS_AT_ONCE, async (change) => {
        const failures = await publish(delivery, begun, change).catch((error: unknown) => [error]);
        for (const failure of failures) logError(failure, { requestId, ...about(change) });
        if (failures.length > 0) batchItemFailures.push({ itemIdentifier: change.sequenceNumber });
      });
    }
    for (const { event, reason } of await sendToBus([...events.keys()])) {
      if (reason !== null) logError(reason, { requestId, about: event.subject });
      controlPlane.metrics.put({ EventsUnsent: 1 });
      try {
        await keepForBus(controlPlane.records, event, controlPlane.outport.now());
      } catch (error) {
        logError(error, { requestId, about: event.subject });
        batchItemFailures.push({ itemIdentifier: events.get(event)?.sequenceNumber ?? '' });
      }
    }
    return { batchItemFailures };
  };
}

function parseChange({ dynamodb }: DynamoDBRecord): Told {
  // These records hold no binary values, the only ones that Lambda's events write in another way than the API.
  const image = unmarshall((dynamodb?.NewImage ?? {}) as Parameters<typeof unmarshall>[0]);
  const sequenceNumber = dynamodb?.SequenceNumber ?? '';
  const at = new Date((dynamodb?.ApproximateCreationDateTime ?? 0) * 1000);
  const subscription = parseSubscriptionKey(image);
  if (subscription) return { sequenceNumber, at, type: 'SUBSCRIBED', subscription };
  const schedule = parseSchedule(image);
  if (schedule) {
    const { chain, current, status } = dynamodb?.OldImage ?? {};
    const before = {
      wasBroken: chain?.M?.brokenAt?.M !== undefined,
      wasActive: status?.S === 'ACTIVE',
      wasDelayed: isDelayed({ attempt: Number(current?.M?.attempt?.N) }),
    };
    return { sequenceNumber, type: 'SCHEDULED', schedule, before };
  }
  const statusBefore = dynamodb?.OldImage?.status?.S;
  return { sequenceNumber, at, type: 'MOVED', record: parseExportRecord(image), statusBefore };
}

/**
 * What to tell subscribers, one group after another. Beginnings that follow each other are one, as they depend on nothing
 * but the moves before them. Progress is left out where more of it follows: subscribers catch up the sooner.
 */
function inTurn(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  for (const [position, change] of changes.entries()) {
    if (change.type === 'MOVED') {
      if (!changes.slice(position + 1).some((next) => supersedes(next, change.record))) groups.push([change]);
      continue;
    }
    const last = groups.at(-1);
    if (last?.[0]?.type === 'SUBSCRIBED') last.push(change);
    else groups.push([change]);
  }
  return groups;
}

const supersedes = (next: Change, record: ExportRecord): boolean =>
  isOpen(record) && next.type === 'MOVED' && next.record.id === record.id && next.record.status === record.status;

const publish = (delivery: Delivery, begun: Beginnings, change: Change): Promise<unknown[]> =>
  change.type === 'MOVED' ? tellMove(delivery, change.record, change.at) : begun.tell(change.subscription, change.at);

const about = (change: Change) =>
  change.type === 'MOVED' ? { exportId: change.record.id } : { connectionId: change.subscription.connectionId };
