import { setTimeout as delay } from 'node:timers/promises';
import type { DynamoDBRecord } from 'aws-lambda';
import { compileFilters, type EventFilter } from './event-filter.ts';
import type { InvocationResult, InvocationTarget } from './invocation.ts';
import { isObject } from './is-object.ts';
import type { StreamEvent } from './service-definition.ts';

/** The change streams of tables, as the data plane serves them. */
export interface StreamSource {
  /** Records after a sequence (empty: from the oldest kept), at most `limit`, and the sequence they reach to. */
  read(
    streamArn: string,
    afterSequence: string,
    limit: number,
  ): Promise<{ readonly records: readonly DynamoDBRecord[]; readonly lastSequence: string }>;
  /** Returns when there are records after the sequence, or when `signal` is aborted. */
  waitForRecords(streamArn: string, afterSequence: string, signal: AbortSignal): Promise<void>;
}

/** Where a trigger remembers how far it has come, durably. */
export interface CheckpointStore {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
}

export interface StreamTriggerOptions {
  readonly target: InvocationTarget;
  readonly event: StreamEvent;
  readonly streamArn: string;
  readonly streams: StreamSource;
  readonly checkpoints: CheckpointStore;
  /** Told of a batch that was given up after all its retries. */
  readonly onDiscard: (records: readonly DynamoDBRecord[]) => void;
}

const FIRST_RETRY_DELAY_MS = 100;
const MAX_RETRY_DELAY_MS = 10_000;

/**
 * An event source mapping: delivers a table's stream to a function in order, at least once. It remembers its position
 * after each batch, so a batch that was under way when the process died is delivered again.
 */
export class StreamTrigger {
  readonly #options: StreamTriggerOptions;
  readonly #matches: EventFilter;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  /** Throws for a filter pattern that the host does not know. */
  constructor(options: StreamTriggerOptions) {
    this.#options = options;
    this.#matches = compileFilters(options.event.filterPatterns);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Stops at once: a batch under way is delivered again after the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { streams, streamArn, checkpoints, target, event } = this.#options;
    const checkpoint = `${target.name} ${streamArn}`;
    const { signal } = this.#stop;
    let position = (await checkpoints.get(checkpoint)) ?? '';
    while (!signal.aborted) {
      const { records, lastSequence } = await streams.read(streamArn, position, event.batchSize);
      if (records.length === 0) {
        await streams.waitForRecords(streamArn, position, signal);
        continue;
      }
      await this.#deliver(records.filter(this.#matches), event.maximumRetryAttempts);
      if (signal.aborted) return;
      await checkpoints.put(checkpoint, lastSequence);
      position = lastSequence;
    }
  }

  /** Returns when the records have been taken or given up, or when the trigger is stopped. */
  async #deliver(records: readonly DynamoDBRecord[], retries: number): Promise<void> {
    if (records.length === 0 || this.#stop.signal.aborted) return;
    const outcome = await this.#invoke(records);
    if (outcome === 'taken' || this.#stop.signal.aborted) return;
    const remaining = records.slice(outcome.failedFrom);
    if (retries === 0) return this.#options.onDiscard(remaining);
    await this.#backOff(this.#options.event.maximumRetryAttempts - retries);
    // A record that makes the function throw is isolated by halving, so that it does not take the others with it.
    const half =
      outcome.named || !this.#options.event.bisectBatchOnFunctionError ? 0 : Math.floor(remaining.length / 2);
    await this.#deliver(remaining.slice(0, half), retries - 1);
    await this.#deliver(remaining.slice(half), retries - 1);
  }

  async #invoke(
    records: readonly DynamoDBRecord[],
  ): Promise<'taken' | { readonly failedFrom: number; readonly named: boolean }> {
    const result = await this.#untilStopped(this.#options.target.invoke({ Records: records }));
    if (!result?.ok) return { failedFrom: 0, named: false };
    if (!this.#options.event.reportBatchItemFailures) return 'taken';
    const failures = batchItemFailures(result.payload);
    if (failures.length === 0) return 'taken';
    // The first failure is the checkpoint: what follows it is delivered again too. An unknown name fails the batch.
    const positions = failures.map((name) => records.findIndex((record) => record.dynamodb?.SequenceNumber === name));
    return positions.includes(-1)
      ? { failedFrom: 0, named: false }
      : { failedFrom: Math.min(...positions), named: true };
  }

  async #backOff(attempt: number): Promise<void> {
    const delayMs = Math.min(FIRST_RETRY_DELAY_MS * 2 ** attempt, MAX_RETRY_DELAY_MS);
    // Only the stop signal can end the delay early.
    await delay(delayMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  /** What an invocation results in, or undefined as soon as the trigger is stopped. */
  #untilStopped(invocation: Promise<InvocationResult>): Promise<InvocationResult | undefined> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const stop = () => resolve(undefined);
      signal.addEventListener('abort', stop, { once: true });
      void invocation.then((result) => {
        signal.removeEventListener('abort', stop);
        resolve(result);
      });
    });
  }
}

/** The sequence numbers a function reports as failed; nothing, null or an empty list is success. */
function batchItemFailures(payload: unknown): readonly unknown[] {
  const failures = isObject(payload) ? payload.batchItemFailures : [];
  return Array.isArray(failures) ? failures.map((failure) => failure?.itemIdentifier) : [];
}
