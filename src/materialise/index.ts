/**
 * The state of a table out of files that lie somewhere: a full export and the increments that follow it. It knows nothing of
 * networks: whoever calls it says how the files are read. See docs/materialise.md.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ExportResult, writeLatestItems } from '../engine/index.ts';
import { type Chain, chainOf } from './chain.ts';
import { changesOf } from './changes.ts';
import { MaterialiseError } from './errors.ts';
import type { ExportFolder } from './export-folder.ts';
import { type Items, itemsOfExport, itemsOfFiles } from './items.ts';
import { writeManifests } from './json-files.ts';
import { type ExportManifest, readManifests } from './manifests.ts';
import { type WrittenParquet, writeParquet } from './parquet-file.ts';

export { MaterialiseError } from './errors.ts';
export { type ExportFolder, folderOnDisk, foldersOnDisk, SUMMARY_FILE } from './export-folder.ts';

export type MaterialisedForm = 'dynamodb-json' | 'parquet';

export interface MaterialiseOptions {
  /** One full export and any number of incremental ones, in any order. */
  readonly folders: readonly ExportFolder[];
  readonly form: MaterialisedForm;
  /** Where to; made when it is missing, and must be empty. It is as before after a failure. */
  readonly directory: string;
  /** Which end of the chain; the last one when it is left out. */
  readonly atMs?: number | undefined;
  /** The bundle of the engine's `export-worker.ts`. */
  readonly workerFile: URL | string;
}

/** What was made, as it stands in `materialised.json`. */
export interface Materialised {
  readonly tableArn: string;
  /** The time of the state. */
  readonly at: string;
  readonly form: MaterialisedForm;
  readonly itemCount: number;
  readonly files: readonly string[];
  /** Of Parquet only. */
  readonly columns?: WrittenParquet['columns'];
  /** The exports it was made of, in order. */
  readonly exports: ReadonlyArray<{ readonly exportArn: string; readonly from?: string; readonly to: string }>;
}

/**
 * Writes the table as it was at an end of the chain. Every manifest and file is held to its checksums and counts while it is
 * read, and memory does not grow with the table.
 * @throws MaterialiseError for exports that are no chain, are damaged, or cannot be read
 */
export async function materialise(options: MaterialiseOptions): Promise<Materialised> {
  const { folders, form, directory, atMs, workerFile } = options;
  const manifests: ExportManifest[] = [];
  for (const folder of folders) manifests.push(await readManifests(folder));
  const chain = chainOf(manifests, atMs);
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw new MaterialiseError(`${directory} is not empty.`, 'Name a folder that is empty, or not there yet.');
  }
  const scratchDirectory = path.join(directory, '.scratch');
  const writeState: WriteState = async (dataDirectory) => {
    await mkdir(dataDirectory);
    return writeLatestItems({ changes: changesOf(chain), directory: dataDirectory, scratchDirectory, workerFile });
  };
  try {
    await mkdir(scratchDirectory);
    const made =
      form === 'parquet'
        ? await makeParquet(chain, directory, writeState)
        : await makeJson(chain, directory, writeState);
    const result = { ...describe(chain, form), ...made };
    await rm(scratchDirectory, { recursive: true });
    await writeFile(path.join(directory, 'materialised.json'), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } catch (cause) {
    for (const name of await readdir(directory)) await rm(path.join(directory, name), { recursive: true });
    throw cause;
  }
}

type Made = Pick<Materialised, 'itemCount' | 'files' | 'columns'>;
/** Writes the state that the chain ends with as data files into a new folder. */
type WriteState = (dataDirectory: string) => Promise<ExportResult>;

async function makeJson(chain: Chain, directory: string, writeState: WriteState): Promise<Made> {
  const written = await writeState(path.join(directory, 'data'));
  await writeManifests(directory, chain, written);
  return { files: written.files.map(({ name }) => `data/${name}`), itemCount: written.itemCount };
}

async function makeParquet(chain: Chain, directory: string, writeState: WriteState): Promise<Made> {
  const name = 'items.parquet';
  const write = (readItems: () => AsyncIterable<Items>) => writeParquet(readItems, path.join(directory, name));
  // A full export is a state already.
  if (chain.increments.length === 0) return { files: [name], ...(await write(() => itemsOfExport(chain.full))) };
  const dataDirectory = path.join(directory, '.scratch/data');
  const { files } = await writeState(dataDirectory);
  const sources = files.map((file) => path.join(dataDirectory, file.name));
  return { files: [name], ...(await write(() => itemsOfFiles(sources))) };
}

function describe({ full, increments, atMs }: Chain, form: MaterialisedForm) {
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    tableArn: full.tableArn,
    at: iso(atMs),
    form,
    exports: [
      { exportArn: full.exportArn, to: iso(full.toMs) },
      ...increments.map(({ exportArn, fromMs, toMs }) => ({ exportArn, from: iso(fromMs), to: iso(toMs) })),
    ],
  };
}
