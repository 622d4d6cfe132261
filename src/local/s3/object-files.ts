import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { copyFile, lstat, mkdir, open, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { keyPath, namesFor } from './key-paths.ts';
import type { PartRecord, Records } from './records.ts';

// A bucket's name begins with a letter or a digit, so that these can never be buckets.
const INCOMING = '.incoming';
const PARTS = '.parts';

/**
 * The files that hold objects' bytes. A file is written under `.incoming`, made durable, and then moved to a path that
 * no file had, so that readers of what was there before are undisturbed. From before it is moved until an object refers
 * to it, and again from when no object does until it is gone, it is noted in `unreferenced`: whatever the moment of a
 * crash, the next `sweep` knows what to remove.
 */
export class ObjectFiles {
  readonly #directory: string;
  readonly #records: Records;
  /** Paths in `unreferenced` that somebody is at work on, folded as a case-insensitive file system would. */
  readonly #claimed = new Set<string>();

  constructor(directory: string, records: Records) {
    this.#directory = directory;
    this.#records = records;
  }

  /** Makes the folders and removes what a crash has left: half-written files and files that no object refers to. */
  async sweep(): Promise<void> {
    await rm(this.resolve(INCOMING), { recursive: true, force: true });
    await mkdir(this.resolve(INCOMING), { recursive: true });
    await mkdir(this.resolve(PARTS), { recursive: true });
    for await (const file of this.#records.unreferenced.keys()) await this.remove(file);
    await this.#sweepParts();
  }

  /** A path under `.incoming` to write a new file to. */
  newIncomingPath(): string {
    return this.resolve(`${INCOMING}/${randomUUID()}`);
  }

  /**
   * Moves a durable file to where the bytes of an object belong.
   * @returns its path relative to the folder, noted as unreferenced until an object's record is committed with `release`
   */
  async place(incoming: string, bucket: string, key: string): Promise<string> {
    const segments = keyPath(key);
    const name = segments.pop() ?? '';
    for (;;) {
      const folder = await this.#makeFolders(bucket, segments);
      for (const candidate of namesFor(name)) {
        const file = `${folder}/${candidate}`;
        const outcome = await this.#moveInto(file, incoming);
        if (outcome === 'MOVED') return file;
        // A neighbour's removal has just pruned the folder.
        if (outcome === 'NO_FOLDER') break;
      }
    }
  }

  /** Moves a durable file to where the parts of an upload wait for its completion. */
  async placePart(incoming: string, uploadId: string, partNumber: number): Promise<string> {
    await makeFolder(this.resolve(`${PARTS}/${uploadId}`));
    const file = `${PARTS}/${uploadId}/${partNumber}-${randomUUID()}`;
    await rename(incoming, this.resolve(file));
    await syncFolder(path.dirname(this.resolve(file)));
    return file;
  }

  /** Brings a finished file of this machine under `.incoming`, by a rename where the file system allows, and durable. */
  async adopt(source: string): Promise<string> {
    const incoming = this.newIncomingPath();
    try {
      await rename(source, incoming);
    } catch (error) {
      if (!hasCode(error, 'EXDEV')) throw error;
      await copyFile(source, incoming);
      await unlink(source);
    }
    await syncFile(incoming);
    return incoming;
  }

  /** Says that an object now refers to a file that `place` has made, or that `remove` has finished with one. */
  release(file: string): void {
    this.#claimed.delete(fold(file));
  }

  /** Says that a file is about to lose its object, so that its path is not taken before `remove` has freed it. */
  claim(file: string): void {
    this.#claimed.add(fold(file));
  }

  /** Removes a file that is noted as unreferenced, its emptied folders, and the note. */
  async remove(file: string): Promise<void> {
    await unlinkIfThere(this.resolve(file));
    await this.#pruneFolders(file);
    await this.#records.unreferenced.del(file);
    this.release(file);
  }

  async discardIncoming(incoming: string): Promise<void> {
    await unlinkIfThere(incoming);
  }

  async removePart(file: string): Promise<void> {
    await unlinkIfThere(this.resolve(file));
  }

  async removeParts(uploadId: string): Promise<void> {
    await rm(this.resolve(`${PARTS}/${uploadId}`), { recursive: true, force: true });
  }

  async removeBucket(bucket: string): Promise<void> {
    await rm(this.resolve(bucket), { recursive: true, force: true });
  }

  /** @throws ENOENT when the object has meanwhile been given another file */
  open(file: string): Promise<FileHandle> {
    return open(this.resolve(file), 'r');
  }

  resolve(file: string): string {
    return path.join(this.#directory, file);
  }

  async #moveInto(file: string, incoming: string): Promise<'MOVED' | 'TAKEN' | 'NO_FOLDER'> {
    if (this.#claimed.has(fold(file))) return 'TAKEN';
    this.claim(file);
    const target = this.resolve(file);
    // Only a free path may be noted: the sweep removes what is noted.
    if (await exists(target)) {
      this.release(file);
      return 'TAKEN';
    }
    await this.#note({ type: 'put', key: file, value: '' });
    try {
      // Claims the path exclusively, which a rename alone cannot.
      await (await open(target, 'wx')).close();
    } catch (error) {
      // Somebody else's file must not stay noted.
      await this.#note({ type: 'del', key: file });
      this.release(file);
      if (hasCode(error, 'EEXIST', 'EISDIR')) return 'TAKEN';
      if (hasCode(error, 'ENOENT')) return 'NO_FOLDER';
      throw error;
    }
    await rename(incoming, target);
    await syncFolder(path.dirname(target));
    return 'MOVED';
  }

  #note(change: { type: 'put'; key: string; value: '' } | { type: 'del'; key: string }): Promise<void> {
    const { database, unreferenced } = this.#records;
    return database.batch<string, string>([{ ...change, sublevel: unreferenced }], { sync: true });
  }

  /** @returns the folder, relative; a folder whose name a file has taken is given another name */
  async #makeFolders(bucket: string, segments: readonly string[]): Promise<string> {
    let folder = bucket;
    await makeFolder(this.resolve(folder));
    for (const segment of segments) {
      for (const name of namesFor(segment)) {
        if (!(await makeFolder(this.resolve(`${folder}/${name}`)))) continue;
        folder = `${folder}/${name}`;
        break;
      }
    }
    return folder;
  }

  async #pruneFolders(file: string): Promise<void> {
    for (let folder = path.posix.dirname(file); folder.includes('/'); folder = path.posix.dirname(folder)) {
      try {
        await rmdir(this.resolve(folder));
      } catch {
        return; // Not empty, or pruned by a neighbour.
      }
    }
  }

  async #sweepParts(): Promise<void> {
    const referenced = new Set<string>();
    for await (const part of this.#records.parts.values()) referenced.add((part satisfies PartRecord).file);
    for (const uploadId of await readdir(this.resolve(PARTS))) {
      const folder = `${PARTS}/${uploadId}`;
      for (const name of await readdir(this.resolve(folder))) {
        if (!referenced.has(`${folder}/${name}`)) await unlinkIfThere(this.resolve(`${folder}/${name}`));
      }
      await rmdir(this.resolve(folder)).catch(() => undefined);
    }
  }
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);

const fold = (file: string) => file.normalize('NFC').toLowerCase();

/** @returns whether the path is a folder now */
async function makeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    await syncFolder(path.dirname(folder));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return (await lstat(folder).catch(() => undefined))?.isDirectory() ?? false;
    // A parent has just been pruned: whoever opens a file in here starts over.
    if (hasCode(error, 'ENOENT')) return true;
    throw error;
  }
}

/** Makes the names in a folder durable; Windows has no such call, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error; // Pruned meanwhile.
  } finally {
    await handle?.close();
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    // A parent that is a file or is missing is met again when the file is opened.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

async function unlinkIfThere(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  });
}
