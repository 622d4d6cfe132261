import { Paper, Progress, SemiCircleProgress, Text } from '@mantine/core';
import { count, percent } from '../ui/format.ts';

interface Use {
  readonly inUse: number;
  /** Null: there is no limit. */
  readonly max: number | null;
}

/** From here on the colour warns. */
const NEARLY_FULL = 0.8;

const shareOf = ({ inUse, max }: Use): number => (max === null ? 0 : max === 0 ? 1 : Math.min(1, inUse / max));

const colorOf = (share: number): string => (share >= 1 ? 'red' : share >= NEARLY_FULL ? 'orange' : 'outport');

interface GaugeProps extends Use {
  readonly label: string;
  readonly written: (value: number) => string;
}

export function Gauge({ label, inUse, max, written }: GaugeProps) {
  const share = shareOf({ inUse, max });
  return (
    <Paper withBorder p="md" ta="center">
      <Text size="sm" fw={600} mb="xs">
        {label}
      </Text>
      <SemiCircleProgress
        value={share * 100}
        size={180}
        thickness={14}
        mx="auto"
        filledSegmentColor={colorOf(share)}
        label={
          <Text fw={700} fz="lg" span>
            {max === null ? 'No limit' : percent(share)}
          </Text>
        }
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max ?? undefined}
        aria-valuenow={inUse}
        aria-valuetext={`${written(inUse)}${max === null ? '' : ` of ${written(max)}`}`}
      />
      <Text size="sm" c="dimmed" className="figures">
        {written(inUse)}
        {max !== null && ` of ${written(max)}`}
      </Text>
    </Paper>
  );
}

export function Meter({ label, inUse, max }: Use & { readonly label: string }) {
  const share = shareOf({ inUse, max });
  return (
    <div>
      <Text size="sm" className="figures">
        {count(inUse)}
        {max === null ? ', no limit' : ` of ${count(max)}`}
      </Text>
      {max !== null && <Progress value={share * 100} color={colorOf(share)} size="sm" mt={4} aria-label={label} />}
    </div>
  );
}
