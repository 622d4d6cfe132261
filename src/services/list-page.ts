import type { HistoryPosition } from '../records/history.ts';

/** A page of a list. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly hasNextPage: boolean;
  /** Where to go on; may lie behind the last item, as what the reader may not see has been passed over. */
  readonly endPosition: HistoryPosition | null;
}

/** Records looked at for one page, seen or passed over: what bounds the cost of a page that hardly anything fits. */
const LOOKED_AT_MAX = 1_000;

/**
 * Reads until `first` items fit, the history ends, or enough has been looked at; a page may then be short, or empty,
 * with more to come.
 */
export async function readListPage<T>(
  history: AsyncIterable<T>,
  positionOf: (item: T) => HistoryPosition,
  first: number,
  fits: (item: T) => boolean,
): Promise<ListPage<T>> {
  const items: T[] = [];
  let endPosition: HistoryPosition | null = null;
  let lookedAt = 0;
  for await (const item of history) {
    if (items.length === first || lookedAt === LOOKED_AT_MAX) return { items, hasNextPage: true, endPosition };
    lookedAt += 1;
    endPosition = positionOf(item);
    if (fits(item)) items.push(item);
  }
  return { items, hasNextPage: false, endPosition };
}
