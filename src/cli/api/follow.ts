import type { ExportFieldsFragment, OutportClient, WaitOptions } from '../../client/index.ts';
import { interruptible } from '../interruptible.ts';
import { bytes, counted } from '../print.ts';
import { passingBar } from '../progress-bar.ts';

/** Waits until an export has ended, with a bar on a terminal. Throws as `waitForExport` does. */
export async function waitWithBar(
  client: OutportClient,
  id: string,
  options: Pick<WaitOptions, 'timeoutMs'>,
): Promise<ExportFieldsFragment> {
  const bar = passingBar(id);
  try {
    return await interruptible(goesOn(id), () =>
      client.waitForExport(id, {
        ...options,
        onUpdate: (update) => bar.update(shareOf(update), progressOf(update)),
      }),
    );
  } finally {
    bar.done('');
  }
}

/** What Ctrl-C does not end. */
export const goesOn = (id: string): string => `Export ${id} goes on. Follow it again: outport exports watch ${id}`;

const shareOf = ({ status, progress }: ExportFieldsFragment): number | null =>
  status === 'COMPLETED' ? 1 : progress?.estimatedPercent != null ? progress.estimatedPercent / 100 : null;

/** Where an export stands, in one line. */
export function progressOf({ status, queuePosition, progress, itemCount, failure }: ExportFieldsFragment): string {
  if (status === 'QUEUED') return queuePosition === null ? 'QUEUED' : `QUEUED, place ${queuePosition}`;
  if (failure) return `${status}: ${failure.code}`;
  const percent =
    status === 'IN_PROGRESS' && progress?.estimatedPercent != null ? `, ${progress.estimatedPercent} %` : '';
  const written = progress ? `, ${counted(progress.filesWritten, 'file')}, ${bytes(progress.bytesWritten)}` : '';
  return `${status}${itemCount === null ? '' : `, ${counted(itemCount, 'item')}`}${percent}${written}`;
}
