import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { StoredBackups } from '../../../src/engine/backups.ts';
import type { Backups, BaseItem, Change } from '../../../src/engine/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../src/engine/limits.ts';
import { restore } from '../../../src/engine/restore.ts';

/** So small that a few changes roll the log, build bases and spill runs. */
export const TINY_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  logFileBytes: 600,
  newBaseLogBytes: 300,
  sortMemoryBytes: 900,
  pieceBytes: 200,
};

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
    runJob: async (job) => {
      await options.beforeJob?.();
      return structuredClone(restore(structuredClone(job)));
    },
    endJobs: () => undefined,
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

export interface Key {
  readonly pk: string;
  readonly sk: number;
}

const partitionHash = (pk: string) => createHash('md5').update(pk).digest('hex').slice(0, 16);
const keyOf = ({ pk, sk }: Key) => `${pk}/${String(sk).padStart(6, '0')}`;

export function imageOf({ pk, sk }: Key, value: string): string {
  return JSON.stringify({ pk: { S: pk }, sk: { N: String(sk) }, value: { S: value } });
}

/** A change that puts the item with this value, or deletes it. */
export function change(at: { sequence: number; timeMicros: number }, key: Key, value: string | null): Change {
  return {
    ...at,
    partitionHash: partitionHash(key.pk),
    key: keyOf(key),
    newImage: value === null ? null : imageOf(key, value),
  };
}

export async function* itemsOf(items: Iterable<readonly [Key, string]>): AsyncGenerator<BaseItem> {
  for (const [key, value] of items) {
    yield { partitionHash: partitionHash(key.pk), key: keyOf(key), image: imageOf(key, value) };
  }
}
