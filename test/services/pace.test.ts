import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OpenExport } from '../../src/records/export-records.ts';
import { intervalMs, isDue, msUntilDue } from '../../src/services/pace.ts';

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

const CREATED = new Date('2026-01-01T00:00:00Z');
const after = (milliseconds: number) => new Date(CREATED.getTime() + milliseconds);
const facts = {
  id: 'exp_a',
  version: 1,
  source: 'OUTPORT',
  requestedBy: null,
  team: null,
  clientToken: null,
  inputHash: null,
  tableArn: 'arn',
  exportTime: null,
  exportFormat: 'DYNAMODB_JSON',
  exportType: 'FULL_EXPORT',
  incrementalExport: null,
  filter: null,
  destination: { bucket: 'b', bucketOwner: null, prefix: null, encryption: { algorithm: 'AES256', kmsKeyId: null } },
  tableSizeBytes: 0,
  expectedOutputBytes: null,
  expectedSeconds: null,
  retryOf: null,
  createdAt: CREATED.toISOString(),
  updatedAt: CREATED.toISOString(),
  deadlineAt: CREATED.toISOString(),
} as const;
const QUEUED: OpenExport = { ...facts, status: 'QUEUED', admittedAt: null };
const IN_PROGRESS: OpenExport = {
  ...facts,
  status: 'IN_PROGRESS',
  exportArn: 'a',
  startTime: CREATED.toISOString(),
  progress: null,
};

test('a running export is due at once, then a tenth of its age later', () => {
  expect(isDue(IN_PROGRESS, null, CREATED)).toBe(true);
  expect(msUntilDue(IN_PROGRESS, after(10_000), after(10_000))).toBe(1_000);
  expect(isDue(IN_PROGRESS, after(10_000), after(11_200))).toBe(true);
});

test('how long it waited in the queue before does not make it be looked at less often', () => {
  const started: OpenExport = { ...IN_PROGRESS, startTime: after(3_600_000).toISOString() };
  expect(msUntilDue(started, after(3_610_000), after(3_610_000))).toBe(1_000);
});

test('a waiting export is due whenever it is its turn', () => {
  expect(isDue(QUEUED, after(3_600_000), after(3_600_000))).toBe(true);
});

test('a queued export is left to the request that created it for five seconds', () => {
  expect(isDue(QUEUED, null, after(4_999))).toBe(false);
  expect(isDue(QUEUED, null, after(5_000))).toBe(true);
});
