import { constants, copyFileSync, linkSync, rmSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DamagedError } from './errors.ts';
import type { Segment } from './segment.ts';
import { SequentialReader } from './sequential-file.ts';

/** Bytes that are read at once to check a file. */
const CHECK_BYTES = 1024 * 1024;
/** Linux, macOS and Windows where a link cannot be: another file system, one without links, or as many as it allows. */
const LINK_REFUSALS = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR']);

/** Reads a data file that is to serve once more: it may have been damaged since it was written. */
export function checkSegment({ data, sizeBytes, crc }: Segment): void {
  const reader = new SequentialReader(data, sizeBytes, true);
  try {
    let found = 0;
    while (reader.remaining > 0) found = crc32(reader.read(Math.min(reader.remaining, CHECK_BYTES)), found);
    if (found !== crc) throw new DamagedError(data, 0, 'wrong checksum');
  } finally {
    reader.close();
  }
}

/**
 * Gives a file another name. Segments are never written to again, and a file stays as long as one of its names does. It is
 * copied where the file system has no links, no more of them, or another one holds the target.
 */
export function linkOrCopy(file: string, target: string): 'LINKED' | 'COPIED' {
  rmSync(target, { force: true });
  try {
    linkSync(file, target);
    return 'LINKED';
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && LINK_REFUSALS.has(`${cause.code}`))) throw cause;
    copyFileSync(file, target, constants.COPYFILE_FICLONE);
    return 'COPIED';
  }
}
