import { open, rename } from 'node:fs/promises';
import path from 'node:path';

/** Makes the names in a directory durable: syncing a file does not. Windows has no such call, and needs none. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the bytes of a file durable, whoever wrote them. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes what `placeFile` will put in place. Nothing has changed when it fails. */
export async function stageFile(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(`${file}.new`, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file by what was staged: a crash leaves either all of the old or all of the new. */
export async function placeFile(file: string): Promise<void> {
  await rename(`${file}.new`, file);
  await syncDirectory(path.dirname(file));
}
