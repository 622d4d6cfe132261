import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { beginOperation } from '../../src/lambda/socket-operations.ts';
import type { Principal } from '../../src/services/principal.ts';
import { RequestRate } from '../../src/services/request-rate.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';

const MAX = 5;

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ OUTPORT_REQUESTS_PER_MINUTE: String(MAX) });
});
afterAll(() => plane.close());
afterEach(() => vi.useRealTimers());

const TYPENAME = '{ __typename }';

test('a burst of one person is stopped at the limit, over HTTP and WebSocket together, and nobody else with it', async () => {
  // Requests that are all in one minute.
  vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / 60_000) * 60_000 + 20_000 });
  const ann = await plane.issuer.token('ann', ['platform']);
  const principal: Principal = {
    issuer: plane.issuer.url,
    subject: 'ann',
    name: null,
    teams: [],
    expiresAtSeconds: Number.MAX_SAFE_INTEGER,
  };
  const origin = { requestId: 'r', sourceIpAddress: '192.0.2.7', userAgent: null };
  const overSocket = () => beginOperation(plane.controlPlane, origin, { query: TYPENAME }, principal);

  expect(await overSocket()).toMatchObject({ kind: 'ANSWERED' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => plane.query(ann, TYPENAME)));

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(MAX - 1);
  const error = {
    message: 'You have sent too many requests. Try again in 40 s.',
    extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 40 },
  };
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(20 - MAX + 1);
  for (const { headers, body } of refused) {
    expect(headers).toMatchObject({ 'retry-after': '40' });
    expect(body.errors).toEqual([error]);
  }
  expect(await overSocket()).toEqual({ kind: 'REFUSED', errors: [error] });

  expect(await plane.query(await plane.issuer.token('bob', ['platform']), TYPENAME)).toMatchObject({ status: 200 });
});

test('the next minute is another', async () => {
  const person = { issuer: 'https://id.example', subject: 'cid' };
  let now = new Date();
  const rate = new RequestRate({ ...plane.outport, now: () => now });
  const at = (time: string) => {
    now = new Date(time);
    return rate.secondsUntilAllowed(person);
  };
  for (let n = 0; n < MAX; n += 1) expect(await at('2026-01-01T00:00:10Z')).toBeNull();
  expect(await at('2026-01-01T00:00:59Z')).toBe(1);
  expect(await at('2026-01-01T00:01:00Z')).toBeNull();
});

test('processes that count ahead let no more through than the limit, and hardly less, with few writes', async () => {
  const [limit, processes] = [1_000, 3];
  const person = { issuer: 'https://id.example', subject: 'dan' };
  const now = () => new Date('2026-01-01T00:00:10Z');
  const rates = Array.from({ length: processes }, () => {
    return new RequestRate({ ...plane.outport, requestsPerMinute: limit, now });
  });
  const writes = vi.spyOn(plane.outport.table.client, 'send');
  let passed = 0;
  for (let n = 0; n < limit + 200; n += 1) {
    if ((await rates[n % processes]?.secondsUntilAllowed(person)) === null) passed += 1;
  }
  const writesForPassed = writes.mock.calls.length;
  writes.mockRestore();

  expect(passed).toBeLessThanOrEqual(limit);
  expect(passed).toBeGreaterThanOrEqual(limit - (processes - 1) * (limit / 100));
  // One for every ten at last, and one for each that is refused.
  expect(writesForPassed).toBeLessThan(limit / 6 + 200);
});

test('one process alone lets exactly as many through as the limit says', async () => {
  const person = { issuer: 'https://id.example', subject: 'eli' };
  const now = () => new Date('2026-01-01T00:00:10Z');
  const rate = new RequestRate({ ...plane.outport, requestsPerMinute: 777, now });
  const answers = await Promise.all(Array.from({ length: 900 }, () => rate.secondsUntilAllowed(person)));

  expect(answers.filter((seconds) => seconds === null)).toHaveLength(777);
});
