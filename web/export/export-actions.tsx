import { Button, Group, Menu } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { ExportFieldsFragment } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { CrossIcon, RetryIcon, ShieldIcon } from '../app/icons.tsx';
import { newClientToken } from '../new-export/client-token.ts';
import { requestAgain } from '../new-export/form-state.ts';
import { Failed } from '../ui/states.tsx';
import { exportKey } from './use-live-export.ts';

/** What the viewer may do with an export now. */
export function ExportActions({ shown }: { readonly shown: ExportFieldsFragment }) {
  const outport = useOutport();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  // One retry of this export, however often the button is pressed.
  const [clientToken] = useState(newClientToken);
  const show = (next: ExportFieldsFragment) => queryClient.setQueryData(exportKey(next.id), next);
  const cancel = useMutation({ mutationFn: () => outport.cancelExport(shown.id), onSuccess: show });
  const verify = useMutation({
    mutationFn: (deep: boolean) => outport.verifyExport(shown.id, { deep }),
    onSuccess: show,
  });
  const retry = useMutation({
    mutationFn: () => outport.retryExport(shown.id, { clientToken }),
    onSuccess: (asked) => navigate(`/exports/${asked.export.id}`),
  });
  const failed = cancel.error ?? verify.error ?? retry.error;

  return (
    <div>
      <Group gap="xs">
        {shown.viewerCanCancel && (
          <Button
            variant="default"
            leftSection={<CrossIcon size={16} />}
            onClick={() => cancel.mutate()}
            loading={cancel.isPending}
          >
            Cancel
          </Button>
        )}
        {shown.viewerCanVerify && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<ShieldIcon size={16} />} loading={verify.isPending}>
                Verify
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => verify.mutate(false)}>Compare files with manifests</Menu.Item>
              <Menu.Item onClick={() => verify.mutate(true)}>Read every file, count every line</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
        <Button component={Link} to={`/exports/new?${requestAgain(shown)}`} variant="default">
          Export like this
        </Button>
        {shown.viewerCanRetry && (
          <Button leftSection={<RetryIcon size={16} />} onClick={() => retry.mutate()} loading={retry.isPending}>
            Try again
          </Button>
        )}
      </Group>
      {failed && <Failed error={failed} />}
    </div>
  );
}
