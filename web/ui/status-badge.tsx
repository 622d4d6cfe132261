import { Badge } from '@mantine/core';
import type { ExportStatus } from '../../src/client/index.ts';
import { words } from './format.ts';

const COLORS: Readonly<Partial<Record<string, string>>> = {
  QUEUED: 'yellow',
  IN_PROGRESS: 'blue',
  COMPLETED: 'teal',
  FAILED: 'red',
  CANCELED: 'gray',
};

export function StatusBadge({ status }: { readonly status: ExportStatus }) {
  return <Tag color={COLORS[status] ?? 'gray'}>{words(status)}</Tag>;
}

/** A word in a colour that it does not need to be understood. */
export function Tag({ color, children }: { readonly color: string; readonly children: string }) {
  return (
    // A badge would be as narrow as what is around it lets it be, and end in dots.
    <Badge variant="light" color={color} tt="none" fw={600} miw="max-content" flex="none" autoContrast>
      {children}
    </Badge>
  );
}
