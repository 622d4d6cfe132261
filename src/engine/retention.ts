import type { Generation } from './catalogue.ts';
import type { Limits } from './limits.ts';
import { type Base, filesOfSegments, sizeOfSegments } from './segment.ts';

/** The length of a generation's log; the catalogue does not know that of the last one. */
type LogBytes = (generation: Generation) => number;

/** The last base and the generations since. */
function sinceLastBase(generations: readonly Generation[]): readonly Generation[] {
  return generations.slice(generations.findLastIndex(({ base }) => base));
}

/** Whether the log since the last base has reached so large a share of its lines that an export of now replays much. */
export function isBaseDue(generations: readonly Generation[], logBytes: LogBytes, limits: Limits): boolean {
  const since = sinceLastBase(generations);
  const lineBytes = (since[0]?.base ?? []).flat().reduce((sum, { logicalBytes }) => sum + logicalBytes, 0);
  const replayedBytes = since.reduce((sum, generation) => sum + logBytes(generation), 0);
  return replayedBytes > Math.max(lineBytes * limits.newBaseLogShare, limits.newBaseLogBytes);
}

/**
 * What the window needs: the last base before its first microsecond, which old images of an export from there are made
 * of, and all logs since. Of the bases between that one and the newest, those that have at least as many bytes of log
 * before them, back to the one kept before, as they add to it. So what they add is never more room than the log takes, and
 * no restore replays more than one of them takes besides what it does for the newest.
 */
export function retained(
  generations: readonly Generation[],
  earliestMicros: number,
  logBytes: LogBytes,
): readonly Generation[] {
  const oldest = generations.findLastIndex(({ base, timeMicros }) => base && timeMicros < earliestMicros);
  const needed = generations.slice(Math.max(0, oldest));
  const newest = needed.findLastIndex(({ base }) => base);
  let sinceKept = 0;
  let kept: Base = [];
  return needed.map((generation, index) => {
    const { base, ionTwin, ...bare } = generation;
    const spare = base && index > 0 && index < newest && sinceKept < addedBytes(base, kept);
    if (base && !spare) {
      kept = base;
      sinceKept = 0;
    }
    sinceKept += logBytes(generation);
    return spare ? bare : generation;
  });
}

/** Bytes of the files of a base that an older one does not have. */
function addedBytes(base: Base, older: Base): number {
  const shared = new Set(filesOfSegments(older.flat()));
  return sizeOfSegments(base.flat().filter(({ data }) => !shared.has(data)));
}

/** Bytes that each generation's base and twin take beside those before: a file that several have counts for the oldest. */
export function storedBytes(generations: readonly Generation[]): number[] {
  const counted = new Set<string>();
  return generations.map(({ base = [], ionTwin = [] }) => {
    const added = [...base, ...ionTwin].flat().filter(({ data }) => !counted.has(data));
    for (const { data } of added) counted.add(data);
    return sizeOfSegments(added);
  });
}
