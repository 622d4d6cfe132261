import { Group, Select, type SelectProps, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { useOutport } from '../api/outport.tsx';
import { TableNamesDocument } from '../generated/operations.ts';
import { parseTableArn, tableNameOf } from '../ui/table-arn.ts';
import { usePlaces } from './account-picker.tsx';

/** Accounts and Regions that are looked through for a table; others are named by the ARN. */
const PLACES_MAX = 8;

const ANYWHERE = { account: '', region: '' };

interface TablePickerProps extends Omit<SelectProps, 'value' | 'onChange' | 'data'> {
  /** An ARN, or nothing. */
  readonly value: string;
  readonly onPick: (tableArn: string) => void;
}

/** Finds a table by the beginning of its name, wherever one may see tables; or takes its ARN. */
export function TablePicker({ value, onPick, ...props }: TablePickerProps) {
  const [typed, setTyped] = useState('');
  const found = useTablesNamed(typed === tableNameOf(value) ? '' : typed);
  const arns = new Set([...(parseTableArn(value) ? [value] : []), ...(parseTableArn(typed) ? [typed] : []), ...found]);

  return (
    <Select
      label="Table"
      placeholder="Name or ARN"
      nothingFoundMessage="No table of that name that you may see. Paste its ARN."
      {...props}
      data={[...arns].map((arn) => ({ value: arn, label: tableNameOf(arn) }))}
      // The names begin with it already, and an ARN is no name.
      filter={({ options }) => options}
      renderOption={({ option }) => <FoundTable tableArn={option.value} />}
      searchable
      onSearchChange={(text) => setTyped(text.trim())}
      value={value || null}
      onChange={(arn) => onPick(arn ?? '')}
    />
  );
}

function useTablesNamed(typed: string): readonly string[] {
  const outport = useOutport();
  const { places } = usePlaces(ANYWHERE);
  const [beginning] = useDebouncedValue(typed, 200);
  const nameBeginsWith = /^[\w.-]+$/.test(beginning) ? beginning : null;
  return useQueries({
    queries: places.slice(0, PLACES_MAX).map((place) => ({
      queryKey: ['table-names', place, nameBeginsWith],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        outport.request(TableNamesDocument, { ...place, nameBeginsWith }, { signal }),
      placeholderData: keepPreviousData,
    })),
    combine: (results) => results.flatMap(({ data }) => data?.tables.nodes.map(({ tableArn }) => tableArn) ?? []),
  });
}

function FoundTable({ tableArn }: { readonly tableArn: string }) {
  const table = parseTableArn(tableArn);
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap" w="100%">
      <Text size="sm" truncate>
        {table?.name ?? tableArn}
      </Text>
      <Text size="xs" c="dimmed">
        {table && `${table.account} · ${table.region}`}
      </Text>
    </Group>
  );
}
