import { Button, Group, Text } from '@mantine/core';
import { ChevronIcon } from '../app/icons.tsx';

interface ListPagerProps {
  /** The cursor in the address; empty on the first page. */
  readonly after: string;
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  readonly onTurn: (after: string) => void;
}

/** Lists are read forward only; the browser's own button leads back. */
export function ListPager({ after, pageInfo, onTurn }: ListPagerProps) {
  const { endCursor, hasNextPage } = pageInfo;
  if (!after && !hasNextPage) return null;
  return (
    <Group justify="flex-end" component="nav" aria-label="Pages of the list">
      {after && (
        <Button variant="default" onClick={() => onTurn('')}>
          First page
        </Button>
      )}
      {hasNextPage && endCursor ? (
        <Button variant="default" rightSection={<ChevronIcon size={14} />} onClick={() => onTurn(endCursor)}>
          Next page
        </Button>
      ) : (
        <Text c="dimmed" size="sm">
          That is all.
        </Text>
      )}
    </Group>
  );
}
