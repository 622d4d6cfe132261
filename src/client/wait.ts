import { ExportEndedError, TimedOutError } from './errors.ts';
import type { ExportFieldsFragment } from './generated/operations.ts';
import { hasEnded, type Watching, watchExport } from './watch.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait at most. Left out: until it has ended; every export has a deadline. */
  readonly timeoutMs?: number | undefined;
  /** Told of the export as it is, then after each change. */
  readonly onUpdate?: ((update: ExportFieldsFragment) => void) | undefined;
}

/**
 * Waits until an export has ended.
 * @returns it, COMPLETED
 * @throws ExportEndedError when it FAILED or was CANCELED; TimedOutError; OutportError; the signal's reason
 */
export async function waitForExport(
  watching: Watching,
  id: string,
  { signal, timeoutMs, onUpdate }: WaitOptions,
): Promise<ExportFieldsFragment> {
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signals = [signal, timeout].filter((each) => each !== undefined);
  let last: ExportFieldsFragment | null = null;
  try {
    for await (const update of watchExport(watching, id, 0, AbortSignal.any(signals))) {
      last = update;
      onUpdate?.(update);
      if (hasEnded(update)) break;
    }
  } catch (error) {
    if (timeoutMs !== undefined && timeout?.aborted && !signal?.aborted) throw new TimedOutError(id, timeoutMs, last);
    throw error;
  }
  if (last?.status !== 'COMPLETED') throw endedError(last);
  return last;
}

function endedError(last: ExportFieldsFragment | null): Error {
  return last ? new ExportEndedError(last) : new Error('an export ended without having been seen');
}
