import { Alert, SegmentedControl, Select, SimpleGrid, Stack, Text, useMatches } from '@mantine/core';
import type { TableQuery } from '../generated/operations.ts';
import { duration, toSecond } from '../ui/format.ts';
import type { SetUrlValues } from '../ui/url-state.ts';
import { type Field, type FormValues, isIncremental, type Problems } from './form-state.ts';
import { MomentInput } from './moment-input.tsx';
import { clamp, type RecoveryLine } from './recovery-line.ts';
import { MomentLine, WINDOW_MS_MIN, WindowLine } from './time-line.tsx';

type KnownTable = NonNullable<TableQuery['table']>;

const HOUR_MS = 3_600_000;

interface WhatFieldsProps {
  readonly values: FormValues;
  readonly problems: Problems;
  readonly onChange: SetUrlValues<Field>;
  readonly table: KnownTable;
  readonly line: RecoveryLine;
}

/** What of the table: as it was at a moment, or what changed in a window. */
export function WhatFields(props: WhatFieldsProps) {
  const { values, onChange, line } = props;
  const incremental = isIncremental(values);
  const choose = (type: string) => {
    if (type === 'full') return onChange({ type: '', from: '', to: '', view: '' });
    const begin = Math.max(line.earliest, line.latest - HOUR_MS);
    onChange({ type, time: '', from: toSecond(begin), to: toSecond(line.latest) });
  };

  return (
    <Stack>
      <SegmentedControl
        data={[
          { value: 'full', label: 'All of it, at a moment' },
          { value: 'incremental', label: 'What changed in a window' },
        ]}
        value={incremental ? 'incremental' : 'full'}
        onChange={choose}
        aria-label="What to export"
        orientation={useMatches({ base: 'vertical', xs: 'horizontal' } as const)}
        fullWidth
      />
      {incremental ? <WindowFields {...props} /> : <MomentFields {...props} />}
    </Stack>
  );
}

function MomentFields({ values, problems, onChange, table, line }: WhatFieldsProps) {
  const time = Date.parse(values.time);
  const set = (next: number) => onChange({ time: toSecond(next) }, { replace: true });
  const chosen = values.time !== '';
  return (
    <Stack gap="sm">
      <SegmentedControl
        data={[
          { value: 'now', label: 'As it is now' },
          { value: 'then', label: 'As it was' },
        ]}
        value={chosen ? 'then' : 'now'}
        onChange={(when) => onChange({ time: when === 'now' ? '' : toSecond(middleOf(line)) })}
        aria-label="Which moment"
        w="fit-content"
      />
      {chosen && (
        <>
          <MomentLine
            line={line}
            exported={momentsOf(table)}
            value={Number.isNaN(time) ? line.latest : time}
            onChange={set}
          />
          <MomentInput label="Moment" value={time} line={line} onChange={set} error={problems.time} />
        </>
      )}
    </Stack>
  );
}

function WindowFields({ values, problems, onChange, table, line }: WhatFieldsProps) {
  const from = Date.parse(values.from);
  const to = values.to ? Date.parse(values.to) : line.latest;
  const set = (begin: number, end: number) => onChange({ from: toSecond(begin), to: toSecond(end) }, { replace: true });
  if (line.latest - line.earliest < WINDOW_MS_MIN) {
    return (
      <Alert color="orange">
        A window takes at least 15 minutes, and this table can be recovered to{' '}
        {duration((line.latest - line.earliest) / 1000)} ago at most. Wait a little, or export all of it.
      </Alert>
    );
  }
  return (
    <Stack gap="sm">
      <WindowLine
        line={line}
        exported={momentsOf(table)}
        from={clamp(line, from)}
        to={clamp(line, to)}
        onChange={set}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <MomentInput label="From" value={from} line={line} onChange={(time) => set(time, to)} error={problems.from} />
        <MomentInput label="Until" value={to} line={line} onChange={(time) => set(from, time)} error={problems.to} />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {duration((to - from) / 1000)} long; DynamoDB takes windows of 15 minutes to 24 hours.
      </Text>
      <Select
        label="Of each changed item"
        data={[
          { value: 'both', label: 'As it is at the end, and as it was before the window' },
          { value: 'new', label: 'As it is at the end' },
        ]}
        value={values.view === 'new' ? 'new' : 'both'}
        onChange={(view) => onChange({ view: view === 'new' ? 'new' : '' })}
        allowDeselect={false}
      />
    </Stack>
  );
}

const middleOf = ({ earliest, latest }: RecoveryLine): number => earliest + (latest - earliest) / 2;

/** The ends of what has been exported of the table so far. */
const momentsOf = (table: KnownTable): number[] =>
  table.exports.nodes
    .filter(({ status }) => status === 'COMPLETED')
    .map(({ exportTime, incrementalExport, createdAt }) =>
      Date.parse(incrementalExport?.exportToTime ?? exportTime ?? createdAt),
    );
