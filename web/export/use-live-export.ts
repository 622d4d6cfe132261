import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type ExportFieldsFragment, hasEnded } from '../../src/client/index.ts';
import { useConnection } from '../api/connection.ts';
import { useOutport } from '../api/outport.tsx';

type Found = ExportFieldsFragment | null;

/** A verification that was asked for after the end is not told to subscribers. */
const ASK_FOR_VERIFICATION_MS = 1_500;

export const exportKey = (id: string) => ['export', id];

/** An export as it stands, kept so for as long as it is shown; null when there is none that the viewer may see. */
export function useLiveExport(id: string): UseQueryResult<Found> {
  const outport = useOutport();
  const queryClient = useQueryClient();
  const { epoch } = useConnection();
  const query = useQuery({
    queryKey: exportKey(id),
    queryFn: ({ signal }) => outport.export(id, { signal }),
    refetchInterval: ({ state }) =>
      state.data?.verification?.status === 'IN_PROGRESS' ? ASK_FOR_VERIFICATION_MS : false,
  });
  const goesOn = query.data ? !hasEnded(query.data) : false;

  // biome-ignore lint/correctness/useExhaustiveDependencies: with each restored connection it begins anew
  useEffect(() => {
    if (!goesOn) return;
    const controller = new AbortController();
    const follow = async () => {
      for await (const update of outport.watchExport(id, { signal: controller.signal })) {
        queryClient.setQueryData<Found>(exportKey(id), (shown) =>
          shown && shown.version > update.version ? shown : update,
        );
      }
    };
    // It ends when the page does, or when Outport cannot be reached: then the next epoch begins it anew.
    follow().catch(() => undefined);
    return () => controller.abort();
  }, [outport, queryClient, id, goesOn, epoch]);
  return query;
}
