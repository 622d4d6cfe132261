import { Paper, Stack, Table, type TableProps } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { SearchIcon } from '../app/icons.tsx';
import { ListPager } from './list-pager.tsx';
import { Failed, Loading, Nothing } from './states.tsx';
import type { ListPage } from './use-page.ts';

interface PagedListProps<Node> extends Pick<TableProps, 'verticalSpacing'> {
  readonly page: UseQueryResult<ListPage<Node>>;
  /** The cursor in the address. */
  readonly after: string;
  readonly onTurn: (after: string) => void;
  /** The cells above the columns. */
  readonly head: ReactNode;
  readonly row: (node: Node) => ReactNode;
  /** Instead of a list without anything in it. */
  readonly empty: ReactNode;
  /** Below the list. */
  readonly note?: ReactNode;
}

/** A page of a list in a frame, or what there is to say instead. */
export function PagedList<Node>({
  page: { data, error, isPlaceholderData, refetch },
  after,
  onTurn,
  head,
  row,
  empty,
  note,
  ...table
}: PagedListProps<Node>) {
  if (!data) return error ? <Failed error={error} onRetry={refetch} /> : <Loading rows={8} />;
  const { nodes, pageInfo } = data;
  if (nodes.length === 0 && !pageInfo.hasNextPage && !after) return empty;

  return (
    <Stack style={{ opacity: isPlaceholderData ? 0.6 : 1 }} aria-busy={isPlaceholderData}>
      {error && <Failed error={error} onRetry={refetch} />}
      {nodes.length === 0 ? (
        <Nothing icon={<SearchIcon size={26} />} title={pageInfo.hasNextPage ? 'Nothing so far' : 'Nothing more'}>
          {pageInfo.hasNextPage
            ? 'Nothing of what was looked through is for you to see. There is more behind it.'
            : 'There is nothing behind the page before.'}
        </Nothing>
      ) : (
        <Paper withBorder style={{ overflow: 'hidden' }}>
          <Table {...table}>
            <Table.Thead>
              <Table.Tr>{head}</Table.Tr>
            </Table.Thead>
            <Table.Tbody>{nodes.map(row)}</Table.Tbody>
          </Table>
        </Paper>
      )}
      {note}
      <ListPager after={after} pageInfo={pageInfo} onTurn={onTurn} />
    </Stack>
  );
}
