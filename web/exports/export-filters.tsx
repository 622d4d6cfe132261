import { Group, Select, Switch } from '@mantine/core';
import { type ExportFilter, ExportStatus, ExportType } from '../../src/client/index.ts';
import { TablePicker } from '../tables/table-picker.tsx';
import { choicesOf, oneOf } from '../ui/choices.ts';
import { parseTableArn } from '../ui/table-arn.ts';
import { TypedText } from '../ui/typed-text.tsx';
import type { SetUrlValues, UrlValues } from '../ui/url-state.ts';

export const FILTERS = ['table', 'status', 'type', 'team', 'mine'] as const;

type Values = UrlValues<(typeof FILTERS)[number]>;

/** Undefined for as long as it is not known who "mine" are. */
export function filterOf(values: Values, subject: string | undefined): ExportFilter | undefined {
  if (values.mine && subject === undefined) return undefined;
  const status = oneOf(Object.values(ExportStatus), values.status);
  const exportType = oneOf(Object.values(ExportType), values.type);
  return {
    ...(parseTableArn(values.table) && { tableArn: values.table }),
    ...(status && { status }),
    ...(exportType && { exportType }),
    ...(values.team && { team: values.team }),
    ...(values.mine && subject !== undefined && { requestedBy: { subject } }),
  };
}

interface ExportFiltersProps {
  readonly values: Values;
  readonly onChange: SetUrlValues<(typeof FILTERS)[number]>;
}

export function ExportFilters({ values, onChange }: ExportFiltersProps) {
  return (
    <Group align="flex-end" gap="sm" role="search" aria-label="Exports">
      <TablePicker
        placeholder="Any"
        value={values.table}
        onPick={(table) => onChange({ table })}
        clearable
        w={{ base: '100%', sm: 260 }}
      />
      <Select
        label="Status"
        placeholder="Any"
        data={choicesOf(Object.values(ExportStatus))}
        value={values.status || null}
        onChange={(status) => onChange({ status: status ?? '' })}
        clearable
        w={{ base: 'calc(50% - 6px)', sm: 150 }}
      />
      <Select
        label="Type"
        placeholder="Any"
        data={choicesOf(Object.values(ExportType))}
        value={values.type || null}
        onChange={(chosen) => onChange({ type: chosen ?? '' })}
        clearable
        w={{ base: 'calc(50% - 6px)', sm: 180 }}
      />
      <TypedText
        label="Team"
        placeholder="Any"
        value={values.team}
        onTyped={(team) => onChange({ team }, { replace: true })}
        w={{ base: 'calc(50% - 6px)', sm: 150 }}
      />
      <Switch
        label="Only mine"
        checked={values.mine !== ''}
        onChange={(event) => onChange({ mine: event.currentTarget.checked ? 'yes' : '' })}
        mb={8}
      />
    </Group>
  );
}
