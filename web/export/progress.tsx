import { Progress as Bar, Group, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import type { ExportFieldsFragment } from '../../src/client/index.ts';
import { FileIcon } from '../app/icons.tsx';
import { bytes, count } from '../ui/format.ts';
import { useRate } from './use-rate.ts';

/** Files that are drawn one by one; more are counted only. */
const FILES_DRAWN_MAX = 48;

/** How far an export that goes on has come. */
export function Progress({ shown }: { readonly shown: ExportFieldsFragment }) {
  const { status, progress, queuePosition } = shown;
  const { estimatedPercent = null, filesWritten = 0, bytesWritten = 0 } = progress ?? {};
  const rate = useRate(bytesWritten);
  const waits = status === 'QUEUED';

  return (
    <Paper withBorder p="md" component="section" aria-labelledby="progress">
      <Group justify="space-between" mb="sm">
        <Title order={2} id="progress">
          {waits ? 'Waiting for its turn' : 'Being written'}
        </Title>
        <Text fw={700} className="figures" aria-live="polite">
          {waits && queuePosition !== null && `Place ${queuePosition} in the queue`}
          {!waits && estimatedPercent !== null && `about ${estimatedPercent} %`}
        </Text>
      </Group>
      <Bar.Root size="lg" radius="xl">
        <Bar.Section
          // Without past exports to go by, nobody knows how much there will be.
          value={waits ? 0 : (estimatedPercent ?? 100)}
          animated={!waits}
          striped={estimatedPercent === null}
          aria-label="Progress of the export"
          aria-valuetext={waits ? 'waiting' : estimatedPercent === null ? 'being written' : `${estimatedPercent} %`}
        />
      </Bar.Root>
      {!waits && (
        <SimpleGrid cols={3} mt="md">
          <Figure label="Written" value={bytes(bytesWritten)} />
          <Figure label="Files" value={count(filesWritten)} />
          <Figure label="Rate" value={rate === null ? '–' : `${bytes(rate)}/s`} />
        </SimpleGrid>
      )}
      {filesWritten > 0 && (
        <Group gap={4} mt="md" c="outport" aria-hidden="true">
          {Array.from({ length: Math.min(filesWritten, FILES_DRAWN_MAX) }, (_, file) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: files are counted, not named, while they are written
            <span key={file} className="appearing">
              <FileIcon size={20} />
            </span>
          ))}
        </Group>
      )}
    </Paper>
  );
}

function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text fw={600} fz="lg" className="figures">
        {value}
      </Text>
    </div>
  );
}
