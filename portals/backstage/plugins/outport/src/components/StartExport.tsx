import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Dialog, DialogBody, DialogFooter, DialogHeader, DialogTrigger } from '@backstage/ui';
import type { Export, Preflight } from '@outport/backstage-plugin-outport-common';
import { type FormEvent, useId, useState } from 'react';
import { outportApiRef } from '../api';
import { requestIn } from '../exportForm';
import { ExportFields } from './ExportFields';
import { Findings } from './Findings';

interface StartExportProps {
  readonly entityRef: string;
  readonly onStarted: (started: Export) => void;
}

/** A button that opens the form for an export. */
export function StartExport({ entityRef, onStarted }: StartExportProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button>Export table</Button>
      <Dialog width={560}>
        <ExportForm
          entityRef={entityRef}
          onStarted={(started) => {
            onStarted(started);
            setOpen(false);
          }}
        />
      </Dialog>
    </DialogTrigger>
  );
}

function ExportForm({ entityRef, onStarted }: StartExportProps) {
  const outport = useApi(outportApiRef);
  const formId = useId();
  // One for each time the form is opened: pressing twice starts one export. Unlike randomUUID, this works without TLS.
  const [clientToken] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join('-'));
  const [isPending, setPending] = useState(false);
  const [found, setFound] = useState<{ preflight?: Preflight; error?: unknown }>({});

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const submitter = event.nativeEvent instanceof SubmitEvent ? event.nativeEvent.submitter : null;
    const request = { ...requestIn(new FormData(event.currentTarget)), clientToken };
    setPending(true);
    setFound({});
    try {
      if (submitter?.getAttribute('value') === 'check')
        setFound({ preflight: await outport.preflight(entityRef, request) });
      else onStarted(await outport.startExport(entityRef, request));
    } catch (error) {
      setFound({ error });
    } finally {
      setPending(false);
    }
  };

  return (
    <>
      <DialogHeader>Export {entityRef}</DialogHeader>
      <DialogBody>
        <form id={formId} onSubmit={submit}>
          <ExportFields />
        </form>
        <Findings {...found} />
      </DialogBody>
      <DialogFooter>
        <Button type="submit" form={formId} isPending={isPending}>
          Start
        </Button>
        <Button type="submit" form={formId} value="check" variant="secondary" isDisabled={isPending}>
          Check first
        </Button>
      </DialogFooter>
    </>
  );
}
