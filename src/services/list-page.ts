/** A page of a list. */
export interface ListPage<T> {
  readonly items: readonly T[];
  /** Whether there is more that the reader may see, or may be: see below. */
  readonly hasNextPage: boolean;
  /** Where to go on: the last item, or where looking was given up. */
  readonly endPosition: string | null;
}

/** Records looked at for one page, seen or passed over: what bounds the cost of a page that hardly anything fits. */
const LOOKED_AT_MAX = 1_000;

/**
 * Reads until an item more than `first` fits, the history ends, or enough has been looked at; in the last case the page
 * may be short, or empty, with more to come. Otherwise a page says nothing of what was passed over: not even that there
 * is something which its reader may not see.
 */
export async function readListPage<T>(
  history: AsyncIterable<T>,
  positionOf: (item: T) => string,
  first: number,
  fits: (item: T) => boolean,
): Promise<ListPage<T>> {
  const items: T[] = [];
  let lastShown: string | null = null;
  let lastLookedAt: string | null = null;
  let lookedAt = 0;
  for await (const item of history) {
    if (lookedAt === LOOKED_AT_MAX) return { items, hasNextPage: true, endPosition: lastLookedAt };
    lookedAt += 1;
    lastLookedAt = positionOf(item);
    if (!fits(item)) continue;
    if (items.length === first) return { items, hasNextPage: true, endPosition: lastShown };
    items.push(item);
    lastShown = lastLookedAt;
  }
  return { items, hasNextPage: false, endPosition: lastShown };
}
