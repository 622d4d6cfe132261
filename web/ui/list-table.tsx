import { Paper, Table, type TableProps } from '@mantine/core';
import type { ReactNode } from 'react';

interface ListTableProps extends Pick<TableProps, 'verticalSpacing'> {
  /** The cells above the columns. */
  readonly head: ReactNode;
  /** The rows. */
  readonly children: ReactNode;
}

/** A list in a frame of its own. */
export function ListTable({ head, children, ...table }: ListTableProps) {
  return (
    <Paper withBorder style={{ overflow: 'hidden' }}>
      <Table {...table}>
        <Table.Thead>
          <Table.Tr>{head}</Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Paper>
  );
}
