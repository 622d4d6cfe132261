import fc from 'fast-check';
import { expect, test } from 'vitest';
import { intervalMs } from '../../src/services/pace.ts';

test('a young export is looked at every 200 ms, an old one every 15 s, and never less often for being younger', () => {
  expect(intervalMs(0)).toBe(200);
  expect(intervalMs(60_000)).toBe(6_000);
  expect(intervalMs(24 * 60 * 60_000)).toBe(15_000);
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (a, b) => {
      expect(intervalMs(Math.min(a, b))).toBeLessThanOrEqual(intervalMs(Math.max(a, b)));
    }),
  );
});
