import { Group, Stack, Text } from '@mantine/core';
import { dateTime, duration } from '../ui/format.ts';
import classes from './recovery-bar.module.css';

interface Recovery {
  readonly earliestRestorableTime: string | null;
  readonly latestRestorableTime: string | null;
  readonly recoveryPeriodInDays: number | null;
}

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 35;

interface RecoveryBarProps {
  /** Null: point-in-time recovery is off. */
  readonly recovery: Recovery | null;
  /** Moments that have been exported. */
  readonly exported: readonly string[];
  readonly now: number;
}

/** How far back a table can be exported, on a line that ends now. */
export function RecoveryBar({ recovery, exported, now }: RecoveryBarProps) {
  if (!recovery?.earliestRestorableTime) {
    return (
      <Text size="sm" c="dimmed">
        {recovery ? 'AWS does not say how far back' : 'Point-in-time recovery is off: it cannot be exported'}
      </Text>
    );
  }
  const spanMs = (recovery.recoveryPeriodInDays ?? LONGEST_DAYS) * DAY_MS;
  const begin = now - spanMs;
  const place = (time: string) => Math.min(100, Math.max(0, ((Date.parse(time) - begin) / spanMs) * 100));
  const earliest = place(recovery.earliestRestorableTime);
  const reach = duration((now - Date.parse(recovery.earliestRestorableTime)) / 1000);

  return (
    <Stack gap={4} miw={180} title={`From ${dateTime(recovery.earliestRestorableTime)} until now`}>
      <div className={classes.track} aria-hidden="true">
        <div className={classes.window} style={{ left: `${Math.min(earliest, 98)}%` }} />
        {exported.map((time) => (
          <span key={time} className={classes.exported} style={{ left: `${place(time)}%` }} />
        ))}
      </div>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" c="dimmed">
          {reach} back
        </Text>
        <Text size="xs" c="dimmed" aria-hidden="true">
          now
        </Text>
      </Group>
    </Stack>
  );
}
