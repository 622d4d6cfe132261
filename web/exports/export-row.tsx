import { Anchor, Progress, Stack, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { ExportFieldsFragment } from '../../src/client/index.ts';
import { momentOf, placeOf } from '../ui/export-words.ts';
import { bytes, counted } from '../ui/format.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { tableNameOf } from '../ui/table-arn.ts';
import { Time } from '../ui/time.tsx';

export function ExportRow({ listed }: { readonly listed: ExportFieldsFragment }) {
  const { id, tableArn, createdAt, destination, requestedBy, status } = listed;
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/exports/${id}`} fw={600} className="unbroken">
          {tableNameOf(tableArn)}
        </Anchor>
        <Text size="xs" c="dimmed" component="div">
          <Time at={createdAt} />
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="sm">{momentOf(listed)}</Text>
      </Table.Td>
      <Table.Td visibleFrom="lg">
        <Text size="sm" className="unbroken">
          {placeOf(destination)}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">{requestedBy ? (requestedBy.name ?? requestedBy.subject) : 'Started elsewhere'}</Text>
        <Text size="xs" c="dimmed">
          {requestedBy?.teams.join(', ')}
        </Text>
      </Table.Td>
      <Table.Td>
        <Stack gap={4}>
          <div>
            <StatusBadge status={status} />
          </div>
          <Standing listed={listed} />
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
}

/** What there is to say of an export beside its status. */
function Standing({ listed }: { readonly listed: ExportFieldsFragment }) {
  const { status, progress, itemCount, queuePosition, failure, tableArn } = listed;
  const percent = progress?.estimatedPercent;
  if (status === 'IN_PROGRESS' && percent != null) {
    return <Progress value={percent} size="sm" aria-label={`Export of ${tableNameOf(tableArn)}`} />;
  }
  return (
    <Text size="xs" c="dimmed" lineClamp={2}>
      {status === 'QUEUED' && queuePosition !== null && `Place ${queuePosition} in the queue`}
      {status === 'IN_PROGRESS' && progress && `${bytes(progress.bytesWritten)} written`}
      {status === 'COMPLETED' && itemCount !== null && counted(itemCount, 'item')}
      {status === 'FAILED' && failure?.message}
    </Text>
  );
}
