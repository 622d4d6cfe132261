import { useQuery } from '@tanstack/react-query';
import { useOutport } from '../api/outport.tsx';
import { TableDocument } from '../generated/operations.ts';
import { parseTableArn } from '../ui/table-arn.ts';

/** What there is to know of a table, once its ARN is one. */
export function useTable(tableArn: string) {
  const outport = useOutport();
  return useQuery({
    queryKey: ['table', tableArn],
    queryFn: ({ signal }) => outport.request(TableDocument, { tableArn }, { signal }),
    enabled: parseTableArn(tableArn) !== undefined,
  });
}
