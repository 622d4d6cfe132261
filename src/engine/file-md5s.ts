import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 256 * 1024;

/** The MD5 of each file, in hexadecimal digits. They were written just now, so they are read from memory. */
export function md5sOf(paths: readonly string[]): string[] {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  return paths.map((path) => {
    const hash = createHash('md5');
    const fd = openSync(path, 'r');
    try {
      for (let got = readSync(fd, chunk); got > 0; got = readSync(fd, chunk)) hash.update(chunk.subarray(0, got));
    } finally {
      closeSync(fd);
    }
    return hash.digest('hex');
  });
}
