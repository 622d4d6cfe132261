import { Button, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { type ExportFilter, ExportsDocument, ViewerDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { ExportsIcon, PlusIcon, SearchIcon } from '../app/icons.tsx';
import { Page } from '../ui/page.tsx';
import { PagedList } from '../ui/paged-list.tsx';
import { Loading, Nothing } from '../ui/states.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { usePage } from '../ui/use-page.ts';
import { ExportFilters, FILTERS, filterOf } from './export-filters.tsx';
import { ExportRow } from './export-row.tsx';
import { EXPORTS_KEY, useLiveList } from './use-live-list.ts';

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
        // Where there is room, it is beside every page.
        <Button component={Link} to="/exports/new" leftSection={<PlusIcon size={16} />} hiddenFrom="sm">
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
  const page = usePage([...EXPORTS_KEY, filter], after, async (cursor, signal) => {
    const variables = { filter, after: cursor, first: PAGE_SIZE };
    return (await outport.request(ExportsDocument, variables, { signal })).exports;
  });
  useLiveList(filter);
  return (
    <PagedList
      page={page}
      after={after}
      onTurn={onTurn}
      head={
        <>
          <Table.Th>Table</Table.Th>
          <Table.Th visibleFrom="md">Of</Table.Th>
          <Table.Th visibleFrom="lg">To</Table.Th>
          <Table.Th visibleFrom="sm">Asked for by</Table.Th>
          <Table.Th>Status</Table.Th>
        </>
      }
      row={(listed) => <ExportRow key={listed.id} listed={listed} />}
      empty={<NoExports filtered={Object.keys(filter).length > 0} />}
    />
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
