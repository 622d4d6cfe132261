import { Accordion, Autocomplete, Group, SegmentedControl, Select, SimpleGrid, Stack, Textarea } from '@mantine/core';
import type { TableQuery } from '../generated/operations.ts';
import { TypedText } from '../ui/typed-text.tsx';
import type { SetUrlValues } from '../ui/url-state.ts';
import type { Field, FormValues, Problems } from './form-state.ts';

interface DestinationFieldsProps {
  readonly values: FormValues;
  readonly problems: Problems;
  readonly onChange: SetUrlValues<Field>;
  readonly table: TableQuery['table'] | undefined;
}

/** Where to, and in which form. */
export function DestinationFields({ values, problems, onChange, table }: DestinationFieldsProps) {
  const known = [...new Set(table?.exports.nodes.map(({ destination }) => destination.bucket))];
  const type = (typed: Partial<FormValues>) => onChange(typed, { replace: true });
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Autocomplete
          label="Bucket"
          description="Of the table's account, or of the owner below"
          data={known}
          value={values.bucket}
          onChange={(bucket) => type({ bucket: bucket.trim() })}
          error={problems.bucket}
          spellCheck={false}
          required
        />
        <TypedText
          label="Prefix"
          description="What the keys of the files begin with"
          value={values.prefix}
          onTyped={(prefix) => type({ prefix })}
          error={problems.prefix}
          spellCheck={false}
        />
      </SimpleGrid>
      <SegmentedControl
        data={[
          { value: 'json', label: 'DynamoDB JSON' },
          { value: 'ion', label: 'Amazon Ion' },
        ]}
        value={values.format === 'ion' ? 'ion' : 'json'}
        onChange={(format) => onChange({ format: format === 'ion' ? format : '' })}
        aria-label="Format of the files"
        w="fit-content"
      />
    </Stack>
  );
}

/** What most exports need not have said. */
export function MoreFields({ values, problems, onChange }: Omit<DestinationFieldsProps, 'table'>) {
  const type = (typed: Partial<FormValues>) => onChange(typed, { replace: true });
  return (
    <Accordion multiple variant="default" chevronPosition="left" order={2}>
      <Accordion.Item value="filter">
        <Accordion.Control>Only some items or attributes</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <TypedText
              label="Items of a partition key"
              description="Key condition expression: the only filter that makes an export cheaper"
              placeholder="customerId = :id"
              value={values.keyCondition}
              onTyped={(keyCondition) => type({ keyCondition })}
            />
            <TypedText
              label="Items that fit"
              description="Filter expression"
              placeholder="#s = :open"
              value={values.filter}
              onTyped={(filter) => type({ filter })}
              error={problems.filter}
            />
            <TypedText
              label="Attributes"
              description="Projection expression"
              placeholder="customerId, total"
              value={values.projection}
              onTyped={(projection) => type({ projection })}
            />
            <Group grow align="flex-start">
              <Textarea
                label="Names"
                placeholder={'{"#s": "state"}'}
                ff="monospace"
                value={values.names}
                onChange={(event) => type({ names: event.currentTarget.value })}
                error={problems.names}
                autosize
                minRows={2}
              />
              <Textarea
                label="Values"
                placeholder={'{":open": {"S": "OPEN"}}'}
                value={values.values}
                onChange={(event) => type({ values: event.currentTarget.value })}
                error={problems.values}
                autosize
                minRows={2}
              />
            </Group>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="more">
        <Accordion.Control>Owner of the bucket, encryption, queue</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <TypedText
              label="Account that owns the bucket"
              description="Twelve digits. Left empty: the table's account"
              inputMode="numeric"
              value={values.owner}
              onTyped={(owner) => type({ owner })}
              error={problems.owner}
            />
            <Select
              label="Encryption"
              data={[
                { value: 'aes', label: 'AES256, with keys that S3 manages' },
                { value: 'kms', label: 'KMS' },
              ]}
              value={values.encryption === 'kms' ? 'kms' : 'aes'}
              onChange={(algorithm) => onChange({ encryption: algorithm === 'kms' ? 'kms' : '', kmsKey: '' })}
              allowDeselect={false}
            />
            {values.encryption === 'kms' && (
              <TypedText
                label="Key"
                description="Key id, ARN or alias. Left empty: the AWS managed key"
                value={values.kmsKey}
                onTyped={(kmsKey) => type({ kmsKey })}
                error={problems.kmsKey}
              />
            )}
            <Select
              label="When there is no room for it now"
              data={[
                { value: 'queue', label: 'Let it wait its turn' },
                { value: 'refuse', label: 'Refuse it, and leave nothing behind' },
              ]}
              value={values.whenFull === 'refuse' ? 'refuse' : 'queue'}
              onChange={(whenFull) => onChange({ whenFull: whenFull === 'refuse' ? 'refuse' : '' })}
              allowDeselect={false}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
