import { createHash } from 'node:crypto';
import type { BaseItem, Change } from '../../../src/engine/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../src/engine/limits.ts';

/** So small that a few changes roll the log, build bases and spill runs, and a few items take several segments. */
export const TINY_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  logFileBytes: 600,
  newBaseLogBytes: 300,
  sortMemoryBytes: 900,
  pieceBytes: 200,
  exportPieceBytes: 400,
  segmentBytesMin: 400,
  segmentBytesMax: 400,
};

export interface Key {
  readonly pk: string;
  readonly sk: number;
}

export const partitionHash = (pk: string) => createHash('md5').update(pk).digest('hex').slice(0, 16);
const keyOf = ({ pk, sk }: Key) => `${pk}/${String(sk).padStart(6, '0')}`;

export function imageOf({ pk, sk }: Key, value: string): string {
  return JSON.stringify({ pk: { S: pk }, sk: { N: String(sk) }, value: { S: value } });
}

/** A change that puts the item with this value, or deletes it. */
export function change(at: { sequence: number; timeMicros: number }, key: Key, value: string | null): Change {
  return {
    ...at,
    partitionHash: partitionHash(key.pk),
    key: keyOf(key),
    newImage: value === null ? null : imageOf(key, value),
  };
}

/** The items in batches of one. */
export async function* itemsOf(items: Iterable<readonly [Key, string]>): AsyncGenerator<BaseItem[]> {
  for (const [key, value] of items) {
    yield [{ partitionHash: partitionHash(key.pk), key: keyOf(key), image: imageOf(key, value) }];
  }
}
