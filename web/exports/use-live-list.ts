import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ExportFieldsFragment, ExportFilter } from '../../src/client/index.ts';
import { useConnection } from '../api/connection.ts';
import { useOutport } from '../api/outport.tsx';
import type { ListPage } from '../ui/use-page.ts';

/** What the keys of all lists of exports begin with. */
export const EXPORTS_KEY = ['exports'] as const;

/** Keeps the lists of exports that are shown as they are at Outport. */
export function useLiveList(filter: ExportFilter): void {
  const outport = useOutport();
  const queryClient = useQueryClient();
  const { epoch } = useConnection();
  const key = JSON.stringify(filter);

  // biome-ignore lint/correctness/useExhaustiveDependencies: with each restored connection it begins anew
  useEffect(() => {
    const controller = new AbortController();
    const readAgain = () => queryClient.invalidateQueries({ queryKey: EXPORTS_KEY });
    const follow = async () => {
      for await (const update of outport.watchExports(JSON.parse(key), { signal: controller.signal })) {
        // An export that is not shown yet may belong at the top: only Outport knows.
        if (!update || !showsNewer(update)) await readAgain();
      }
    };
    /** Whether some list had the export, which is now shown as it has become. */
    const showsNewer = (update: ExportFieldsFragment): boolean => {
      let shown = false;
      queryClient.setQueriesData<ListPage<ExportFieldsFragment>>({ queryKey: EXPORTS_KEY }, (page) => {
        const at = page?.nodes.findIndex(({ id }) => id === update.id) ?? -1;
        if (!page || at === -1) return page;
        shown = true;
        return { ...page, nodes: page.nodes.with(at, update) };
      });
      return shown;
    };
    // It ends when the page does, or when Outport cannot be reached: then the next epoch begins it anew.
    follow().catch(() => undefined);
    return () => controller.abort();
  }, [outport, queryClient, key, epoch]);
}
