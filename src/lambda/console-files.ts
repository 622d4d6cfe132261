import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the console, ready to be sent. */
export interface ConsoleFile {
  readonly contentType: string;
  readonly plain: Buffer;
  /** Compressed when it is asked for, once: most of what there is, such as GraphiQL, hardly anybody asks for. */
  gzipped(): Buffer;
  /** Changes with the content, and with nothing else. */
  readonly etag: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * The files below a folder by their URL paths, such as `/assets/index-1a2b3c.js`. All of them are read at once, which takes
 * milliseconds.
 * @throws Error for a file of a type that browsers would have to guess
 */
export function readConsoleFiles(directory: string): ReadonlyMap<string, ConsoleFile> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [`/${path.relative(directory, file).split(path.sep).join('/')}`, readConsoleFile(file)];
    }),
  );
}

function readConsoleFile(file: string): ConsoleFile {
  const contentType = CONTENT_TYPES[path.extname(file)];
  if (contentType === undefined) throw new Error(`${file} has no content type: add its ending to CONTENT_TYPES`);
  const plain = readFileSync(file);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  let gzipped: Buffer | undefined;
  return {
    contentType,
    plain,
    etag,
    gzipped: () => {
      gzipped ??= gzipSync(plain);
      return gzipped;
    },
  };
}
