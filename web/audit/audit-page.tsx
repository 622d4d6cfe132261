import { Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { Link } from 'react-router';
import { type AuditEvent, type AuditEventFilter, AuditEventsDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { AuditIcon } from '../app/icons.tsx';
import { Page } from '../ui/page.tsx';
import { PagedList } from '../ui/paged-list.tsx';
import { Nothing } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { type ListPage, usePage } from '../ui/use-page.ts';
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

interface ReadAudit extends ListPage<AuditEvent> {
  /** How far CloudTrail has been read; null: not yet. */
  readonly ingestedThrough: string | null;
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
  const page = usePage<AuditEvent, ReadAudit>(['audit', filter, orderBy], after, async (cursor, signal) => {
    const variables = { filter, after: cursor, first: PAGE_SIZE, orderBy } as const;
    return (await outport.request(AuditEventsDocument, variables, { signal })).auditEvents;
  });
  return (
    <PagedList
      page={page}
      after={after}
      onTurn={onTurn}
      verticalSpacing="xs"
      head={
        <>
          <Table.Th>When</Table.Th>
          <Table.Th visibleFrom="sm">Who</Table.Th>
          <Table.Th>What</Table.Th>
          <Table.Th visibleFrom="lg">Decided by</Table.Th>
          <Table.Th>
            <VisuallyHidden>Details</VisuallyHidden>
          </Table.Th>
        </>
      }
      row={(event) => <AuditRow key={event.id} event={event} />}
      empty={<NoEvents filtered={Object.keys(filter).length > 0} />}
      note={page.data && <Freshness ingestedThrough={page.data.ingestedThrough} />}
    />
  );
}

function Freshness({ ingestedThrough }: Pick<ReadAudit, 'ingestedThrough'>) {
  return (
    <Text size="xs" c="dimmed">
      {ingestedThrough ? (
        <>
          CloudTrail has been read up to <Time at={ingestedThrough} />; it tells of calls up to 15 minutes late.
        </>
      ) : (
        'CloudTrail has yet to be read.'
      )}
    </Text>
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
