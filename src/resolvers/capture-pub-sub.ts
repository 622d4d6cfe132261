import { AsyncLocalStorage } from 'node:async_hooks';
import type { PubSub } from 'type-graphql';

/**
 * Subscriptions without a process that stays: on Lambda nobody holds a stream open between two events, so a
 * subscription is run anew each time, with GraphQL's own `subscribe()` and the same resolvers.
 *
 * - `captureTopics(run)`: `run` subscribes; the topics it would listen on come back, to be stored with the connection.
 *   The stream yields once, with no event: the resolver answers with the state as it is now. That value is read when
 *   the first `next()` is called, so whoever stores the topics before that call cannot miss a change in between.
 * - `withEvent(event, run)`: `run` subscribes again; a stream on the event's topic yields its payload, once, others nothing.
 *
 * Either way the stream ends by itself.
 */
interface SubscriptionRun {
  readonly topics: string[];
  /** Null while topics are captured. */
  readonly event: SubscriptionEvent | null;
}

export interface SubscriptionEvent {
  readonly topic: string;
  readonly payload: unknown;
}

const currentRun = new AsyncLocalStorage<SubscriptionRun>();

/** Runs a subscription to learn its topics. See above. */
export async function captureTopics<T>(run: () => Promise<T>): Promise<{ result: T; topics: readonly string[] }> {
  const topics: string[] = [];
  const result = await currentRun.run({ topics, event: null }, run);
  return { result, topics };
}

/** Runs a subscription for one event. See above. */
export function withEvent<T>(event: SubscriptionEvent, run: () => Promise<T>): Promise<T> {
  return currentRun.run({ topics: [], event }, run);
}

/** What the schema is built with. */
export const capturePubSub: PubSub = {
  publish() {
    throw new Error("events go out from the records table's stream, never from a resolver");
  },
  subscribe(topic) {
    const run = currentRun.getStore();
    if (!run) throw new Error('a subscription runs inside captureTopics or withEvent');
    run.topics.push(topic);
    return streamOf(run, topic);
  },
};

async function* streamOf({ event }: SubscriptionRun, topic: string): AsyncGenerator<unknown> {
  if (event === null) yield undefined;
  else if (event.topic === topic) yield event.payload;
}
