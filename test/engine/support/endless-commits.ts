import type { Change } from '../../../src/engine/index.ts';
import { change } from './changes.ts';

const HOUR_MICROS = 3_600_000_000;

export const COMMITS_START = { timeMicros: 1_700_000_000_000_000, sequence: 0 };

/** The same commits in every process: one an hour, of one to three changes, over forty items. */
export function* endlessCommits(): Generator<readonly Change[]> {
  let sequence = COMMITS_START.sequence;
  for (let commit = 1; ; commit++) {
    const timeMicros = COMMITS_START.timeMicros + commit * HOUR_MICROS;
    yield Array.from({ length: 1 + (commit % 3) }, () => {
      sequence += 1;
      const value = sequence % 7 === 0 ? null : `value ${sequence} ${'x'.repeat(sequence % 50)}`;
      return change({ sequence, timeMicros }, { pk: `pk${(sequence * 11) % 40}`, sk: 0 }, value);
    });
  }
}
