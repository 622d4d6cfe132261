import type { Change } from '../../src/engine/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/engine/limits.ts';
import { change } from '../engine/support/changes.ts';
import { Random } from './random.ts';

const HOUR_MICROS = 3_600_000_000;

export const TABLE = 'table';
export const START = { timeMicros: 1_700_000_000_000_000, sequence: 0 };
export const PERIOD_DAYS = 2;

/** Limits that make a few hundred changes roll logs, build bases, drop bases and spill runs, each a seed's own. */
export function limitsOf(seed: number): Limits {
  const random = new Random(seed);
  return {
    ...DEFAULT_LIMITS,
    logFileBytes: random.integer(300, 20_000),
    newBaseLogBytes: random.integer(200, 10_000),
    newBaseLogShare: random.pick([0.02, 0.5, 2]),
    buildingShareMax: 1,
    sortMemoryBytes: random.integer(500, 50_000),
    smallJobBytes: random.integer(0, 20_000),
    pieceBytes: random.integer(100, 4_000),
    exportPieceBytes: random.integer(100, 4_000),
    segmentBytesMin: random.integer(100, 3_000),
    segmentBytesMax: random.integer(3_000, 10_000),
  };
}

/** The commits of a seed, without end: the writer and whoever checks its work draw the same ones. */
export function* commitsOf(seed: number): Generator<readonly Change[]> {
  const random = new Random(seed);
  const keyCount = random.integer(1, 400);
  const sortKeys = random.integer(1, 5);
  const deletions = random.fraction() * 0.5;
  const valueMax = random.pick([10, 200, 2_000]);
  let { sequence, timeMicros } = START;
  for (;;) {
    timeMicros += random.pick([0, 1, 1_000, HOUR_MICROS / 4]);
    const keys = new Map<string, { pk: string; sk: number }>();
    for (let count = random.integer(1, 6); count > 0; count--) {
      const key = { pk: `pk${random.integer(1, keyCount)}`, sk: random.integer(1, sortKeys) };
      keys.set(`${key.pk}/${key.sk}`, key);
    }
    yield [...keys.values()].map((key) => {
      sequence += 1;
      const value = `${sequence} ${'x'.repeat(random.integer(0, valueMax))}`;
      return change({ sequence, timeMicros }, key, random.chance(deletions) ? null : value);
    });
  }
}
