import { Button, Stack, Table } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import {
  type ExportFieldsFragment,
  type ExportFilter,
  ExportsDocument,
  ViewerDocument,
} from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { ExportsIcon, PlusIcon, SearchIcon } from '../app/icons.tsx';
import { ListPager } from '../ui/list-pager.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { Page } from '../ui/page.tsx';
import { Failed, Loading, Nothing } from '../ui/states.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { ExportFilters, FILTERS, filterOf } from './export-filters.tsx';
import { ExportRow } from './export-row.tsx';
import { useLiveList } from './use-live-list.ts';

const PAGE_SIZE = 25;

/** Every export that one may see, as it stands. */
export function ExportsPage() {
  const outport = useOutport();
  const [url, setUrl] = useUrlState([...FILTERS, 'after']);
  const viewer = useQuery({
    queryKey: ['viewer'],
    queryFn: ({ signal }) => outport.request(ViewerDocument, {}, { signal }),
  });
  const filter = filterOf(url, viewer.data?.viewer.subject);

  return (
    <Page
      title="Exports"
      description="Newest first. What runs is shown as it goes on."
      aside={
        <Button component={Link} to="/exports/new" leftSection={<PlusIcon size={16} />}>
          New export
        </Button>
      }
    >
      <ExportFilters values={url} onChange={(values, history) => setUrl({ ...values, after: '' }, history)} />
      {filter === undefined ? (
        <Loading />
      ) : (
        <ExportList filter={filter} after={url.after} onTurn={(after) => setUrl({ after })} />
      )}
    </Page>
  );
}

interface ExportListProps {
  readonly filter: ExportFilter;
  readonly after: string;
  readonly onTurn: (after: string) => void;
}

function ExportList({ filter, after, onTurn }: ExportListProps) {
  const outport = useOutport();
  const variables = { filter, after: after || null, first: PAGE_SIZE };
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['exports', variables],
    queryFn: ({ signal }) => outport.request(ExportsDocument, variables, { signal }),
    placeholderData: keepPreviousData,
  });
  useLiveList(filter);
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading rows={8} />;
  const { nodes, pageInfo } = data.exports;
  if (nodes.length === 0 && !pageInfo.hasNextPage) return <NoExports filtered={Object.keys(filter).length > 0} />;

  return (
    <Stack style={{ opacity: isPlaceholderData ? 0.6 : 1 }} aria-busy={isPlaceholderData}>
      <ListTable
        head={
          <>
            <Table.Th>Table</Table.Th>
            <Table.Th visibleFrom="lg">Of</Table.Th>
            <Table.Th visibleFrom="md">To</Table.Th>
            <Table.Th visibleFrom="sm">Asked for by</Table.Th>
            <Table.Th>Status</Table.Th>
          </>
        }
      >
        {nodes.map((listed: ExportFieldsFragment) => (
          <ExportRow key={listed.id} listed={listed} />
        ))}
      </ListTable>
      <ListPager after={after} pageInfo={pageInfo} onTurn={onTurn} />
    </Stack>
  );
}

function NoExports({ filtered }: { readonly filtered: boolean }) {
  if (filtered) {
    const all = (
      <Button component={Link} to="/exports" variant="default">
        Show all exports
      </Button>
    );
    return (
      <Nothing icon={<SearchIcon size={26} />} title="No export fits" action={all}>
        Exports that you may not see are not listed.
      </Nothing>
    );
  }
  const first = (
    <Button component={Link} to="/tables">
      Choose a table
    </Button>
  );
  return (
    <Nothing icon={<ExportsIcon size={26} />} title="No exports yet" action={first}>
      Take a table as it was at any second that it can be recovered to, and have it written to S3.
    </Nothing>
  );
}
