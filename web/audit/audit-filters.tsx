import { Select, SimpleGrid, TextInput } from '@mantine/core';
import { type AuditEventFilter, AuditOutcome, AuditSource } from '../../src/client/index.ts';
import { TablePicker } from '../tables/table-picker.tsx';
import { choicesOf, oneOf } from '../ui/choices.ts';
import { parseTableArn } from '../ui/table-arn.ts';
import { TypedText } from '../ui/typed-text.tsx';
import type { SetUrlValues, UrlValues } from '../ui/url-state.ts';

export const FILTERS = ['table', 'export', 'who', 'event', 'outcome', 'source', 'from', 'before'] as const;

type Filter = (typeof FILTERS)[number];
type Values = UrlValues<Filter>;

/** The beginning of a day in the reader's time zone. */
const beginOfDay = (day: string): string | undefined => {
  const time = new Date(`${day}T00:00:00`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
};

export function filterOf(values: Values): AuditEventFilter {
  const filter: AuditEventFilter = {
    tableArn: parseTableArn(values.table) ? values.table : undefined,
    exportId: values.export || undefined,
    principal: values.who || undefined,
    eventName: values.event || undefined,
    outcome: oneOf(Object.values(AuditOutcome), values.outcome),
    source: oneOf(Object.values(AuditSource), values.source),
    from: beginOfDay(values.from),
    before: beginOfDay(values.before),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

interface AuditFiltersProps {
  readonly values: Values;
  readonly onChange: SetUrlValues<Filter>;
}

export function AuditFilters({ values, onChange }: AuditFiltersProps) {
  const type = (typed: Partial<Values>) => onChange(typed, { replace: true });
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" role="search" aria-label="Audit events">
      <TablePicker placeholder="Any" value={values.table} onPick={(table) => onChange({ table })} clearable />
      <TypedText label="Export" placeholder="Any id" value={values.export} onTyped={(id) => type({ export: id })} />
      <TypedText label="Who" placeholder="Subject or ARN" value={values.who} onTyped={(who) => type({ who })} />
      <TypedText label="Event" placeholder="ExportTable" value={values.event} onTyped={(event) => type({ event })} />
      <Select
        label="Outcome"
        placeholder="Any"
        data={choicesOf(Object.values(AuditOutcome))}
        value={values.outcome || null}
        onChange={(outcome) => onChange({ outcome: outcome ?? '' })}
        clearable
      />
      <Select
        label="Recorded by"
        placeholder="Any"
        data={choicesOf(Object.values(AuditSource))}
        value={values.source || null}
        onChange={(source) => onChange({ source: source ?? '' })}
        clearable
      />
      <TextInput
        type="date"
        label="From"
        value={values.from}
        onChange={(event) => onChange({ from: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label="Before"
        value={values.before}
        onChange={(event) => onChange({ before: event.currentTarget.value })}
      />
    </SimpleGrid>
  );
}
