import { Anchor, Paper, Text, Timeline, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { ExportFieldsFragment } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { CheckIcon, CrossIcon } from '../app/icons.tsx';
import { ExportStoryDocument, type ExportStoryQuery } from '../generated/operations.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import classes from './story.module.css';

type Entry = NonNullable<ExportStoryQuery['export']>['story'][number];

const WENT_WRONG: readonly Entry['event'][] = ['FAILED', 'MISMATCH', 'UNAVAILABLE', 'CANCELED'];

/** What has become of an export so far, asked anew with each of its versions. */
export function useStory({ id, version }: ExportFieldsFragment) {
  const outport = useOutport();
  return useQuery({
    queryKey: ['export-story', id, version],
    queryFn: ({ signal }) => outport.request(ExportStoryDocument, { id }, { signal }),
    placeholderData: keepPreviousData,
  });
}

interface StoryProps {
  readonly id: string;
  readonly story: readonly Entry[] | undefined;
  readonly error: Error | null;
}

export function Story({ id, story, error }: StoryProps) {
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="story">
      <Title order={2} id="story" mb="md">
        Story
      </Title>
      {error && <Failed error={error} />}
      {!story && !error && <Loading rows={3} />}
      {story && (
        <Timeline
          active={story.length - 1}
          bulletSize={20}
          lineWidth={2}
          component="ol"
          role="list"
          pl={12}
          m={0}
          className={classes.story}
        >
          {story.map((entry) => {
            const wrong = WENT_WRONG.includes(entry.event);
            return (
              <Timeline.Item
                key={`${entry.event} ${entry.time}`}
                className="appearing"
                role="listitem"
                color={wrong ? 'red' : undefined}
                bullet={wrong ? <CrossIcon size={12} /> : <CheckIcon size={12} />}
                title={
                  <Text size="sm" fw={600}>
                    {entry.title}
                  </Text>
                }
              >
                {entry.detail && (
                  <Text size="xs" className="unbroken">
                    {entry.detail}
                  </Text>
                )}
                <Text size="xs" c="dimmed">
                  <Time at={entry.time} />
                </Text>
              </Timeline.Item>
            );
          })}
        </Timeline>
      )}
      <Anchor component={Link} to={`/audit?export=${id}`} size="sm" mt="md" display="inline-block">
        Its audit trail
      </Anchor>
    </Paper>
  );
}
