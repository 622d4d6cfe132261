import { Alert, Grid, Group, Stack, Text } from '@mantine/core';
import { useParams } from 'react-router';
import { type ExportFieldsFragment, hasEnded } from '../../src/client/index.ts';
import { LockIcon } from '../app/icons.tsx';
import { Copy } from '../ui/copyable.tsx';
import { momentOf } from '../ui/export-words.ts';
import { Page } from '../ui/page.tsx';
import { Failed, Loading, Nothing } from '../ui/states.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { tableNameOf } from '../ui/table-arn.ts';
import { ExportActions } from './export-actions.tsx';
import { ExportData } from './export-data.tsx';
import { Facts } from './facts.tsx';
import { Progress } from './progress.tsx';
import { Story, useStory } from './story.tsx';
import { useLiveExport } from './use-live-export.ts';

/** One export: live until it has ended, then what came of it. */
export function ExportPage() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useLiveExport(id);
  if (data) return <ShownExport shown={data} />;
  return (
    <Page title="Export">
      {isPending && <Loading />}
      {error && <Failed error={error} onRetry={refetch} />}
      {data === null && (
        <Nothing icon={<LockIcon size={26} />} title="No such export, or none that you may see">
          <span className="unbroken">{id}</span> is not among the exports that you may see. Check the address, or ask
          whoever gave it to you.
        </Nothing>
      )}
    </Page>
  );
}

function ShownExport({ shown }: { readonly shown: ExportFieldsFragment }) {
  const story = useStory(shown);
  const name = tableNameOf(shown.tableArn);
  const { failure, verification } = shown;

  return (
    <Page
      title={`Export of ${name}`}
      description={
        <Group gap="xs">
          <StatusBadge status={shown.status} />
          <span>{momentOf(shown)}</span>
          <Group gap={2} wrap="nowrap">
            <Text span size="xs" ff="monospace" className="unbroken">
              {shown.id}
            </Text>
            <Copy text={shown.id} what="the id" />
          </Group>
        </Group>
      }
      aside={<ExportActions shown={shown} />}
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Stack gap="lg">
            {failure && (
              <Alert color="red" title={`It failed: ${failure.code}`} role="alert">
                <Text size="sm" className="unbroken">
                  {failure.message}
                </Text>
                <Text size="sm" mt={4}>
                  {failure.remedy}
                </Text>
              </Alert>
            )}
            {verification?.status === 'MISMATCH' && (
              <Alert color="red" title="The files are not as they should be" role="alert">
                {verification.problems.map((problem) => (
                  <Text key={problem} size="sm" className="unbroken">
                    {problem}
                  </Text>
                ))}
              </Alert>
            )}
            {!hasEnded(shown) && <Progress shown={shown} />}
            <Facts shown={shown} />
            {shown.status === 'COMPLETED' && story.data && (
              <ExportData shown={shown} canRead={story.data.export?.viewerCanRead ?? false} />
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Story id={shown.id} story={story.data?.export?.story} error={story.error} />
        </Grid.Col>
      </Grid>
    </Page>
  );
}
