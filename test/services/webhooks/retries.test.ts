import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isGivenUp, nextAttemptAt } from '../../../src/services/webhooks/retries.ts';

const NOW = new Date('2026-11-23T00:00:00.000Z');
const delaySeconds = (attempts: number, random: number) =>
  (Date.parse(nextAttemptAt(attempts, NOW, random)) - NOW.getTime()) / 1000;

describe('the delay before the next attempt', () => {
  test('triples from half a minute to an hour', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 100].map((attempts) => delaySeconds(attempts, 1))).toEqual([
      30, 90, 270, 810, 2430, 3600, 3600, 3600,
    ]);
  });

  test('is between half of that and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e4 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
        const [delay, most] = [delaySeconds(attempts, random), delaySeconds(attempts, 1)];
        expect(delay).toBeGreaterThanOrEqual(Math.floor(most / 2));
        expect(delay).toBeLessThanOrEqual(most);
      }),
    );
  });
});

test('an event is given up after three days', () => {
  expect(isGivenUp('2026-11-20T00:00:00.001Z', NOW)).toBe(false);
  expect(isGivenUp('2026-11-20T00:00:00.000Z', NOW)).toBe(true);
});
