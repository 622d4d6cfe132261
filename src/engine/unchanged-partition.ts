import { constants, copyFileSync, linkSync, rmSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { DamagedError } from './errors.ts';
import { type BasePartition, indexOf, type WrittenPartition } from './partition-file.ts';
import { SequentialReader } from './sequential-file.ts';

/** Bytes that are read at once to check a file. */
const CHECK_BYTES = 1024 * 1024;
/** Linux, macOS and Windows where a link cannot be: another file system, one without links, or as many as it allows. */
const LINK_REFUSALS = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR']);

/**
 * A partition that did not change is its base's file under another name: bases are never written to again, and a file
 * stays as long as one of its names does. It is read once, as it may have been damaged since it was written.
 */
export function reuseFiles(base: BasePartition, target: string, indexed: boolean): WrittenPartition {
  check(base);
  linkOrCopy(base.data, target);
  if (indexed) linkOrCopy(indexOf(base.data), indexOf(target));
  const index = indexed ? {} : { indexBytes: 0, directoryBytes: 0 };
  return { ...base, ...index, data: path.basename(target) };
}

function check({ data, sizeBytes, crc }: BasePartition): void {
  const reader = new SequentialReader(data, sizeBytes, true);
  try {
    let found = 0;
    while (reader.remaining > 0) found = crc32(reader.read(Math.min(reader.remaining, CHECK_BYTES)), found);
    if (found !== crc) throw new DamagedError(data, 0, 'wrong checksum');
  } finally {
    reader.close();
  }
}

/** A copy where the file system has no links, no more of them, or another one holds the target. */
function linkOrCopy(file: string, target: string): void {
  rmSync(target, { force: true });
  try {
    linkSync(file, target);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && LINK_REFUSALS.has(`${cause.code}`))) throw cause;
    copyFileSync(file, target, constants.COPYFILE_FICLONE);
  }
}
