import { setTimeout as wait } from 'node:timers/promises';
import type { Context, DynamoDBStreamEvent, EventBridgeEvent } from 'aws-lambda';
import { readOpenExports } from '../records/export-records.ts';
import { EVENT_BUS, postToBus } from '../services/events/bus-outbox.ts';
import { createEventBus } from '../services/events/event-bus.ts';
import { reconcileAccounts, reconcileOpenExports } from '../services/reconcile.ts';
import { reconcileVerifications } from '../services/reconcile-verifications.ts';
import type { Run } from '../services/run.ts';
import { reconcileSchedules } from '../services/schedules/reconcile-schedules.ts';
import { cloudTrailIngestedThrough } from '../services/view-audit.ts';
import { deliverStored, isInTrouble, isParked } from '../services/webhooks/deliver.ts';
import { createPostWebhook } from '../services/webhooks/post.ts';
import { areLocalWebhooksAllowed, readSignedWebhooks } from './configured-webhooks.ts';
import { createControlPlane } from './control-plane.ts';
import { eventBusName } from './environment.ts';
import { logError } from './log.ts';
import { measureOpenExports, secondsBetween } from './measure-exports.ts';
import { measureAttempt, measureBusAttempt, measureParked } from './measure-webhooks.ts';

/** The longest run: shorter than the minute after which the schedule starts the next. */
const RUN_MS_MAX = 50_000;
/** Left for the call in flight when the time is up. */
const RESERVE_MS = 5_000;

const { outport, metrics } = createControlPlane(process.env);
const webhooks = readSignedWebhooks(process.env);
const postWebhook = createPostWebhook({ allowLocal: areLocalWebhooksAllowed(process.env) });
const postBus = postToBus(createEventBus(eventBusName(process.env)));

/**
 * Looks after all exports that have not ended, and all events that webhooks or the bus have not taken. The schedule calls it every
 * minute, which is what the promise "never stuck" rests on; the records table's stream wakes it at once for a new export,
 * a verification that is asked for or an event that is stored for somebody, which is a courtesy.
 */
export async function handler(
  event: EventBridgeEvent<'Scheduled Event', unknown> | DynamoDBStreamEvent,
  context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>,
): Promise<void> {
  const endsAt = Date.now() + Math.min(RUN_MS_MAX, context.getRemainingTimeInMillis() - RESERVE_MS);
  const run: Run = {
    remainingMs: () => endsAt - Date.now(),
    wait: (milliseconds) => wait(milliseconds),
    report: (error, about) => logError(error, { requestId: context.awsRequestId, about }),
  };
  const work = [
    reconcileOpenExports(outport, run),
    reconcileVerifications(outport, run),
    reconcileSchedules(outport, run),
  ];
  if (!('Records' in event)) work.push(reconcileAccounts(outport, run), measure(event.time));
  let isBusy = true;
  const followed = Promise.all(work).finally(() => {
    isBusy = false;
  });
  const { table, now } = outport;
  const delivering = { table, now, random: Math.random };
  const tell = measureAttempt.bind(undefined, metrics, context.awsRequestId);
  const tellOfBus = measureBusAttempt.bind(undefined, metrics, context.awsRequestId);
  // The stream waits for this run: what it has for them meanwhile would wait, too.
  await Promise.all([
    followed,
    deliverStored({ ...delivering, post: postWebhook, tell }, webhooks, run, () => isBusy),
    deliverStored({ ...delivering, post: postBus, tell: tellOfBus }, [EVENT_BUS], run, () => isBusy),
  ]);
}

/** Tells what there is to do once a minute, so that a schedule that stopped shows as numbers that are missing. */
async function measure(scheduledAt: string): Promise<void> {
  const now = outport.now();
  measureOpenExports(metrics, await readOpenExports(outport.table), now);
  metrics.put({ ReconcileLagSeconds: secondsBetween(Date.parse(scheduledAt), now.getTime()) });
  for (const webhook of webhooks) {
    measureParked(metrics, webhook.name, await isParked(outport.table, webhook, now));
  }
  // An alarm that goes on for as long as the bus takes nothing, though it is tried now and then only.
  if (await isInTrouble(outport.table, EVENT_BUS)) metrics.put({ EventsUnsent: 1 });
  const ingestedThrough = await cloudTrailIngestedThrough(outport);
  // Null until there is an account to export from, and a first read of its CloudTrail.
  if (ingestedThrough === null) return;
  metrics.put({ AuditLagSeconds: secondsBetween(Date.parse(ingestedThrough), now.getTime()) });
}
