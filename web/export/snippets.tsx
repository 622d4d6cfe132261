import { SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ExportSnippetsDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { QuestionIcon } from '../app/icons.tsx';
import { CodeBlock } from '../ui/copyable.tsx';
import { words } from '../ui/format.ts';
import { Failed, Loading, Nothing } from '../ui/states.tsx';
import { useUrlState } from '../ui/url-state.ts';

const TOOLS: Readonly<Record<string, string>> = {
  ATHENA: 'Athena',
  AWS_CLI: 'AWS CLI',
  DUCKDB: 'DuckDB',
  GLUE: 'Glue',
  IMPORT_TABLE: 'ImportTable',
  SPARK: 'Spark',
};

/** What to do with the files, to paste into other tools. */
export function Snippets({ id }: { readonly id: string }) {
  const outport = useOutport();
  const [{ tool }, setUrl] = useUrlState(['tool']);
  const { data, error, refetch } = useQuery({
    queryKey: ['export-snippets', id],
    queryFn: ({ signal }) => outport.request(ExportSnippetsDocument, { id }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const snippets = data.export?.snippets ?? [];
  const tools = [...new Set(snippets.map((snippet) => snippet.tool))];
  const chosen = tools.find((known) => known === tool) ?? tools[0];
  if (!chosen) {
    return (
      <Nothing icon={<QuestionIcon size={26} />} title="Nothing to paste">
        No tool that the console knows reads what this export has.
      </Nothing>
    );
  }
  return (
    <Stack>
      <SegmentedControl
        data={tools.map((value) => ({ value, label: TOOLS[value] ?? words(value) }))}
        value={chosen}
        onChange={(next) => setUrl({ tool: next }, { replace: true })}
        aria-label="Tool"
        w="fit-content"
        maw="100%"
        style={{ overflowX: 'auto' }}
      />
      {snippets
        .filter((snippet) => snippet.tool === chosen)
        .map(({ title, text, note }) => (
          <div key={title}>
            <Title order={3} size="h5" mb={4}>
              {title}
            </Title>
            {note && (
              <Text size="sm" c="dimmed" mb="xs">
                {note}
              </Text>
            )}
            <CodeBlock text={text} what={title} />
          </div>
        ))}
    </Stack>
  );
}
