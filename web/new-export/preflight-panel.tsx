import { Group, List, Paper, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { PreflightQuery } from '../../src/client/index.ts';
import { CheckIcon, CrossIcon, QuestionIcon } from '../app/icons.tsx';
import { bytes, duration, money, words } from '../ui/format.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { fieldAt, type Problems } from './form-state.ts';

type Preflight = PreflightQuery['preflight'];
type Check = Preflight['checks'][number];

/** What failed, at the fields that it is about. */
export const failuresByField = (checks: readonly Check[]): Problems =>
  Object.fromEntries(
    checks
      .filter(({ status }) => status === 'FAILED')
      .map(({ field, message }) => [fieldAt(field), message])
      .filter(([field]) => field !== undefined),
  );

export interface PreflightPanelProps {
  /** Undefined: nothing has been asked yet. */
  readonly preflight: Preflight | undefined;
  readonly error: Error | null;
  /** Something is missing that has to be filled in first. */
  readonly incomplete: boolean;
  /** What is shown is of what was filled in before. */
  readonly outdated: boolean;
}

/** What would become of the export, as one fills in the form. */
export function PreflightPanel({ preflight, error, incomplete, outdated }: PreflightPanelProps) {
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="preflight" aria-busy={outdated}>
      <Title order={2} id="preflight" mb="sm">
        Before it starts
      </Title>
      {error && <Failed error={error} />}
      {!error && incomplete && (
        <Text size="sm" c="dimmed">
          Choose a table and a bucket, and everything that could stand against the export is looked at here.
        </Text>
      )}
      {!error && !incomplete && !preflight && <Loading rows={6} label="Looking" />}
      {!error && !incomplete && preflight && (
        <Stack gap="md" style={{ opacity: outdated ? 0.55 : 1 }}>
          {preflight.estimates && <Estimates estimates={preflight.estimates} />}
          <List listStyleType="none" spacing={8} role="list">
            {preflight.checks.map((check, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: checks come in a fixed order, and INPUT may come twice
              <CheckItem key={`${check.code} ${place}`} check={check} />
            ))}
          </List>
        </Stack>
      )}
    </Paper>
  );
}

function Estimates({ estimates }: { readonly estimates: NonNullable<Preflight['estimates']> }) {
  const { tableSizeBytes, outputBytes, cost, duration: time } = estimates;
  return (
    <div>
      <SimpleGrid cols={3} spacing="xs">
        <Estimate label="Cost" value={money(cost.amount, cost.currency)} />
        <Estimate label="Duration" value={time ? duration(time.seconds) : 'Not known yet'} />
        <Estimate
          label={outputBytes === null ? 'Size of the table' : 'Files'}
          value={bytes(outputBytes ?? tableSizeBytes)}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt={6}>
        {cost.note}
      </Text>
    </div>
  );
}

function Estimate({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text fw={600} className="figures">
        {value}
      </Text>
    </div>
  );
}

const LOOKS = {
  PASSED: { color: 'teal', Icon: CheckIcon, said: 'Passed' },
  FAILED: { color: 'red', Icon: CrossIcon, said: 'Failed' },
  UNKNOWN: { color: 'yellow', Icon: QuestionIcon, said: 'Not known' },
} as const;

function CheckItem({ check: { code, status, message, remedy } }: { readonly check: Check }) {
  const { color, Icon, said } = LOOKS[status];
  return (
    <List.Item>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <ThemeIcon size={20} radius="xl" variant="light" color={color} role="img" aria-label={said}>
          <Icon size={13} />
        </ThemeIcon>
        <div>
          <Text size="xs" c={status === 'FAILED' ? undefined : 'dimmed'} className="unbroken">
            <Text span size="xs" fw={600} c="var(--mantine-color-text)">
              {words(code)}.
            </Text>{' '}
            {message}
          </Text>
          {remedy && (
            <Text size="xs" mt={2} className="unbroken" fs="italic">
              {remedy}
            </Text>
          )}
        </div>
      </Group>
    </List.Item>
  );
}
