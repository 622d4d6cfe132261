import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ExportTableRequest, PreflightDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { clientTokenFor } from './client-token.ts';

const PAUSE_MS = 400;

/** What `preflight` says of a request, once nothing has been changed for a moment. */
export function usePreflight(request: ExportTableRequest | undefined) {
  const outport = useOutport();
  const current = request && JSON.stringify(request);
  const [asked] = useDebouncedValue(current, PAUSE_MS);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['preflight', asked],
    queryFn: ({ signal }) => {
      const input: ExportTableRequest = JSON.parse(asked ?? '');
      const clientToken = clientTokenFor('export', input);
      return outport.request(PreflightDocument, { input: { ...input, clientToken } }, { signal });
    },
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
  });
  return { preflight: data?.preflight, error, outdated: asked !== current || isPlaceholderData };
}
