import type { Attempt } from '../services/webhooks/deliver.ts';
import { log } from './log.ts';
import type { MetricName, Metrics } from './metrics.ts';

/** By what came of an attempt. */
const COUNTED_AS: Readonly<Record<Attempt['outcome'], MetricName>> = {
  TAKEN: 'WebhookEventsTaken',
  REFUSED: 'WebhookEventsRefused',
  GONE: 'WebhookEventsRefused',
  GIVEN_UP: 'WebhookEventsGivenUp',
};

/** Logs and counts an attempt. That an endpoint of somebody else's fails is no error of ours. */
export function measureAttempt(metrics: Metrics, requestId: string, attempt: Attempt): void {
  const { webhook, eventId, attempts, outcome, problem } = attempt;
  log('INFO', 'sent to a webhook', { requestId, webhook, eventId, attempts, outcome, problem });
  metrics.put({ [COUNTED_AS[outcome]]: 1 }, { name: 'webhook', value: webhook });
}

/** Logs an attempt to send the event bus what it did not take at first, and counts it when it did not now. */
export function measureBusAttempt(metrics: Metrics, requestId: string, attempt: Attempt): void {
  const { eventId, attempts, outcome, problem } = attempt;
  log(outcome === 'TAKEN' ? 'INFO' : 'ERROR', 'sent to the event bus', {
    requestId,
    eventId,
    attempts,
    outcome,
    problem,
  });
  if (outcome !== 'TAKEN') metrics.put({ EventsUnsent: 1 });
}

/** Tells whether a webhook is parked, once a minute. */
export function measureParked(metrics: Metrics, webhook: string, isParked: boolean): void {
  metrics.put({ WebhooksParked: isParked ? 1 : 0 }, { name: 'webhook', value: webhook });
}
