// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';

/** The earliest that an archive can say, so that the same files make the same archive whenever it is made. */
const MODIFIED = new Date(1980, 0, 1);
/** Everybody may read them: Lambda runs functions as nobody in particular. */
const REGULAR_FILE = (0o100644 << 16) >>> 0;
const UNIX = 3;

/**
 * The archive that is uploaded as a function: some folders of the project, at their paths. Serverless would make the same,
 * but reads every file of every folder first, dependencies and their dependencies included, to leave them out.
 * @param {readonly string[]} folders
 * @returns {Uint8Array}
 */
export function archiveOf(folders) {
  const names = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.posix.join(entry.parentPath.split(path.sep).join('/'), entry.name)),
  );
  return zipSync(Object.fromEntries(names.sort().map((name) => [name, new Uint8Array(readFileSync(name))])), {
    level: 9,
    mtime: MODIFIED,
    os: UNIX,
    attrs: REGULAR_FILE,
  });
}
