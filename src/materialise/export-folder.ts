import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** What lies in the folder of an export once it is complete, and nowhere else. */
export const SUMMARY_FILE = 'manifest-summary.json';

/**
 * The folder that the manifests of an export lie in, on a disk or in a bucket. Paths are relative to it, as exports are
 * copied elsewhere; those of the data files of an incremental export begin with `../data/`.
 */
export interface ExportFolder {
  /** As people wrote it. */
  readonly name: string;
  /** The bytes of a file. Fails while it is read, or before, when there is none. */
  read(file: string): AsyncIterable<Uint8Array>;
}

/** The folders of all exports at or below a directory; where there is none, the directory itself, to be told about. */
export async function foldersOnDisk(directory: string): Promise<ExportFolder[]> {
  const files = await readdir(directory, { recursive: true }).catch(() => []);
  const homes = files.filter((file) => path.basename(file) === SUMMARY_FILE).map((file) => path.dirname(file));
  return (homes.length > 0 ? homes : ['']).sort().map((home) => folderOnDisk(path.join(directory, home)));
}

export function folderOnDisk(directory: string): ExportFolder {
  return { name: directory, read: (file) => createReadStream(path.join(directory, file)) };
}
