import { Alert, Button, EmptyState, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { NotPermittedError, OutportError } from '../../src/client/index.ts';
import { LockIcon, RetryIcon } from '../app/icons.tsx';

/** While something is asked for the first time. */
export function Loading({ rows = 5, label = 'Loading' }: { readonly rows?: number; readonly label?: string }) {
  return (
    <Stack gap="sm" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of nothing are all alike
        <Skeleton key={row} height={36} radius="md" />
      ))}
    </Stack>
  );
}

interface FailedProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What went wrong, and what a person can do, in the words of whoever knows. */
export function Failed({ error, onRetry }: FailedProps) {
  const known = error instanceof OutportError ? error : null;
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      title={error instanceof NotPermittedError ? 'Not permitted' : 'That did not work'}
    >
      <Text size="sm" className="unbroken">
        {error instanceof Error ? error.message : String(error)}
      </Text>
      {known && (
        <Text size="sm" mt={4}>
          {known.remedy}
        </Text>
      )}
      {known?.requestId && (
        <Text size="xs" c="dimmed" mt={4}>
          Request {known.requestId}
        </Text>
      )}
      {onRetry && (
        <Group mt="sm">
          <Button size="xs" variant="default" leftSection={<RetryIcon size={14} />} onClick={onRetry}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}

/** Something that Outport does not do, and what a person can do about it. */
export interface Refusal {
  readonly message: string;
  readonly remedy: string;
}

export function Refused({ refusals }: { readonly refusals: readonly Refusal[] }) {
  if (refusals.length === 0) return null;
  return (
    <Alert color="red" variant="light" role="alert" title="Refused">
      {refusals.map(({ message, remedy }) => (
        <Text key={message} size="sm" className="unbroken" mb={4}>
          {message} {remedy}
        </Text>
      ))}
    </Alert>
  );
}

interface NothingProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** There is nothing to show, why that is, and what comes next. */
export function Nothing({ icon, title, children, action }: NothingProps) {
  return (
    <Paper withBorder p="xl">
      <EmptyState icon={icon} title={title} description={children} withIndicatorBackground>
        {action && <EmptyState.Actions>{action}</EmptyState.Actions>}
      </EmptyState>
    </Paper>
  );
}

/** Policies keep something from the viewer. */
export function NotPermitted({ children }: { readonly children: ReactNode }) {
  return (
    <Nothing icon={<LockIcon size={26} />} title="Not permitted">
      {children}
    </Nothing>
  );
}
