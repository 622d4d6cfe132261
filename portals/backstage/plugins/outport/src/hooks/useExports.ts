import { useApi } from '@backstage/frontend-plugin-api';
import type { Export, OutportBackendClient } from '@outport/backstage-plugin-outport-common';
import { useCallback, useEffect, useState } from 'react';
import { outportApiRef } from '../api';
import { withUpdate } from '../withUpdate';

interface ListedExports {
  /** The newest first; undefined until they have been read. */
  readonly exports?: readonly Export[];
  /** Why they cannot be shown, or no longer followed. */
  readonly error?: Error;
}

type Change = (listed: ListedExports) => ListedExports;

/** The exports of the table that an entity stands for, as they are and become while they are shown. */
export function useExports(entityRef: string): ListedExports & { readonly tell: (update: Export) => void } {
  const outport = useApi(outportApiRef);
  const [listed, setListed] = useState<ListedExports>({});
  useEffect(() => {
    const left = new AbortController();
    setListed({});
    void follow(outport, entityRef, left.signal, setListed);
    return () => left.abort();
  }, [outport, entityRef]);
  const tell = useCallback((update: Export) => setListed(telling(update)), []);
  return { ...listed, tell };
}

const telling =
  (update: Export): Change =>
  (listed) => ({ ...listed, exports: withUpdate(listed.exports ?? [], update) });

async function follow(
  outport: OutportBackendClient,
  entityRef: string,
  signal: AbortSignal,
  change: (change: Change) => void,
): Promise<void> {
  const fail = (error: unknown) => {
    if (!signal.aborted)
      change((listed) => ({ ...listed, error: error instanceof Error ? error : new Error(String(error)) }));
  };
  try {
    for await (const update of outport.followExports(entityRef, signal)) {
      if (update) change(telling(update));
      else await outport.listExports(entityRef, signal).then((exports) => change(() => ({ exports })), fail);
    }
  } catch (error) {
    fail(error);
  }
}
