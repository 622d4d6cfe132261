import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { AccountsDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { Nothing } from '../ui/states.tsx';

/** An account in one Region: where tables, limits and exports are. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

const keyOf = ({ account, region }: Place): string => `${account}/${region}`;

/** The accounts and Regions there are, and the one that is meant: the first, unless another is named. */
export function usePlaces(named: Place) {
  const outport = useOutport();
  const query = useQuery({
    queryKey: ['accounts'],
    queryFn: ({ signal }) => outport.request(AccountsDocument, {}, { signal }),
  });
  const places: readonly Place[] = query.data?.accounts ?? [];
  const place = places.find((known) => keyOf(known) === keyOf(named)) ?? places[0];
  return { ...query, places, place };
}

/** There is none, or none for the viewer: Outport does not tell which. */
export function NoPlaces({ icon }: { readonly icon: ReactNode }) {
  return (
    <Nothing icon={icon} title="No account that you may see">
      Outport offers the accounts that whoever runs it has configured, and those that it has exported from, to those
      whom the policies let see what is in them. Ask the platform team for a policy, if you should be one of them.
    </Nothing>
  );
}

interface AccountPickerProps {
  readonly places: readonly Place[];
  readonly place: Place;
  readonly onPick: (place: Place) => void;
}

export function AccountPicker({ places, place, onPick }: AccountPickerProps) {
  return (
    <Select
      label="Account and Region"
      data={places.map((known) => ({ value: keyOf(known), label: `${known.account} · ${known.region}` }))}
      value={keyOf(place)}
      onChange={(key) => {
        const picked = places.find((known) => keyOf(known) === key);
        if (picked) onPick(picked);
      }}
      allowDeselect={false}
      searchable={places.length > 8}
      w={{ base: '100%', xs: 250 }}
    />
  );
}
