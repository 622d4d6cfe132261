import { Anchor, Box, Group, Paper, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { count, dateTime, duration, words } from '../ui/format.ts';
import { ListPager } from '../ui/list-pager.tsx';
import { Tag } from '../ui/status-badge.tsx';
import classes from './chain.module.css';
import type { ShownSchedule } from './schedule-page.tsx';

type ShownChain = ShownSchedule['chain'];
type ChainLink = ShownChain['nodes'][number];

const COLORS: Readonly<Partial<Record<string, string>>> = { COMPLETED: 'teal', FAILED: 'red', IN_PROGRESS: 'blue' };

interface ChainProps {
  readonly chain: ShownChain;
  readonly after: string;
  readonly onTurn: (after: string) => void;
}

/** The links of a schedule, the newest first, and where they do not hold together. */
export function Chain({ chain: { nodes, pageInfo }, after, onTurn }: ChainProps) {
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="chain">
      <Title order={2} id="chain" mb="md">
        Chain
      </Title>
      {nodes.length === 0 && (
        <Text size="sm" c="dimmed">
          Its first link, an export of all of the table, is about to be made.
        </Text>
      )}
      <ol className={classes.chain}>
        {nodes.map((link) => (
          <ChainItem key={link.number} link={link} />
        ))}
      </ol>
      <Box mt="sm" hidden={!after && !pageInfo.hasNextPage}>
        <ListPager after={after} pageInfo={pageInfo} onTurn={onTurn} />
      </Box>
    </Paper>
  );
}

function ChainItem({ link }: { readonly link: ChainLink }) {
  const { number, status, from, to, superseded, attempt, gap, export: made } = link;
  const isFull = from === null;
  return (
    <>
      <li
        className={classes.link}
        data-full={isFull || undefined}
        data-status={status}
        data-ends={(isFull && number > 1) || undefined}
      >
        <Group justify="space-between" gap="xs" align="flex-start">
          <Box>
            <Text size="sm" fw={600}>
              {isFull ? 'All of the table' : `Changes of ${duration((Date.parse(to) - Date.parse(from)) / 1000)}`}
              <Text span size="xs" c="dimmed" fw={400}>
                {`  link ${number}`}
              </Text>
            </Text>
            <Text size="xs" c="dimmed" className="figures">
              {isFull ? `as of ${dateTime(to)}` : `${dateTime(from)} – ${dateTime(to)}`}
            </Text>
          </Box>
          <Group gap="xs">
            {made && (
              <Anchor component={Link} to={`/exports/${made.id}`} size="xs">
                {made.itemCount === null ? 'Its export' : `${count(made.itemCount)} items`}
              </Anchor>
            )}
            {attempt > 1 && (
              <Text size="xs" c="dimmed">
                attempt {attempt}
              </Text>
            )}
            {superseded ? (
              <Tag color="gray">Superseded</Tag>
            ) : (
              <Tag color={COLORS[status] ?? 'gray'}>{words(status)}</Tag>
            )}
          </Group>
        </Group>
      </li>
      {gap && (
        <li className={classes.gap}>
          <Text size="sm" fw={600}>
            Gap of {duration((Date.parse(gap.to) - Date.parse(gap.from)) / 1000)}
          </Text>
          <Text size="xs">
            Changes from {dateTime(gap.from)} to {dateTime(gap.to)} are in no export. {gap.message}
          </Text>
        </li>
      )}
    </>
  );
}
