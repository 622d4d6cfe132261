import { describe, expect, test } from 'vitest';
import type { CompletedExport } from '../../src/records/export-records.ts';
import { estimate } from '../../src/services/preflight/estimates.ts';
import { tableOf } from '../../src/services/table-arn.ts';
import { exportCompleted } from '../support/export-moves.ts';

const GIB = 1024 ** 3;
const PAST = exportCompleted('exp_past', 3);

function past(minutes: number, facts: Partial<CompletedExport> = {}): CompletedExport {
  return {
    ...PAST,
    startTime: '2026-01-01T00:00:00.000Z',
    endTime: `2026-01-01T00:${String(minutes).padStart(2, '0')}:00.000Z`,
    billedSizeBytes: GIB,
    tableSizeBytes: 1000,
    progress: { filesWritten: 1, bytesWritten: 250, estimatedPercent: 100 },
    ...facts,
  };
}

const FULL = { table: tableOf(PAST), exportType: 'FULL_EXPORT', filter: null } as const;
const INCREMENTAL = { ...FULL, exportType: 'INCREMENTAL_EXPORT' } as const;
const NONE = { of: 'ACCOUNT', exports: [] } as const;

describe('the cost', () => {
  test('of a full export is 0.10 USD for each binary GB of the table', () => {
    const { cost, billedSizeBytes } = estimate(FULL, 25 * GIB, NONE);
    expect(billedSizeBytes).toBe(25 * GIB);
    expect(cost.amount).toBeCloseTo(2.5, 10);
    expect(cost.note).toMatch(/^Estimate from the size of the table, which may be six hours old: 0\.10 USD per GB/);
  });

  test('of an incremental export is at least that of 10 MB, whatever the table has', () => {
    const { cost } = estimate(INCREMENTAL, 25 * GIB, NONE);
    expect(cost.amount).toBeCloseTo((10_000_000 / GIB) * 0.1, 10);
    expect(cost.note).toMatch(/^The least that an incremental export costs/);
  });

  test('of an incremental export is what past ones of the table came to', () => {
    const exports = [past(1, { billedSizeBytes: 2 * GIB }), past(1, { billedSizeBytes: 4 * GIB })];
    expect(estimate(INCREMENTAL, GIB, { of: 'TABLE', exports }).billedSizeBytes).toBe(3 * GIB);
    expect(estimate(INCREMENTAL, GIB, { of: 'ACCOUNT', exports }).billedSizeBytes).toBe(10_000_000);
  });
});

describe('the duration', () => {
  test('is the median of past exports', () => {
    const exports = [past(30), past(2), past(4)];
    expect(estimate(FULL, 1, { of: 'TABLE', exports }).duration).toEqual({
      seconds: 240,
      basis: 'TABLE',
      sampleSize: 3,
    });
  });

  test('is not known without any', () => expect(estimate(FULL, 1, NONE).duration).toBeNull());
});

describe('the output', () => {
  test('is by past exports of the table the same part of its size', () => {
    expect(estimate(FULL, 4000, { of: 'TABLE', exports: [past(1)] }).outputBytes).toBe(1000);
  });

  test('is not known of other tables, empty tables, and filters', () => {
    const filter = {
      filterExpression: 'a = b',
      projectionExpression: null,
      keyConditionExpression: null,
      expressionAttributeNames: null,
      expressionAttributeValues: null,
    };
    expect(estimate(FULL, 4000, { of: 'ACCOUNT', exports: [past(1)] }).outputBytes).toBeNull();
    expect(estimate({ ...FULL, filter }, 4000, { of: 'TABLE', exports: [past(1)] }).outputBytes).toBeNull();
    expect(estimate(FULL, 4000, { of: 'TABLE', exports: [past(1, { tableSizeBytes: 0 })] }).outputBytes).toBeNull();
    expect(estimate(FULL, 4000, { of: 'TABLE', exports: [past(1, { filter })] }).outputBytes).toBeNull();
  });
});
