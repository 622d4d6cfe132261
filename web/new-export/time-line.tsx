import { Group, RangeSlider, SegmentedControl, Slider, Stack, Text, useMatches } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { date, dateTime, time } from '../ui/format.ts';
import { ALL, clamp, type RecoveryLine, spanFor, spansWithin, ticksOf, zoom } from './recovery-line.ts';
import classes from './time-line.module.css';

const STEP_MS = 1000;
const MINUTE_MS = 60_000;
/** DynamoDB's limits of a window. */
export const WINDOW_MS_MIN = 15 * MINUTE_MS;
const WINDOW_MS_MAX = 24 * 60 * MINUTE_MS;
/** Lines longer than this are written with days, shorter ones with hours. */
const DAYS_MS_MIN = 4 * 24 * 60 * MINUTE_MS;

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
    <ZoomedLine line={line} exported={exported} around={value}>
      {(shown) => (
        <Slider
          {...scaleOf(shown, exported)}
          value={clamp(shown, dragged ?? value)}
          onChange={setDragged}
          onChangeEnd={(chosen) => {
            setDragged(null);
            onChange(chosen);
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
    <ZoomedLine line={line} exported={exported} around={(from + to) / 2} least={to - from}>
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
  marks: exported.filter((moment) => moment > shown.earliest && moment < shown.latest).map((value) => ({ value })),
  classNames: { mark: classes.exported },
});

interface ZoomedLineProps extends LineProps {
  readonly around: number;
  /** What has to be seen at once, in milliseconds. */
  readonly least?: number;
  readonly children: (shown: RecoveryLine) => ReactNode;
}

function ZoomedLine({ line, exported, around, least = 0, children }: ZoomedLineProps) {
  const spans = spansWithin(line).filter(({ ms }) => ms > least);
  const [chosen, setChosen] = useState(() => spanFor(line, least));
  const span = spans.find(({ label }) => label === chosen);
  const shown = span ? zoom(line, span.ms, around) : line;
  const ticks = ticksOf(shown, useMatches({ base: 3, sm: 5 }));
  const write = shown.latest - shown.earliest > DAYS_MS_MIN ? date : time;
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text size="xs" c="dimmed">
          {exported.length > 0 && (
            <>
              <span className={classes.key} aria-hidden="true" /> exported before
            </>
          )}
        </Text>
        {spans.length > 0 && (
          <SegmentedControl
            size="xs"
            data={[...spans.map(({ label }) => label), ALL]}
            value={span ? chosen : ALL}
            onChange={setChosen}
            aria-label="How much of the time line to show"
          />
        )}
      </Group>
      {children(shown)}
      <Group justify="space-between" wrap="nowrap" gap="xs" aria-hidden="true">
        {ticks.map((tick) => (
          <Text key={tick} size="xs" c="dimmed" className="figures" style={{ whiteSpace: 'nowrap' }}>
            {tick === line.latest ? 'now' : write(tick)}
          </Text>
        ))}
      </Group>
    </Stack>
  );
}
