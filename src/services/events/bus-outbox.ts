import type { RecordsTable } from '../../records/table.ts';
import { storeEvent } from '../webhooks/enqueue.ts';
import type { Post } from '../webhooks/post.ts';
import type { OutportEvent } from './cloud-event.ts';
import type { EventBus } from './event-bus.ts';

/** The event bus among those whom stored events are sent to. No webhook can have its name. */
export const EVENT_BUS = { name: 'event bus' };

/** Stores an event that the bus did not take, once, so that nobody has to wait for the bus: reconcile sends it. */
export const keepForBus = (table: RecordsTable, event: OutportEvent, now: Date): Promise<void> =>
  storeEvent(table, EVENT_BUS.name, event, now);

/** Sends the bus a stored event. */
export function postToBus(bus: EventBus): Post<typeof EVENT_BUS> {
  return async (_bus, { body }) => {
    const [unsent] = await bus.send([JSON.parse(body)]);
    if (!unsent) return { outcome: 'TAKEN' };
    const { reason } = unsent;
    return { outcome: 'REFUSED', problem: reason instanceof Error ? reason.message : String(reason) };
  };
}
