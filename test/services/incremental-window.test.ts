import { describe, expect, test } from 'vitest';
import { windowProblem } from '../../src/services/incremental-window.ts';

const PAST = {
  tableCreatedAt: new Date('2026-01-01T00:00:00Z'),
  earliestRestorable: new Date('2026-01-02T00:00:00Z'),
  now: new Date('2026-01-10T00:00:00Z'),
};
const windowOf = (exportFromTime: string, exportToTime: string | null) => ({
  exportFromTime,
  exportToTime,
  exportViewType: 'NEW_IMAGE' as const,
});

describe('a window', () => {
  test.each([
    ['of the shortest length', '2026-01-05T00:00:00Z', '2026-01-05T00:15:00Z'],
    ['of the greatest length', '2026-01-05T00:00:00Z', '2026-01-06T00:00:00Z'],
    ['up to now', '2026-01-09T12:00:00Z', null],
    ['from the beginning of the recovery window', '2026-01-02T00:00:00Z', '2026-01-02T01:00:00Z'],
  ])('%s can be exported', (_what, from, to) => expect(windowProblem(windowOf(from, to), PAST)).toBeNull());

  test.each([
    [
      'before the table was created',
      '2025-12-31T23:59:59Z',
      '2026-01-01T00:10:00Z',
      'Incremental export period from time cannot be less than the table creation time : 2025-12-31T23:59:59Z',
    ],
    [
      'before the recovery window',
      '2026-01-01T12:00:00Z',
      '2026-01-02T06:00:00Z',
      'Incremental export period from time cannot be less than the earliest restorable time 2026-01-02T00:00:00.000Z : 2026-01-01T12:00:00Z',
    ],
    [
      'into the future',
      '2026-01-09T12:00:00Z',
      '2026-01-10T00:00:01Z',
      'Incremental export period to time cannot be greater than the current time : 2026-01-10T00:00:01Z',
    ],
    [
      'too short',
      '2026-01-05T00:00:00Z',
      '2026-01-05T00:14:59Z',
      'Difference between export period from time and export period to time is less than 15 minutes',
    ],
    [
      'too short, as it ends now',
      '2026-01-09T23:45:01Z',
      null,
      'Difference between export period from time and export period to time is less than 15 minutes',
    ],
    [
      'that ends before it begins',
      '2026-01-06T00:00:00Z',
      '2026-01-05T00:00:00Z',
      'Difference between export period from time and export period to time is less than 15 minutes',
    ],
    [
      'too long',
      '2026-01-05T00:00:00Z',
      '2026-01-06T00:00:01Z',
      'Difference between export period from time and export period to time is greater than 24 hours',
    ],
  ])('%s cannot', (_what, from, to, problem) => expect(windowProblem(windowOf(from, to), PAST)).toBe(problem));
});
