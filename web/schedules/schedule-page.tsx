import { Alert, Grid, Group, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { ScheduleDocument, type ScheduleQuery } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { LockIcon } from '../app/icons.tsx';
import { words } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { Failed, Loading, Nothing } from '../ui/states.tsx';
import { Tag } from '../ui/status-badge.tsx';
import { tableNameOf } from '../ui/table-arn.ts';
import { useUrlState } from '../ui/url-state.ts';
import { Chain } from './chain.tsx';
import { ScheduleActions } from './schedule-actions.tsx';
import { rhythmOf, STATUS_COLORS } from './schedule-words.ts';
import { Verdict } from './verdict.tsx';

export type ShownSchedule = NonNullable<ScheduleQuery['schedule']>;

const PAGE_SIZE = 30;
const ASK_EVERY_MS = 5_000;

/** One schedule, and the chain that it has made. */
export function SchedulePage() {
  const { id = '' } = useParams();
  const outport = useOutport();
  const [{ after }, setUrl] = useUrlState(['after']);
  const variables = { id, first: PAGE_SIZE, after: after || null };
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['schedule', variables],
    queryFn: ({ signal }) => outport.request(ScheduleDocument, variables, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ASK_EVERY_MS,
  });
  const shown = data?.schedule;
  if (shown) return <Shown shown={shown} after={after} onTurn={(next) => setUrl({ after: next })} />;
  return (
    <Page title="Schedule">
      {isPending && <Loading />}
      {error && <Failed error={error} onRetry={refetch} />}
      {shown === null && (
        <Nothing icon={<LockIcon size={26} />} title="No such schedule, or none that you may see">
          <span className="unbroken">{id}</span> is not among the schedules that you may see.
        </Nothing>
      )}
    </Page>
  );
}

interface ShownProps {
  readonly shown: ShownSchedule;
  readonly after: string;
  readonly onTurn: (after: string) => void;
}

function Shown({ shown, after, onTurn }: ShownProps) {
  const { status, problem, requestedBy } = shown;
  return (
    <Page
      title={`Schedule of ${tableNameOf(shown.tableArn)}`}
      description={
        <Group gap="xs">
          <Tag color={STATUS_COLORS[status] ?? 'gray'}>{words(status)}</Tag>
          <span>
            {rhythmOf(shown)}, for {requestedBy.name ?? requestedBy.subject}
          </span>
        </Group>
      }
      aside={<ScheduleActions shown={shown} />}
    >
      {problem && (
        <Alert color="orange" title={words(problem.code)}>
          <Text size="sm" className="unbroken">
            {problem.message}
          </Text>
        </Alert>
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 4 }} order={{ base: 1, lg: 2 }}>
          <Verdict shown={shown} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 8 }} order={{ base: 2, lg: 1 }}>
          <Chain chain={shown.chain} after={after} onTurn={onTurn} />
        </Grid.Col>
      </Grid>
    </Page>
  );
}
