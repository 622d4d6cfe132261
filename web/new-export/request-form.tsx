import { Button, Grid, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { PreflightPanel, type PreflightPanelProps } from './preflight-panel.tsx';

interface RequestFormProps {
  /** What is filled in. */
  readonly children: ReactNode;
  /** What the button says. */
  readonly action: string;
  readonly icon: ReactNode;
  /** It may be sent as it is. */
  readonly ready: boolean;
  readonly pending: boolean;
  readonly onSubmit: () => void;
  /** Why the last attempt came to nothing. */
  readonly failure: ReactNode;
  readonly preflight: PreflightPanelProps;
}

/** A form beside what would become of it as it is filled in. */
export function RequestForm({
  children,
  action,
  icon,
  ready,
  pending,
  onSubmit,
  failure,
  preflight,
}: RequestFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !pending) onSubmit();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>{children}</Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack pos="sticky" top={76} gap="sm">
            <Button type="submit" size="md" leftSection={icon} disabled={!ready} loading={pending} fullWidth>
              {action}
            </Button>
            {failure}
            <PreflightPanel {...preflight} />
          </Stack>
        </Grid.Col>
      </Grid>
    </form>
  );
}
