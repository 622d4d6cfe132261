import { createReadStream } from 'node:fs';
import path from 'node:path';

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

export function folderOnDisk(directory: string): ExportFolder {
  return { name: directory, read: (file) => createReadStream(path.join(directory, file)) };
}
