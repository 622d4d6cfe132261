import { Group, RangeSlider, SegmentedControl, Slider, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { dateTime } from '../ui/format.ts';
import { clamp, type RecoveryLine, spansWithin, zoom } from './recovery-line.ts';

const STEP_MS = 1000;
const MINUTE_MS = 60_000;
/** DynamoDB's limits of a window. */
export const WINDOW_MS_MIN = 15 * MINUTE_MS;
const WINDOW_MS_MAX = 24 * 60 * MINUTE_MS;

interface LineProps {
  readonly line: RecoveryLine;
  /** Moments that have been exported already, in milliseconds. */
  readonly exported: readonly number[];
}

interface MomentLineProps extends LineProps {
  readonly value: number;
  readonly onChange: (time: number) => void;
}

/** A moment, dragged along the time that the table can be exported as of. */
export function MomentLine({ line, exported, value, onChange }: MomentLineProps) {
  const [dragged, setDragged] = useState<number | null>(null);
  return (
    <ZoomedLine line={line} around={value}>
      {(shown) => (
        <Slider
          {...scaleOf(shown, exported)}
          value={clamp(shown, dragged ?? value)}
          onChange={setDragged}
          onChangeEnd={(time) => {
            setDragged(null);
            onChange(time);
          }}
          thumbLabel="Moment"
        />
      )}
    </ZoomedLine>
  );
}

interface WindowLineProps extends LineProps {
  readonly from: number;
  readonly to: number;
  readonly onChange: (from: number, to: number) => void;
}

/** The window of an incremental export: 15 minutes to 24 hours. */
export function WindowLine({ line, exported, from, to, onChange }: WindowLineProps) {
  const [dragged, setDragged] = useState<[number, number] | null>(null);
  const [begin, end] = dragged ?? [from, to];
  return (
    <ZoomedLine line={line} around={(from + to) / 2} least={to - from}>
      {(shown) => (
        <RangeSlider
          {...scaleOf(shown, exported)}
          value={[clamp(shown, begin), clamp(shown, end)]}
          onChange={setDragged}
          onChangeEnd={(range) => {
            setDragged(null);
            onChange(...range);
          }}
          minRange={WINDOW_MS_MIN}
          maxRange={WINDOW_MS_MAX}
          pushOnOverlap={false}
          thumbFromLabel="Begin of the window"
          thumbToLabel="End of the window"
        />
      )}
    </ZoomedLine>
  );
}

const scaleOf = (shown: RecoveryLine, exported: readonly number[]) => ({
  min: shown.earliest,
  max: shown.latest,
  step: STEP_MS,
  label: dateTime,
  marks: exported.filter((time) => time > shown.earliest && time < shown.latest).map((value) => ({ value })),
});

interface ZoomedLineProps {
  readonly line: RecoveryLine;
  readonly around: number;
  /** What has to be seen at once, in milliseconds. */
  readonly least?: number;
  readonly children: (shown: RecoveryLine) => React.ReactNode;
}

function ZoomedLine({ line, around, least = 0, children }: ZoomedLineProps) {
  const spans = spansWithin(line).filter(({ ms }) => ms > least);
  const [chosen, setChosen] = useState('All');
  const span = spans.find(({ label }) => label === chosen);
  const shown = span ? zoom(line, span.ms, around) : line;
  return (
    <Stack gap={6}>
      {spans.length > 0 && (
        <Group justify="flex-end">
          <SegmentedControl
            size="xs"
            data={[...spans.map(({ label }) => label), 'All']}
            value={span ? chosen : 'All'}
            onChange={setChosen}
            aria-label="How much of the time line to show"
          />
        </Group>
      )}
      {children(shown)}
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {dateTime(shown.earliest)}
        </Text>
        <Text size="xs" c="dimmed">
          {shown.latest === line.latest ? 'now' : dateTime(shown.latest)}
        </Text>
      </Group>
    </Stack>
  );
}
