import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InvocationResult } from '../../../src/local/host/invocation.ts';
import { Schedule } from '../../../src/local/host/scheduler.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-23T01:02:03.456Z') });
});

afterEach(() => {
  vi.useRealTimers();
});

function schedule(invoke: (event: unknown) => Promise<InvocationResult>): Schedule {
  const target = { name: 'reconcile', invoke };
  return new Schedule({ target, periodMs: 60_000, accountId: '999999999999', region: 'us-east-1' });
}

describe('Schedule', () => {
  test('invokes at the start and every period, with the event of EventBridge', async () => {
    const events: unknown[] = [];
    const every = schedule(async (event) => {
      events.push(event);
      return { ok: true, payload: null };
    });
    every.start();
    await vi.advanceTimersByTimeAsync(120_000);
    every.close();
    await vi.advanceTimersByTimeAsync(120_000);

    expect(events).toHaveLength(3);
    expect(events[0]).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '999999999999',
      time: '2026-11-23T01:02:03Z',
      region: 'us-east-1',
      resources: ['arn:aws:events:us-east-1:999999999999:rule/reconcile'],
      detail: {},
    });
  });

  test('leaves a beat out while the one before is under way', async () => {
    const finish: Array<() => void> = [];
    const every = schedule(() => new Promise((resolve) => finish.push(() => resolve({ ok: true, payload: null }))));
    every.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(finish).toHaveLength(1);

    finish[0]?.();
    await vi.advanceTimersByTimeAsync(60_000);
    every.close();
    expect(finish).toHaveLength(2);
  });
});
