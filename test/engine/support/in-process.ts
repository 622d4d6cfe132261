import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { StoredBackups } from '../../../src/engine/backups.ts';
import type { Backups } from '../../../src/engine/index.ts';
import { runJob } from '../../../src/engine/job.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../src/engine/limits.ts';

/** A clock that lets any time be exported. */
const FAR_FUTURE_MILLIS = 4_000_000_000_000;

/** Backups whose jobs run at once and on this thread, on a clock of the test's; closed when the test is over. */
export async function openInProcess(
  directory: string,
  options: { readonly limits?: Limits; readonly now?: () => number; readonly beforeJob?: () => Promise<void> } = {},
): Promise<Backups> {
  const backups = await StoredBackups.open({
    directory,
    now: options.now ?? (() => FAR_FUTURE_MILLIS),
    limits: options.limits ?? DEFAULT_LIMITS,
    runJob: async (job, onFile) => {
      await options.beforeJob?.();
      return structuredClone(await runJob(structuredClone(job), onFile));
    },
    endJobs: async () => undefined,
  });
  onTestFinished(() => backups.close());
  return backups;
}

/** A folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
