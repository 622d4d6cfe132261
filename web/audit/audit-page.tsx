import { Button, Stack, Table, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { type AuditEventFilter, AuditEventsDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { AuditIcon } from '../app/icons.tsx';
import { ListPager } from '../ui/list-pager.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { Page } from '../ui/page.tsx';
import { Failed, Loading, Nothing } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { AuditFilters, FILTERS, filterOf } from './audit-filters.tsx';
import { AuditRow } from './audit-row.tsx';

const PAGE_SIZE = 25;

/** Who asked for what, what was decided and what came of it. */
export function AuditPage() {
  const [url, setUrl] = useUrlState([...FILTERS, 'after']);
  return (
    <Page
      title="Audit"
      description="Who asked for what, what was decided and what came of it. Reading it is recorded, too."
    >
      <AuditFilters values={url} onChange={(values, history) => setUrl({ ...values, after: '' }, history)} />
      <AuditList filter={filterOf(url)} after={url.after} onTurn={(after) => setUrl({ after })} />
    </Page>
  );
}

interface AuditListProps {
  readonly filter: AuditEventFilter;
  readonly after: string;
  readonly onTurn: (after: string) => void;
}

function AuditList({ filter, after, onTurn }: AuditListProps) {
  const outport = useOutport();
  // The story of one export is read from its beginning.
  const orderBy = filter.exportId ? 'EVENT_TIME_ASC' : 'EVENT_TIME_DESC';
  const variables = { filter, after: after || null, first: PAGE_SIZE, orderBy } as const;
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['audit', variables],
    queryFn: ({ signal }) => outport.request(AuditEventsDocument, variables, { signal }),
    placeholderData: keepPreviousData,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading rows={8} />;
  const { nodes, pageInfo, ingestedThrough } = data.auditEvents;
  if (nodes.length === 0 && !pageInfo.hasNextPage) return <NoEvents filtered={Object.keys(filter).length > 0} />;

  return (
    <Stack style={{ opacity: isPlaceholderData ? 0.6 : 1 }} aria-busy={isPlaceholderData}>
      <ListTable
        verticalSpacing="xs"
        head={
          <>
            <Table.Th>When</Table.Th>
            <Table.Th visibleFrom="sm">Who</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th visibleFrom="lg">Decided by</Table.Th>
            <Table.Th>Details</Table.Th>
          </>
        }
      >
        {nodes.map((event) => (
          <AuditRow key={event.id} event={event} />
        ))}
      </ListTable>
      <Text size="xs" c="dimmed">
        {ingestedThrough ? (
          <>
            CloudTrail has been read up to <Time at={ingestedThrough} />; it tells of calls up to 15 minutes late.
          </>
        ) : (
          'CloudTrail has yet to be read.'
        )}
      </Text>
      <ListPager after={after} pageInfo={pageInfo} onTurn={onTurn} />
    </Stack>
  );
}

function NoEvents({ filtered }: { readonly filtered: boolean }) {
  const all = (
    <Button component={Link} to="/audit" variant="default">
      Show all events
    </Button>
  );
  return (
    <Nothing
      icon={<AuditIcon size={26} />}
      title={filtered ? 'No event fits' : 'No events that you may read'}
      action={filtered && all}
    >
      Only events that the policies let you read are listed.
    </Nothing>
  );
}
