import { Group, List, Paper, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { PreflightQuery } from '../../src/client/index.ts';
import { CheckIcon, CrossIcon, QuestionIcon } from '../app/icons.tsx';
import { bytes, counted, duration, money, words } from '../ui/format.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { Tag } from '../ui/status-badge.tsx';
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
  const shown = error || incomplete ? undefined : preflight;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="preflight" aria-busy={outdated}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} id="preflight">
          Before it starts
        </Title>
        <div role="status">{shown && <Verdict preflight={shown} />}</div>
      </Group>
      {error && <Failed error={error} />}
      {!error && incomplete && (
        <Text size="sm" c="dimmed">
          Choose a table and a bucket, and everything that could stand against the export is looked at here.
        </Text>
      )}
      {!error && !incomplete && !shown && <Loading rows={6} label="Looking" />}
      {shown && (
        <Stack gap="md" style={{ opacity: outdated ? 0.55 : 1 }}>
          {shown.estimates && <Estimates estimates={shown.estimates} />}
          <List listStyleType="none" spacing={8} role="list">
            {worstFirst(shown.checks).map((check, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: INPUT may come twice
              <CheckItem key={`${check.code} ${place}`} check={check} />
            ))}
          </List>
        </Stack>
      )}
    </Paper>
  );
}

/** What keeps the export from being started is read first, wherever in the order of the checks it is. */
const worstFirst = (checks: readonly Check[]): readonly Check[] =>
  checks.toSorted((one, other) => SEVERITY.indexOf(one.status) - SEVERITY.indexOf(other.status));

const SEVERITY: readonly Check['status'][] = ['FAILED', 'UNKNOWN', 'PASSED'];

function Verdict({ preflight: { ready, checks } }: { readonly preflight: Preflight }) {
  const failed = checks.filter(({ status }) => status === 'FAILED').length;
  if (failed > 0) return <Tag color="red">{counted(failed, 'problem')}</Tag>;
  return ready ? <Tag color="teal">Ready</Tag> : <Tag color="yellow">Not known yet</Tag>;
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
