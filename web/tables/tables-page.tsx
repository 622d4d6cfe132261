import { Button, Group, Table, VisuallyHidden } from '@mantine/core';
import { useOutport } from '../api/outport.tsx';
import { SearchIcon, TablesIcon } from '../app/icons.tsx';
import { TablesDocument } from '../generated/operations.ts';
import { Page } from '../ui/page.tsx';
import { PagedList } from '../ui/paged-list.tsx';
import { Failed, Loading, Nothing } from '../ui/states.tsx';
import { TypedText } from '../ui/typed-text.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { usePage } from '../ui/use-page.ts';
import { AccountPicker, NoPlaces, type Place, usePlaces } from './account-picker.tsx';
import { TableRow } from './table-row.tsx';

const PAGE_SIZE = 20;

/** The tables that one may see, and how far back each can be exported. */
export function TablesPage() {
  const [url, setUrl] = useUrlState(['account', 'region', 'name', 'after']);
  const places = usePlaces(url);

  return (
    <Page
      title="Tables"
      description="Tables you may see, how far back each can be exported, and what was exported last."
    >
      {places.isPending && <Loading />}
      {places.isError && <Failed error={places.error} onRetry={places.refetch} />}
      {places.isSuccess && !places.place && <NoPlaces icon={<TablesIcon size={28} />} />}
      {places.place && (
        <>
          <Group align="flex-end">
            <AccountPicker
              places={places.places}
              place={places.place}
              onPick={(place) => setUrl({ ...place, after: '' })}
            />
            <TypedText
              label="Name begins with"
              leftSection={<SearchIcon size={16} />}
              value={url.name}
              onTyped={(name) => setUrl({ name, after: '' }, { replace: true })}
              w={{ base: '100%', xs: 260 }}
            />
          </Group>
          <TableList
            place={places.place}
            name={url.name}
            after={url.after}
            onTurn={(after) => setUrl({ after })}
            onClear={() => setUrl({ name: '' })}
          />
        </>
      )}
    </Page>
  );
}

interface TableListProps {
  readonly place: Place;
  readonly name: string;
  readonly after: string;
  readonly onTurn: (after: string) => void;
  readonly onClear: () => void;
}

function TableList({ place, name, after, onTurn, onClear }: TableListProps) {
  const outport = useOutport();
  const page = usePage(['tables', place, name], after, async (cursor, signal) => {
    const variables = { ...place, nameBeginsWith: name || null, after: cursor, first: PAGE_SIZE };
    return (await outport.request(TablesDocument, variables, { signal })).tables;
  });
  const now = page.dataUpdatedAt;
  return (
    <PagedList
      page={page}
      after={after}
      onTurn={onTurn}
      head={
        <>
          <Table.Th>Table</Table.Th>
          <Table.Th visibleFrom="lg">Size</Table.Th>
          <Table.Th visibleFrom="sm" w="34%">
            Can be exported as of
          </Table.Th>
          <Table.Th visibleFrom="lg">Last exports</Table.Th>
          <Table.Th>
            <VisuallyHidden>Export</VisuallyHidden>
          </Table.Th>
        </>
      }
      row={(table) => <TableRow key={table.tableArn} table={table} now={now} />}
      empty={<NoTables place={place} name={name} onClear={onClear} />}
    />
  );
}

function NoTables({ place, name, onClear }: Pick<TableListProps, 'place' | 'name' | 'onClear'>) {
  if (name) {
    const action = (
      <Button variant="default" onClick={onClear}>
        Show all tables
      </Button>
    );
    return (
      <Nothing icon={<SearchIcon size={26} />} title={`No table begins with “${name}”`} action={action}>
        Names are case-sensitive. Tables that you may not see are not listed.
      </Nothing>
    );
  }
  return (
    <Nothing icon={<TablesIcon size={28} />} title="No tables to see">
      There is none in account {place.account} in {place.region}, or none that you may see.
    </Nothing>
  );
}
