import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { BOUNDED_CALLS, BRIEF_CALLS } from '../bounded-calls.ts';
import type { OutportEvent } from './cloud-event.ts';

/** Of one PutEvents: EventBridge's own limit. */
const ENTRIES_MAX = 10;

/** An event that the bus did not take, and may when it is sent again. */
interface Unsent {
  readonly event: OutportEvent;
  readonly reason: unknown;
}

export interface EventBus {
  /** Sends events in their order. Those that come back were not taken; the others were, perhaps more than once. */
  send(events: readonly OutportEvent[]): Promise<readonly Unsent[]>;
}

/**
 * @param name of a bus in the account and Region of the function
 * @param options `brief`: gives up soon, for those who have others wait
 */
export function createEventBus(name: string, { brief = false } = {}): EventBus {
  const client = new EventBridgeClient(brief ? BRIEF_CALLS : BOUNDED_CALLS);

  async function put(events: readonly OutportEvent[]): Promise<Unsent[]> {
    try {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({ Entries: events.map((event) => entryOf(event, name)) }),
      );
      return events.flatMap((event, index) => {
        const { EventId, ErrorCode, ErrorMessage } = Entries[index] ?? {};
        return EventId ? [] : [{ event, reason: new Error(`PutEvents: ${ErrorCode}: ${ErrorMessage}`) }];
      });
    } catch (reason) {
      return events.map((event) => ({ event, reason }));
    }
  }

  return {
    async send(events) {
      const unsent: Unsent[] = [];
      for (let from = 0; from < events.length; from += ENTRIES_MAX) {
        unsent.push(...(await put(events.slice(from, from + ENTRIES_MAX))));
      }
      return unsent;
    },
  };
}

/** Rules match on source, detail type and what is in the detail, which is the whole CloudEvent. */
const entryOf = (event: OutportEvent, bus: string) => ({
  EventBusName: bus,
  Source: event.source,
  DetailType: event.type,
  Time: new Date(event.time),
  Resources: [event.data.tableArn],
  Detail: JSON.stringify(event),
});
