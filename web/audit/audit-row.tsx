import { ActionIcon, Anchor, Box, Code, Collapse, DataList, Group, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Fragment, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { AuditEvent } from '../../src/client/index.ts';
import { ChevronIcon } from '../app/icons.tsx';
import { words } from '../ui/format.ts';
import { Tag } from '../ui/status-badge.tsx';
import { tableNameOf } from '../ui/table-arn.ts';
import { Time } from '../ui/time.tsx';

const COLORS: Readonly<Partial<Record<string, string>>> = {
  REFUSED: 'red',
  REJECTED: 'red',
  FAILED: 'red',
  MISMATCH: 'red',
  COMPLETED: 'teal',
  VERIFIED: 'teal',
  ACCEPTED: 'teal',
};

const COLUMNS = 5;

export function AuditRow({ event }: { readonly event: AuditEvent }) {
  const [opened, { toggle }] = useDisclosure(false);
  const details = `details-${event.id}`;
  const who = event.principalName ?? event.principal;
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <Text size="sm" component="div">
            <Time at={event.eventTime} />
          </Text>
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            {who}
          </Text>
        </Table.Td>
        <Table.Td visibleFrom="sm" maw={220}>
          <Text size="sm" truncate title={event.principal ?? undefined}>
            {who ?? '–'}
          </Text>
        </Table.Td>
        <Table.Td>
          <Group gap={6}>
            <Text size="sm" fw={600} style={{ whiteSpace: 'nowrap' }}>
              {event.eventName}
            </Text>
            <Tag color={COLORS[event.outcome] ?? 'gray'}>{words(event.outcome)}</Tag>
          </Group>
          <Text size="xs" c="dimmed" className="unbroken" lineClamp={2}>
            {event.tableArn && tableNameOf(event.tableArn)}
            {event.errorCode && `${event.tableArn ? ': ' : ''}${event.errorCode}`}
          </Text>
        </Table.Td>
        <Table.Td visibleFrom="lg" w="30%">
          <Text size="xs" c="dimmed" lineClamp={2}>
            {event.decision ? `${words(event.decision)} by ${event.policyIds.join(', ') || 'no policy'}` : '–'}
          </Text>
        </Table.Td>
        <Table.Td w={48}>
          <ActionIcon
            variant="subtle"
            color="gray"
            c="inherit"
            onClick={toggle}
            aria-expanded={opened}
            aria-controls={details}
            aria-label={`Details of ${event.eventName}, ${words(event.outcome)}`}
          >
            <Box style={{ display: 'flex', transform: opened ? 'rotate(90deg)' : undefined }}>
              <ChevronIcon size={16} />
            </Box>
          </ActionIcon>
        </Table.Td>
      </Table.Tr>
      <Table.Tr id={details} style={opened ? undefined : { display: 'none' }}>
        <Table.Td colSpan={COLUMNS}>
          <Collapse expanded={opened}>{opened && <Details event={event} />}</Collapse>
        </Table.Td>
      </Table.Tr>
    </>
  );
}

function Details({ event }: { readonly event: AuditEvent }) {
  const rows: ReadonlyArray<[label: string, value: ReactNode]> = [
    ['Why', event.errorMessage],
    ['Principal', event.principal],
    ['Issuer', event.issuer],
    ['Table', event.tableArn],
    [
      'Export',
      event.exportId && (
        <Anchor component={Link} to={`/exports/${event.exportId}`} size="sm">
          {event.exportId}
        </Anchor>
      ),
    ],
    ['DynamoDB’s export', event.exportArn],
    ['Recorded by', words(event.source)],
    ['From', event.sourceIpAddress],
    ['Client', event.userAgent],
    ['Request', event.requestId],
    ['Asked for', event.input && <Code block>{indented(event.input)}</Code>],
  ];
  return (
    <DataList gap={4} size="xs" labelWidth={110} p="xs">
      {rows
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <Fragment key={label}>
            <DataList.Item>
              <DataList.ItemLabel>{label}</DataList.ItemLabel>
              <DataList.ItemValue className="unbroken">{value}</DataList.ItemValue>
            </DataList.Item>
          </Fragment>
        ))}
    </DataList>
  );
}

/** JSON, or whatever else it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
