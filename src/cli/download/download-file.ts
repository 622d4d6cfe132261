import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { OutportError, TransportError } from '../../client/index.ts';
import { retrying } from '../../client/retry.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import type { RemoteFile } from './export-files.ts';

/** A connection on which nothing comes for so long is given up, and gone on with over another. */
const SILENCE_MS = 30_000;

/** How many more bytes are there. Negative: some that were there are not kept. */
export type OnBytes = (bytes: number) => void;

/**
 * Downloads a file to `target`, unless it is there. What has come is kept in `target.partial`, so that whoever is
 * interrupted goes on from there; under its own name it is whole, and its MD5 is that of the manifest.
 * @throws CommandError when it is not what the manifest says, OutportError when it cannot be read
 */
export async function downloadFile(
  file: RemoteFile,
  target: string,
  onBytes: OnBytes,
): Promise<'DOWNLOADED' | 'THERE'> {
  const there = await md5Of(target);
  if (there?.bytes === file.sizeBytes && there.hash.digest('base64') === file.md5Checksum) {
    onBytes(file.sizeBytes);
    return 'THERE';
  }
  const partial = `${target}.partial`;
  const keptBytes = await sizeOf(partial);
  let found = await fetchAll(file, partial, onBytes);
  if (found !== file.md5Checksum && keptBytes > 0) {
    // What was kept may have been of something else: everything from the beginning, once.
    await rm(partial);
    onBytes(-file.sizeBytes);
    found = await fetchAll(file, partial, onBytes);
  }
  if (found !== file.md5Checksum) {
    await rm(partial);
    throw new CommandError(
      `${file.key} is damaged: its MD5 is ${found}, and should be ${file.md5Checksum}. It was not kept.`,
      'Download it again; if it is damaged again, have the export checked: outport exports verify --deep',
      EXIT.FAILED,
    );
  }
  await rename(partial, target);
  return 'DOWNLOADED';
}

/** Fetches what is missing of a file, over as many connections as it takes. Returns the MD5 of all of it, in base64. */
async function fetchAll(file: RemoteFile, partial: string, onBytes: OnBytes): Promise<string> {
  const kept = (await md5Of(partial)) ?? { hash: createHash('md5'), bytes: 0 };
  let { bytes } = kept;
  let { hash } = kept;
  if (bytes > file.sizeBytes) {
    await rm(partial);
    bytes = 0;
    hash = createHash('md5');
  }
  onBytes(bytes);
  const output = await open(partial, 'a');
  try {
    while (bytes < file.sizeBytes) {
      await retrying(
        () =>
          fetchFrom(file, bytes, async (chunk) => {
            await output.appendFile(chunk);
            hash.update(chunk);
            bytes += chunk.length;
            onBytes(chunk.length);
          }),
        ({ retryable }) => retryable,
      );
    }
    await output.datasync();
  } finally {
    await output.close();
  }
  return hash.digest('base64');
}

/** Reads a file from a byte on. Ends early when the connection does. */
async function fetchFrom(file: RemoteFile, from: number, take: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error(`nothing came for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
  };
  heard();
  try {
    const headers = { range: `bytes=${from}-` };
    const response = await fetch(await file.address(), { headers, signal: silence.signal });
    if (response.status !== 206 || !response.body) throw notServed(file, response.status);
    for await (const chunk of response.body) {
      heard();
      await take(chunk);
    }
  } catch (cause) {
    if (cause instanceof OutportError || cause instanceof CommandError) throw cause;
    if (isOfTheDisk(cause))
      throw new CommandError(
        `The file cannot be written: ${String(cause)}`,
        'Make room, or name another folder with --to.',
      );
    throw new TransportError(`${file.key} cannot be downloaded: ${String(cause)}`, {
      code: 'UNREACHABLE',
      remedy: 'Check the network, and run the same command again: it goes on from where it was.',
      retryable: true,
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

function notServed({ key }: RemoteFile, status: number): TransportError {
  return new TransportError(`S3 answered ${status} for ${key}.`, {
    code: 'BAD_ANSWER',
    remedy: status === 404 ? 'It was deleted: export the table again.' : 'Run the same command again in a while.',
    retryable: status === 429 || status >= 500,
  });
}

/** The running MD5 of what is there of a file, and how much that is; null: nothing. */
async function md5Of(file: string): Promise<{ readonly hash: Hash; readonly bytes: number } | null> {
  const hash = createHash('md5');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file)) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return { hash, bytes };
}

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.size ?? 0;

const isOfTheDisk = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && (error.syscall === 'write' || error.syscall === 'open');
