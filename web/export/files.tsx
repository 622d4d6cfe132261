import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ExportFilesDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { DownloadIcon, FileIcon } from '../app/icons.tsx';
import { Copy } from '../ui/copyable.tsx';
import { bytes, count } from '../ui/format.ts';
import { ListPager } from '../ui/list-pager.tsx';
import { Failed, Loading, Nothing } from '../ui/states.tsx';
import { useUrlState } from '../ui/url-state.ts';

const PAGE_SIZE = 20;
/** Links are good for five minutes from when they were asked for. */
const ASK_AGAIN_MS = 4 * 60_000;

/** The data files of an export, to download. */
export function Files({ id }: { readonly id: string }) {
  const outport = useOutport();
  const [{ after }, setUrl] = useUrlState(['after']);
  const variables = { id, first: PAGE_SIZE, after: after || null };
  const { data, error, refetch } = useQuery({
    queryKey: ['export-files', variables],
    queryFn: ({ signal }) => outport.request(ExportFilesDocument, variables, { signal }),
    placeholderData: keepPreviousData,
    // Reading is in the audit: not more often than is of use.
    staleTime: ASK_AGAIN_MS,
    refetchInterval: ASK_AGAIN_MS,
    refetchIntervalInBackground: false,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const files = data.export?.files;
  if (!files || files.nodes.length === 0) {
    return (
      <Nothing icon={<FileIcon size={26} />} title="No data files">
        There was nothing to export, so only manifests were written.
      </Nothing>
    );
  }
  return (
    <Stack>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>File</Table.Th>
            <Table.Th ta="right">Items</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              Size
            </Table.Th>
            <Table.Th ta="right">Download</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {files.nodes.map(({ key, itemCount, sizeBytes, md5Checksum, downloadUrl }) => (
            <Table.Tr key={key}>
              <Table.Td>
                <Text size="sm" className="unbroken" title={key}>
                  {nameOf(key)}
                </Text>
                <Group gap={4} wrap="nowrap">
                  <Text size="xs" ff="monospace" c="dimmed" className="unbroken">
                    MD5 {md5Checksum}
                  </Text>
                  <Copy text={md5Checksum} what="the checksum" />
                </Group>
              </Table.Td>
              <Table.Td ta="right">{count(itemCount)}</Table.Td>
              <Table.Td ta="right" visibleFrom="sm">
                {sizeBytes === null ? '–' : bytes(sizeBytes)}
              </Table.Td>
              <Table.Td ta="right">
                {downloadUrl === null ? (
                  <Text size="sm" c="dimmed">
                    Not in the bucket any more
                  </Text>
                ) : (
                  <Button
                    component="a"
                    href={downloadUrl}
                    download={nameOf(key)}
                    size="xs"
                    variant="light"
                    px="xs"
                    aria-label={`Download ${nameOf(key)}`}
                  >
                    <DownloadIcon size={16} />
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <ListPager after={after} pageInfo={files.pageInfo} onTurn={(next) => setUrl({ after: next })} />
    </Stack>
  );
}

const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
