import { useSyncExternalStore } from 'react';

/** Whether Outport answers, as seen by what was sent to it. */
export interface ConnectionState {
  readonly lost: boolean;
  /** Grows whenever a lost connection is restored: what was missed meanwhile is asked for again. */
  readonly epoch: number;
}

const PROBE_EVERY_MS = 2_000;
/** Cheap to answer, and without a token. */
const PROBE = '/config.json';

const listeners = new Set<() => void>();
let state: ConnectionState = { lost: false, epoch: 0 };
let probing: ReturnType<typeof setInterval> | undefined;

function change(next: ConnectionState): void {
  state = next;
  for (const listener of listeners) listener();
}

function lost(): void {
  if (state.lost) return;
  change({ ...state, lost: true });
  probing = setInterval(probe, PROBE_EVERY_MS);
}

function answered(): void {
  if (!state.lost) return;
  clearInterval(probing);
  change({ lost: false, epoch: state.epoch + 1 });
}

const probe = () => void fetch(PROBE, { cache: 'no-store' }).then(answered, () => undefined);

addEventListener('offline', lost);
addEventListener('online', probe);

/** `fetch`, whose failures tell that the connection is lost, and whose answers that it is not. */
export const watchedFetch: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, init);
    answered();
    return response;
  } catch (error) {
    if (!init?.signal?.aborted) lost();
    throw error;
  }
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useConnection = (): ConnectionState => useSyncExternalStore(subscribe, () => state);
