import { Badge, Group, Progress, ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOutport } from '../api/outport.tsx';
import { SearchIcon } from '../app/icons.tsx';
import { ExportPreviewDocument, type ExportPreviewQuery } from '../generated/operations.ts';
import { useTable } from '../tables/use-table.ts';
import { count, counted, percent } from '../ui/format.ts';
import { Failed, Loading, Nothing } from '../ui/states.tsx';
import { shortValue } from './attribute-value.ts';

type ShownPreview = NonNullable<NonNullable<ExportPreviewQuery['export']>['preview']>;

interface PreviewProps {
  readonly id: string;
  readonly tableArn: string;
}

/** A look into the files: the first items, and what attributes they have. */
export function Preview({ id, tableArn }: PreviewProps) {
  const outport = useOutport();
  const table = useTable(tableArn);
  const { data, error, refetch } = useQuery({
    queryKey: ['export-preview', id],
    queryFn: ({ signal }) => outport.request(ExportPreviewDocument, { id }, { signal }),
    // The files do not change, and reading them is in the audit.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading rows={8} />;
  const preview = data.export?.preview;
  if (!preview || preview.itemsRead === 0) {
    return (
      <Nothing icon={<SearchIcon size={26} />} title="Nothing to look at">
        The export has no items.
      </Nothing>
    );
  }
  const keys = table.data?.table?.keySchema.map(({ attributeName }) => attributeName) ?? [];
  const shown = { ...preview, attributes: keysFirst(preview.attributes, keys) };
  return (
    <Stack gap="xl">
      {shown.items.length > 0 && <Items preview={shown} />}
      {shown.deletedKeys.length > 0 && <DeletedKeys keys={shown.deletedKeys} />}
      <Attributes preview={shown} />
    </Stack>
  );
}

/** As people write items down. The files do not say which attributes are the key; a table that is gone does not either. */
const keysFirst = (attributes: ShownPreview['attributes'], keys: readonly string[]): ShownPreview['attributes'] => {
  const place = ({ name }: { readonly name: string }) => (keys.includes(name) ? keys.indexOf(name) : keys.length);
  return attributes.toSorted((one, other) => place(one) - place(other));
};

function Items({ preview: { items, attributes } }: { readonly preview: ShownPreview }) {
  return (
    <ScrollArea
      type="auto"
      offsetScrollbars="x"
      viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'First items' }}
    >
      <Table withColumnBorders verticalSpacing={6} fz="xs" style={{ whiteSpace: 'nowrap' }}>
        <Table.Thead>
          <Table.Tr>
            {attributes.map(({ name, types }) => (
              <Table.Th key={name}>
                {name}{' '}
                <Text span size="xs" c="dimmed">
                  {types.join(' ')}
                </Text>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a preview is read once, and never reordered
            <Table.Tr key={row}>
              {attributes.map(({ name }) => (
                <Table.Td key={name} maw={280} style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
                  {shortValue(item[name])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function DeletedKeys({ keys }: { readonly keys: ShownPreview['deletedKeys'] }) {
  return (
    <div>
      <Title order={3} size="h5" mb="xs">
        {counted(keys.length, 'deleted item')} among them
      </Title>
      <Group gap={6}>
        {keys.map((key) => {
          const text = Object.values(key).map(shortValue).join(' · ');
          return (
            <Badge key={text} variant="default" tt="none">
              {text}
            </Badge>
          );
        })}
      </Group>
    </div>
  );
}

function Attributes({ preview: { attributes, itemsRead } }: { readonly preview: ShownPreview }) {
  return (
    <div>
      <Title order={3} size="h5" mb="xs">
        Attributes of the first {count(itemsRead)} items
      </Title>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Attribute</Table.Th>
            <Table.Th>Types</Table.Th>
            <Table.Th w="40%">Items that have it</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {attributes.map(({ name, types, share }) => (
            <Table.Tr key={name}>
              <Table.Td className="unbroken">{name}</Table.Td>
              <Table.Td>
                <Group gap={4}>
                  {types.map((type) => (
                    <Badge key={type} variant="default" size="sm" tt="none" miw="max-content">
                      {type}
                    </Badge>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <Progress value={share * 100} flex={1} aria-label={`Items that have ${name}`} />
                  <Text size="xs" w={42} ta="right" className="figures">
                    {percent(share)}
                  </Text>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
