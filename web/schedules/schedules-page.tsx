import { Anchor, Button, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import { SchedulesDocument, type SchedulesQuery } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { PlusIcon, SchedulesIcon } from '../app/icons.tsx';
import { placeOf } from '../ui/export-words.ts';
import { words } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { PagedList } from '../ui/paged-list.tsx';
import { Nothing } from '../ui/states.tsx';
import { Tag } from '../ui/status-badge.tsx';
import { tableNameOf } from '../ui/table-arn.ts';
import { Time } from '../ui/time.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { usePage } from '../ui/use-page.ts';
import { rhythmOf, STATUS_COLORS } from './schedule-words.ts';

type ListedSchedule = SchedulesQuery['schedules']['nodes'][number];

const PAGE_SIZE = 25;
const ASK_EVERY_MS = 15_000;

const newSchedule = (
  <Button component={Link} to="/schedules/new" leftSection={<PlusIcon size={16} />}>
    New schedule
  </Button>
);

/** The tables that are kept exported. */
export function SchedulesPage() {
  const outport = useOutport();
  const [{ after }, setUrl] = useUrlState(['after']);
  const read = async (cursor: string | null, signal: AbortSignal) =>
    (await outport.request(SchedulesDocument, { first: PAGE_SIZE, after: cursor }, { signal })).schedules;
  const page = usePage(['schedules'], after, read, { refetchInterval: ASK_EVERY_MS });

  return (
    <Page
      title="Schedules"
      description="Tables that are kept exported: all of it once, then window after window without a gap."
      aside={newSchedule}
    >
      <PagedList
        page={page}
        after={after}
        onTurn={(next) => setUrl({ after: next })}
        head={
          <>
            <Table.Th>Table</Table.Th>
            <Table.Th visibleFrom="sm">Exported up to</Table.Th>
            <Table.Th visibleFrom="md">To</Table.Th>
            <Table.Th>Status</Table.Th>
          </>
        }
        row={(listed) => <ScheduleRow key={listed.id} listed={listed} />}
        empty={
          <Nothing icon={<SchedulesIcon size={26} />} title="No schedules" action={newSchedule}>
            A schedule exports a table once, and what changes in it from then on.
          </Nothing>
        }
      />
    </Page>
  );
}

function ScheduleRow({ listed }: { readonly listed: ListedSchedule }) {
  const { id, tableArn, status, chainedThrough, destination, problem } = listed;
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/schedules/${id}`} fw={600} className="unbroken">
          {tableNameOf(tableArn)}
        </Anchor>
        <Text size="xs" c="dimmed">
          {rhythmOf(listed)}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{chainedThrough ? <Time at={chainedThrough} /> : 'Nothing yet'}</Table.Td>
      <Table.Td visibleFrom="md" className="unbroken">
        {placeOf(destination)}
      </Table.Td>
      <Table.Td>
        <Tag color={STATUS_COLORS[status] ?? 'gray'}>{words(status)}</Tag>
        {problem && (
          <Text size="xs" mt={4} lineClamp={2} title={problem.message}>
            {problem.message}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
