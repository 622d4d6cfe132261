import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ExportFieldsFragment, ExportFilter, ExportsQuery } from '../../src/client/index.ts';
import { useConnection } from '../api/connection.ts';
import { useOutport } from '../api/outport.tsx';

/** Keeps the lists of exports that are shown as they are at Outport. */
export function useLiveList(filter: ExportFilter): void {
  const outport = useOutport();
  const queryClient = useQueryClient();
  const { epoch } = useConnection();
  const key = JSON.stringify(filter);

  // biome-ignore lint/correctness/useExhaustiveDependencies: with each restored connection it begins anew
  useEffect(() => {
    const controller = new AbortController();
    const readAgain = () => queryClient.invalidateQueries({ queryKey: ['exports'] });
    const follow = async () => {
      for await (const update of outport.watchExports(JSON.parse(key), { signal: controller.signal })) {
        // An export that is not shown yet may belong at the top: only Outport knows.
        if (!update || !showsNewer(update)) await readAgain();
      }
    };
    /** Whether some list had the export, which is now shown as it has become. */
    const showsNewer = (update: ExportFieldsFragment): boolean => {
      let shown = false;
      queryClient.setQueriesData<ExportsQuery>({ queryKey: ['exports'] }, (list) => {
        const at = list?.exports.nodes.findIndex(({ id }) => id === update.id) ?? -1;
        if (!list || at === -1) return list;
        shown = true;
        const nodes = list.exports.nodes.with(at, update);
        return { ...list, exports: { ...list.exports, nodes } };
      });
      return shown;
    };
    // It ends when the page does, or when Outport cannot be reached: then the next epoch begins it anew.
    follow().catch(() => undefined);
    return () => controller.abort();
  }, [outport, queryClient, key, epoch]);
}
