import { Alert } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useConnection } from '../api/connection.ts';
import { CheckIcon, UnpluggedIcon } from './icons.tsx';

const SHOW_RESTORED_MS = 4_000;

/** Says when Outport cannot be reached, and when it can again. */
export function ConnectionBanner() {
  const { lost, epoch } = useConnection();
  const [told, setTold] = useState(epoch);
  useEffect(() => {
    const timer = setTimeout(() => setTold(epoch), SHOW_RESTORED_MS);
    return () => clearTimeout(timer);
  }, [epoch]);

  return (
    <div role="status">
      {lost && (
        <Alert color="orange" icon={<UnpluggedIcon />} title="Connection lost" mb="md">
          Outport cannot be reached. Exports go on meanwhile; this page catches up by itself.
        </Alert>
      )}
      {!lost && epoch > told && (
        <Alert color="teal" icon={<CheckIcon />} title="Connected again" mb="md">
          What you see is up to date.
        </Alert>
      )}
    </div>
  );
}
