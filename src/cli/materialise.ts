import {
  type ExportFolder,
  foldersOnDisk,
  type Materialised,
  MaterialiseError,
  type MaterialiseOptions,
  materialise,
} from '../materialise/index.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { s3Folders } from './s3-folders.ts';

/** The engine's worker, beside this program in the build. */
const WORKER_FILE = new URL('export-worker.mjs', import.meta.url);

/**
 * Makes a table of exports in folders and buckets.
 * @throws CommandError for exports that are no chain, or not what their manifests say
 */
export async function materialiseFrom(
  addresses: readonly string[],
  options: Pick<MaterialiseOptions, 'form' | 'directory' | 'atMs'>,
): Promise<Materialised> {
  try {
    const folders: ExportFolder[] = [];
    for (const address of addresses) {
      folders.push(...((await s3Folders(address, process.env)) ?? (await foldersOnDisk(address))));
    }
    return await materialise({ ...options, folders, workerFile: WORKER_FILE });
  } catch (cause) {
    if (!(cause instanceof MaterialiseError)) throw cause;
    throw new CommandError(cause.message, cause.remedy, EXIT.FAILED, { cause });
  }
}
