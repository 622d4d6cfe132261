import { DataList, Group, Paper, Text, ThemeIcon, Title } from '@mantine/core';
import { CheckIcon, CrossIcon } from '../app/icons.tsx';
import { placeOf } from '../ui/export-words.ts';
import { count } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';
import type { ShownSchedule } from './schedule-page.tsx';

/** Whether the chain is what it promises, and what it promises. */
export function Verdict({ shown }: { readonly shown: ShownSchedule }) {
  const { verdict, destination, status, nextStepAt, chainedThrough } = shown;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="verdict">
      <Title order={2} id="verdict" mb="sm">
        Is it whole?
      </Title>
      {verdict.links === 0 ? (
        <Text size="sm" c="dimmed">
          There is no complete link yet.
        </Text>
      ) : (
        <>
          <Finding
            holds={verdict.contiguous}
            good="Every link begins where the one before it ends"
            bad="There is a gap"
          />
          <Finding
            holds={verdict.verified}
            good="The files of every link were verified"
            bad="Not all files were verified"
          />
        </>
      )}
      {verdict.problems.map((problem) => (
        <Text key={problem} size="xs" mt={4} className="unbroken">
          {problem}
        </Text>
      ))}
      <DataList gap={8} labelWidth={96} mt="md">
        <DataList.Item>
          <DataList.ItemLabel>Links</DataList.ItemLabel>
          <DataList.ItemValue>
            {count(verdict.links)}
            {!verdict.whole && ', the last that there are'}
          </DataList.ItemValue>
        </DataList.Item>
        {verdict.from && (
          <DataList.Item>
            <DataList.ItemLabel>From</DataList.ItemLabel>
            <DataList.ItemValue>
              <Time at={verdict.from} />
            </DataList.ItemValue>
          </DataList.Item>
        )}
        {chainedThrough && (
          <DataList.Item>
            <DataList.ItemLabel>Up to</DataList.ItemLabel>
            <DataList.ItemValue>
              <Time at={chainedThrough} />
            </DataList.ItemValue>
          </DataList.Item>
        )}
        {status === 'ACTIVE' && (
          <DataList.Item>
            <DataList.ItemLabel>Next step</DataList.ItemLabel>
            <DataList.ItemValue>
              <Time at={nextStepAt} />
            </DataList.ItemValue>
          </DataList.Item>
        )}
        <DataList.Item>
          <DataList.ItemLabel>Where to</DataList.ItemLabel>
          <DataList.ItemValue className="unbroken">{placeOf(destination)}</DataList.ItemValue>
        </DataList.Item>
      </DataList>
    </Paper>
  );
}

interface FindingProps {
  readonly holds: boolean;
  readonly good: string;
  readonly bad: string;
}

function Finding({ holds, good, bad }: FindingProps) {
  return (
    <Group gap="xs" wrap="nowrap" mb={6}>
      <ThemeIcon size={20} radius="xl" variant="light" color={holds ? 'teal' : 'red'}>
        {holds ? <CheckIcon size={13} /> : <CrossIcon size={13} />}
      </ThemeIcon>
      <Text size="sm">{holds ? good : bad}</Text>
    </Group>
  );
}
