import { Button, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { DeleteScheduleDocument, PauseScheduleDocument, ResumeScheduleDocument } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { Failed, type Refusal, Refused } from '../ui/states.tsx';
import { tableNameOf } from '../ui/table-arn.ts';
import type { ShownSchedule } from './schedule-page.tsx';

/** What the viewer may do with a schedule now. */
export function ScheduleActions({
  shown: { id, status, tableArn, viewerCanManage },
}: {
  readonly shown: ShownSchedule;
}) {
  const outport = useOutport();
  const queryClient = useQueryClient();
  const [asking, { open, close }] = useDisclosure(false);
  const variables = { input: { id } };
  const once = { repeatable: true };
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['schedule'] });
  const change = useMutation({
    mutationFn: async (to: 'PAUSED' | 'ACTIVE' | 'DELETED'): Promise<readonly Refusal[]> => {
      switch (to) {
        case 'PAUSED':
          return (await outport.request(PauseScheduleDocument, variables, once)).pauseSchedule.userErrors;
        case 'ACTIVE':
          return (await outport.request(ResumeScheduleDocument, variables, once)).resumeSchedule.userErrors;
        case 'DELETED':
          return (await outport.request(DeleteScheduleDocument, variables, once)).deleteSchedule.userErrors;
      }
    },
    onSuccess,
  });
  if (!viewerCanManage || status === 'DELETED') return null;

  return (
    <div>
      <Group gap="xs">
        {status === 'ACTIVE' && (
          <Button variant="default" onClick={() => change.mutate('PAUSED')} loading={change.isPending}>
            Pause
          </Button>
        )}
        {status === 'PAUSED' && (
          <Button onClick={() => change.mutate('ACTIVE')} loading={change.isPending}>
            Resume
          </Button>
        )}
        <Button variant="default" onClick={open}>
          Delete…
        </Button>
      </Group>
      {change.error && <Failed error={change.error} />}
      {change.data && <Refused refusals={change.data} />}
      <Modal opened={asking} onClose={close} title={`Delete the schedule of ${tableNameOf(tableArn)}?`} centered>
        <Text size="sm">It makes no export any more, and cannot be resumed. Its exports and their files stay.</Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button
            color="red"
            onClick={() => {
              change.mutate('DELETED');
              close();
            }}
          >
            Delete
          </Button>
        </Group>
      </Modal>
    </div>
  );
}
