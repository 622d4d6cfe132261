import type { SubscriptionRecord } from '../../records/connections.ts';
import type { Delivery } from './deliver.ts';

/** Results kept at the same time, some kilobytes each. */
const RESULTS_MAX = 1_000;

/**
 * Runs an operation once for all who are told the same: whoever is the same person with the same teams, and has asked the
 * same, may see the same and gets the same answer. A person who has many windows open, or a portal's own account, is then
 * one decision of the policies. To be made anew for every event, so that every event is decided on.
 */
export function sharedRuns(run: Delivery['run']): Delivery['run'] {
  const results = new Map<string, ReturnType<Delivery['run']>>();
  return (subscription, record) => {
    const key = keyOf(subscription);
    const known = results.get(key);
    if (known) return known;
    if (results.size === RESULTS_MAX) results.clear();
    const result = run(subscription, record);
    results.set(key, result);
    return result;
  };
}

/** Until when their token is good may differ, which is looked at before anything is run. */
function keyOf({ subscriber, operation, topic }: SubscriptionRecord): string {
  const { issuer, subject, name, teams } = subscriber;
  const { query, operationName, variables } = operation;
  return JSON.stringify([topic, issuer, subject, name, teams, query, operationName, variables]);
}
