import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InvocationResult } from '../../../src/local/host/invocation.ts';
import type { StreamEvent } from '../../../src/local/host/service-definition.ts';
import { type StreamSource, StreamTrigger } from '../../../src/local/host/stream-trigger.ts';

const STREAM_ARN = 'arn:aws:dynamodb:us-east-1:999999999999:table/records/stream/1';
const taken: InvocationResult = { ok: true, payload: { batchItemFailures: [] } };
const failed: InvocationResult = { ok: false, error: { errorType: 'Error', errorMessage: 'bug' } };
const failing = (...sequences: number[]): InvocationResult => ({
  ok: true,
  payload: { batchItemFailures: sequences.map((sequence) => ({ itemIdentifier: String(sequence) })) },
});

const mapping: StreamEvent = {
  arn: STREAM_ARN,
  batchSize: 10,
  bisectBatchOnFunctionError: false,
  maximumRetryAttempts: 3,
  reportBatchItemFailures: true,
  filterPatterns: [{ eventName: ['INSERT'] }],
};

/** A table's stream in memory: records are numbered from 1. */
class MemoryStream implements StreamSource {
  readonly #records: DynamoDBRecord[] = [];
  #wake: () => void = () => undefined;

  append(...eventNames: Array<DynamoDBRecord['eventName']>): void {
    for (const eventName of eventNames) {
      this.#records.push({ eventName, dynamodb: { SequenceNumber: String(this.#records.length + 1) } });
    }
    this.#wake();
  }

  async read(_streamArn: string, afterSequence: string, limit: number) {
    const after = Number(afterSequence);
    const records = this.#records.slice(after, after + limit);
    return { records, lastSequence: String(after + records.length) };
  }

  waitForRecords(_streamArn: string, afterSequence: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve());
      if (signal.aborted || this.#records.length > Number(afterSequence)) resolve();
    });
  }
}

let streams: MemoryStream;
let checkpoints: Map<string, string>;
let batches: string[][];
let discarded: string[];
let answers: Array<InvocationResult | Promise<InvocationResult>>;
let changed: () => void;
const triggers: StreamTrigger[] = [];

beforeEach(() => {
  streams = new MemoryStream();
  checkpoints = new Map();
  batches = [];
  discarded = [];
  answers = [];
  changed = () => undefined;
});

afterEach(async () => {
  await Promise.all(triggers.splice(0).map((trigger) => trigger.close()));
});

function start(event: Partial<StreamEvent> = {}): StreamTrigger {
  const trigger = new StreamTrigger({
    target: {
      name: 'example',
      invoke: async (invoked: unknown) => {
        batches.push(sequencesOf((invoked as { Records: DynamoDBRecord[] }).Records));
        changed();
        return answers.shift() ?? taken;
      },
    },
    event: { ...mapping, ...event },
    streamArn: STREAM_ARN,
    streams,
    checkpoints: {
      get: async (key) => checkpoints.get(key),
      put: async (key, value) => {
        checkpoints.set(key, value);
        changed();
      },
    },
    onDiscard: (records) => discarded.push(...sequencesOf(records)),
  });
  triggers.push(trigger);
  trigger.start();
  return trigger;
}

const sequencesOf = (records: readonly DynamoDBRecord[]) =>
  records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '');

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      changed = resolve;
    });
  }
}

const reached = (sequence: number) => until(() => checkpoints.get(`example ${STREAM_ARN}`) === String(sequence));

describe('StreamTrigger', () => {
  test('delivers what passes the filter, in order and in batches', async () => {
    streams.append('INSERT', 'MODIFY', 'INSERT');
    start({ batchSize: 2 });
    await reached(3);
    streams.append('REMOVE', 'INSERT');
    await reached(5);

    expect(batches).toEqual([['1'], ['3'], ['5']]);
  });

  test('begins again from the first record that failed', async () => {
    streams.append('INSERT', 'INSERT', 'INSERT');
    answers = [failing(3, 2)];
    start();
    await reached(3);

    expect(batches).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ]);
  });

  test('repeats the whole batch when the function throws or names a record it was not given', async () => {
    streams.append('INSERT', 'INSERT');
    answers = [failed, failing(7)];
    start();
    await reached(2);

    expect(batches).toEqual([
      ['1', '2'],
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  test('takes an empty answer for success', async () => {
    streams.append('INSERT');
    answers = [{ ok: true, payload: null }];
    start();
    await reached(1);

    expect(batches).toEqual([['1']]);
  });

  test('gives a batch up after its retries, and goes on', async () => {
    streams.append('INSERT');
    answers = [failed, failed];
    start({ maximumRetryAttempts: 1 });
    await reached(1);
    streams.append('INSERT');
    await reached(2);

    expect(discarded).toEqual(['1']);
    expect(batches).toEqual([['1'], ['1'], ['2']]);
  });

  test('halves a batch that makes the function throw', async () => {
    streams.append('INSERT', 'INSERT', 'INSERT', 'INSERT');
    answers = [failed, taken, failed];
    start({ bisectBatchOnFunctionError: true });
    await reached(4);

    expect(batches).toEqual([['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['4']]);
  });

  test('resumes behind what was delivered before a restart', async () => {
    streams.append('INSERT', 'INSERT');
    const first = start();
    await reached(2);
    await first.close();
    streams.append('INSERT');
    start();
    await reached(3);

    expect(batches).toEqual([['1', '2'], ['3']]);
  });

  test('delivers again after a restart what was under way', async () => {
    streams.append('INSERT');
    answers = [new Promise(() => undefined)];
    const first = start();
    await until(() => batches.length === 1);
    await first.close();
    start();
    await reached(1);

    expect(batches).toEqual([['1'], ['1']]);
  });

  test('stops while it waits to try again', async () => {
    streams.append('INSERT');
    answers = Array.from({ length: 20 }, () => failed);
    const trigger = start({ maximumRetryAttempts: 20 });
    await until(() => batches.length === 2);
    await trigger.close();

    expect(checkpoints.size).toBe(0);
    expect(discarded).toEqual([]);
  });

  test('refuses a filter it does not know', () => {
    expect(() => start({ filterPatterns: [{ eventName: [{ wildcard: 'I*' }] }] })).toThrow(/does not know/);
  });
});
