import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';

/** A page of a list, as every list of the API has it. */
export interface ListPage<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

/** Pages with nothing on them that are turned at once. Each has looked through a thousand records. */
const EMPTY_PAGES_MAX = 5;

interface PageOptions {
  /** Asks again so often, in milliseconds. */
  readonly refetchInterval?: number;
}

/**
 * The page of a list behind a cursor. What one may not see is passed over, so that a page may be empty with more behind it:
 * those are turned, within bounds.
 * @param key what the list is of, for the cache
 */
export function usePage<Node, Page extends ListPage<Node> = ListPage<Node>>(
  key: readonly unknown[],
  after: string,
  read: (after: string | null, signal: AbortSignal) => Promise<Page>,
  options: PageOptions = {},
): UseQueryResult<Page> {
  return useQuery({
    queryKey: [...key, after],
    queryFn: async ({ signal }) => {
      let page = await read(after || null, signal);
      for (let turned = 0; turned < EMPTY_PAGES_MAX && isEmptySoFar(page); turned += 1) {
        page = await read(page.pageInfo.endCursor, signal);
      }
      return page;
    },
    placeholderData: keepPreviousData,
    ...options,
  });
}

/** Nothing is on it, but there may be on those behind. */
const isEmptySoFar = ({ nodes, pageInfo }: ListPage<unknown>): boolean => nodes.length === 0 && pageInfo.hasNextPage;
