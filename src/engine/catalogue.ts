import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { placeFile, stageFile, syncDirectory } from './durable-files.ts';
import { DamagedError } from './errors.ts';
import { encodeFrame, faultOf, frameAt } from './frames.ts';
import { type Base, filesOfSegments } from './segment.ts';

const CATALOGUE_NAME = 'catalogue';

/** A point of the history that a log file begins at, and the table as it was there, where a base was built. */
export interface Generation {
  /** The last change before the log, and its time. */
  readonly sequence: number;
  readonly timeMicros: number;
  readonly base?: Base;
  /** The same as Ion text, once an export has asked for it. */
  readonly ionTwin?: Base;
  /** The changes up to the next generation. `byteCount` is absent for the last, which is still written to. */
  readonly log: { readonly name: string; readonly byteCount?: number };
}

/** What a table's directory holds. Replacing this file is what makes a change of it happen. */
export interface Catalogue {
  readonly tableId: string;
  readonly periodDays: number;
  /** Nothing before this can be restored, whatever the period: the start, or what a shorter period once cut off. */
  readonly earliestMicros: number;
  /** Oldest first; the first one has a base. */
  readonly generations: readonly Generation[];
}

/** The first step of a change: it names what is durable by now, and can fail without harm. */
export async function stageCatalogue(directory: string, catalogue: Catalogue): Promise<void> {
  await syncDirectory(directory);
  await stageFile(path.join(directory, CATALOGUE_NAME), encodeFrame(Buffer.from(JSON.stringify(catalogue))));
}

/** The commit. When it fails, which catalogue the next start will find is unknown. */
export async function placeCatalogue(directory: string): Promise<void> {
  await placeFile(path.join(directory, CATALOGUE_NAME));
}

/** Ends a table's history: its directory holds nothing from here on. */
export async function removeCatalogue(directory: string): Promise<void> {
  await rm(path.join(directory, CATALOGUE_NAME), { force: true });
  await syncDirectory(directory);
}

/** Undefined where none was ever written; throws `DamagedError` when it does not read as it was written. */
export async function readCatalogue(directory: string): Promise<Catalogue | undefined> {
  const file = path.join(directory, CATALOGUE_NAME);
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (bytes === undefined) return undefined;
  const payload = frameAt(bytes, 0);
  if (payload === undefined) throw new DamagedError(file, 0, faultOf(bytes));
  return JSON.parse(payload.toString()) as Catalogue;
}

/** The names of all files of a generation. Others may have some of them, too. */
export function filesOf({ log, base = [], ionTwin = [] }: Generation): string[] {
  return [log.name, ...filesOfSegments([...base, ...ionTwin].flat())];
}

/** Removes what a crash left between writing a file and naming it, or between no longer naming it and removing it. */
export async function removeUnnamed(directory: string, catalogue: Catalogue): Promise<void> {
  const named = new Set([CATALOGUE_NAME, ...catalogue.generations.flatMap(filesOf)]);
  for (const name of await readdir(directory)) {
    if (!named.has(name)) await rm(path.join(directory, name), { force: true, recursive: true });
  }
}
