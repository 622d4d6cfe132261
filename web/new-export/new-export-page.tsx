import { Alert, Paper, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import type { ExportTableRequest } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { ExportsIcon, LockIcon } from '../app/icons.tsx';
import { TablePicker } from '../tables/table-picker.tsx';
import { useTable } from '../tables/use-table.ts';
import { bytes, counted } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { Failed } from '../ui/states.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { clientTokenFor, forgetClientToken } from './client-token.ts';
import { DestinationFields, MoreFields } from './destination-fields.tsx';
import { FIELDS, type Problems, readForm } from './form-state.ts';
import { failuresByField } from './preflight-panel.tsx';
import { recoveryLine } from './recovery-line.ts';
import { RequestForm } from './request-form.tsx';
import { usePreflight } from './use-preflight.ts';
import { WhatFields } from './what-fields.tsx';

/** Asks for an export. Everything is in the address, so that a form can be sent to somebody. */
export function NewExportPage() {
  const outport = useOutport();
  const navigate = useNavigate();
  const [values, setValues] = useUrlState(FIELDS);
  const form = readForm(values);
  const request = 'request' in form ? form.request : undefined;
  const { preflight, error, outdated } = usePreflight(request);
  const table = useTable(values.table);
  const line = recoveryLine(table.data?.table?.recovery?.earliestRestorableTime, table.dataUpdatedAt);
  const start = useMutation({
    mutationFn: (asked: ExportTableRequest) =>
      outport.exportTable({ ...asked, clientToken: clientTokenFor('export', asked) }),
    onSuccess: (asked) => {
      isAskedFor.current = true;
      navigate(`/exports/${asked.export.id}`);
    },
  });
  // Not before the form is gone: until then another click is the same request.
  const isAskedFor = useRef(false);
  useEffect(
    () => () => {
      if (isAskedFor.current) forgetClientToken('export');
    },
    [],
  );
  // What is missing is only said where something was filled in: an empty form is not wrong yet.
  const problems: Problems = {
    ...('problems' in form && values.table && values.bucket ? form.problems : {}),
    ...(!outdated && failuresByField(preflight?.checks ?? [])),
  };
  const ready = request !== undefined && !outdated && preflight?.ready === true;

  return (
    <Page title="New export" description="A table as it was at any second that it can be recovered to, as files in S3.">
      <RequestForm
        action="Start the export"
        icon={<ExportsIcon />}
        ready={ready}
        pending={start.isPending}
        onSubmit={() => request && start.mutate(request)}
        failure={start.error && <Failed error={start.error} />}
        preflight={{ preflight, error, incomplete: request === undefined, outdated }}
      >
        <Paper withBorder p="md" m={0} component="fieldset" aria-label="What">
          <Stack>
            <TablePicker
              value={values.table}
              onPick={(picked) => setValues({ table: picked, time: '', from: '', to: '', type: '' })}
              error={problems.table}
              required
            />
            {table.error && <Failed error={table.error} onRetry={table.refetch} />}
            {table.data?.table === null && (
              <Alert color="orange" icon={<LockIcon />}>
                There is no such table, or none that you may see.
              </Alert>
            )}
            {table.data?.table && (
              <Text size="xs" c="dimmed">
                {bytes(table.data.table.tableSizeBytes)}, {counted(table.data.table.itemCount, 'item')}
                {!line && '. Point-in-time recovery is off, or has just been turned on.'}
              </Text>
            )}
            {table.data?.table && line && (
              <WhatFields
                values={values}
                problems={problems}
                onChange={setValues}
                table={table.data.table}
                line={line}
              />
            )}
          </Stack>
        </Paper>
        <Paper withBorder p="md" m={0} component="fieldset" aria-label="Where to">
          <DestinationFields values={values} problems={problems} onChange={setValues} table={table.data?.table} />
        </Paper>
        <Paper withBorder>
          <MoreFields values={values} problems={problems} onChange={setValues} />
        </Paper>
      </RequestForm>
    </Page>
  );
}
