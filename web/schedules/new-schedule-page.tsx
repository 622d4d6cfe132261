import { Paper, Select, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { CreateScheduleDocument, type CreateScheduleInput } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { SchedulesIcon } from '../app/icons.tsx';
import { clientTokenFor, forgetClientToken } from '../new-export/client-token.ts';
import { DestinationFields } from '../new-export/destination-fields.tsx';
import { FIELDS, readForm } from '../new-export/form-state.ts';
import { failuresByField } from '../new-export/preflight-panel.tsx';
import { RequestForm } from '../new-export/request-form.tsx';
import { usePreflight } from '../new-export/use-preflight.ts';
import { TablePicker } from '../tables/table-picker.tsx';
import { useTable } from '../tables/use-table.ts';
import { Page } from '../ui/page.tsx';
import { Failed, Refused } from '../ui/states.tsx';
import { useUrlState } from '../ui/url-state.ts';

const WINDOWS = [
  { value: '15', label: 'Every 15 minutes' },
  { value: '60', label: 'Every hour' },
  { value: '360', label: 'Every 6 hours' },
  { value: '1440', label: 'Every day' },
];
const FULL_DAYS_MAX = 365;

const isWithin = (number: number, max: number): boolean => Number.isInteger(number) && number >= 1 && number <= max;

/** Asks for a table to be kept exported. Its first link is an export of all of it, which `preflight` looks at. */
export function NewSchedulePage() {
  const outport = useOutport();
  const navigate = useNavigate();
  const [values, setValues] = useUrlState([...FIELDS, 'window', 'fullEvery']);
  const form = readForm(values);
  const first = 'request' in form ? form.request : undefined;
  const { preflight, error, outdated } = usePreflight(first);
  const table = useTable(values.table);
  const input: Omit<CreateScheduleInput, 'clientToken'> | undefined = first && {
    tableArn: first.tableArn,
    destination: first.destination,
    exportFormat: first.exportFormat,
    windowMinutes: Number(values.window || '60'),
    ...(values.fullEvery && { fullEveryDays: Number(values.fullEvery) }),
  };
  const isAskedFor = useRef(false);
  const create = useMutation({
    mutationFn: (asked: Omit<CreateScheduleInput, 'clientToken'>) => {
      const variables = { input: { ...asked, clientToken: clientTokenFor('schedule', asked) } };
      return outport.request(CreateScheduleDocument, variables, { repeatable: true });
    },
    onSuccess: ({ createSchedule: { schedule } }) => {
      if (!schedule) return;
      isAskedFor.current = true;
      navigate(`/schedules/${schedule.id}`);
    },
  });
  useEffect(
    () => () => {
      if (isAskedFor.current) forgetClientToken('schedule');
    },
    [],
  );
  const wrongDays = values.fullEvery !== '' && !isWithin(Number(values.fullEvery), FULL_DAYS_MAX);
  const problems = outdated ? {} : failuresByField(preflight?.checks ?? []);
  const ready = input !== undefined && !wrongDays && !outdated && preflight?.ready === true;

  return (
    <Page
      title="New schedule"
      description="All of a table once, then what changes, window after window. Each begins where the one before it ends."
    >
      <RequestForm
        action="Create the schedule"
        icon={<SchedulesIcon />}
        ready={ready}
        pending={create.isPending}
        onSubmit={() => input && create.mutate(input)}
        failure={
          <>
            {create.error && <Failed error={create.error} />}
            {create.data && <Refused refusals={create.data.createSchedule.userErrors} />}
          </>
        }
        preflight={{ preflight, error, incomplete: first === undefined, outdated }}
      >
        <Paper withBorder p="md" m={0} component="fieldset" aria-label="What">
          <Stack gap="sm">
            <TablePicker
              value={values.table}
              onPick={(picked) => setValues({ table: picked })}
              error={problems.table}
              required
            />
            <Select
              label="Changes"
              data={WINDOWS}
              value={values.window || '60'}
              onChange={(window) => setValues({ window: window ?? '' })}
              allowDeselect={false}
            />
            <TextInput
              type="number"
              label="All of it again every so many days"
              description="Left empty: only when a chain cannot be gone on with"
              min={1}
              max={FULL_DAYS_MAX}
              value={values.fullEvery}
              onChange={(event) => setValues({ fullEvery: event.currentTarget.value }, { replace: true })}
              error={wrongDays && `A whole number from 1 to ${FULL_DAYS_MAX}.`}
            />
          </Stack>
        </Paper>
        <Paper withBorder p="md" m={0} component="fieldset" aria-label="Where to">
          <DestinationFields values={values} problems={problems} onChange={setValues} table={table.data?.table} />
        </Paper>
      </RequestForm>
    </Page>
  );
}
