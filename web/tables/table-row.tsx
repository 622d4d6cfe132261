import { Anchor, Box, Button, Group, Stack, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { TablesQuery } from '../generated/operations.ts';
import { bytes, counted } from '../ui/format.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { Ago } from '../ui/time.tsx';
import { RecoveryBar } from './recovery-bar.tsx';

type ListedTable = TablesQuery['tables']['nodes'][number];

interface TableRowProps {
  readonly table: ListedTable;
  readonly now: number;
}

export function TableRow({ table, now }: TableRowProps) {
  const { tableArn, tableName, itemCount, tableSizeBytes, keySchema, recovery } = table;
  const exported = table.exports.nodes.map(({ exportTime, createdAt }) => exportTime ?? createdAt);
  const bar = <RecoveryBar recovery={recovery} exported={exported} now={now} />;

  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={600} className="unbroken">
          {tableName}
        </Text>
        <Text size="xs" c="dimmed" className="unbroken">
          {keySchema.map(({ attributeName }) => attributeName).join(' + ')}
        </Text>
        <Text size="xs" c="dimmed" hiddenFrom="lg">
          {bytes(tableSizeBytes)}, {counted(itemCount, 'item')}
        </Text>
        <Box hiddenFrom="sm" mt="xs">
          {bar}
        </Box>
        {exported.length > 0 && (
          <Box hiddenFrom="lg" mt={6}>
            <LastExports nodes={table.exports.nodes.slice(0, 1)} now={now} />
          </Box>
        )}
      </Table.Td>
      <Table.Td visibleFrom="lg" style={{ whiteSpace: 'nowrap' }}>
        <Text size="sm">{bytes(tableSizeBytes)}</Text>
        <Text size="xs" c="dimmed">
          {counted(itemCount, 'item')}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{bar}</Table.Td>
      <Table.Td visibleFrom="lg">
        <LastExports nodes={table.exports.nodes} now={now} />
      </Table.Td>
      <Table.Td ta="right">
        {recovery && (
          <Button
            component={Link}
            to={`/exports/new?table=${encodeURIComponent(tableArn)}`}
            variant="light"
            size="xs"
            aria-label={`Export ${tableName}`}
          >
            Export
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

interface LastExportsProps {
  readonly nodes: ListedTable['exports']['nodes'];
  readonly now: number;
}

function LastExports({ nodes, now }: LastExportsProps) {
  if (nodes.length === 0) {
    return (
      <Text size="xs" c="dimmed">
        Never exported
      </Text>
    );
  }
  return (
    <Stack gap={4}>
      {nodes.map(({ id, status, createdAt }) => (
        <Group key={id} gap="xs" wrap="nowrap">
          <StatusBadge status={status} />
          <Anchor component={Link} to={`/exports/${id}`} size="xs">
            <Ago at={createdAt} now={now} />
          </Anchor>
        </Group>
      ))}
    </Stack>
  );
}
