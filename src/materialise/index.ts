/**
 * The state of a table out of files that lie somewhere: a full export and the increments that follow it. It knows nothing of
 * networks: whoever calls it says how the files are read. See docs/materialise.md.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeLatestItems } from '../engine/index.ts';
import { type Chain, chainOf } from './chain.ts';
import { changesOf } from './changes.ts';
import { MaterialiseError } from './errors.ts';
import type { ExportFolder } from './export-folder.ts';
import { writeManifests } from './json-files.ts';
import { type ExportManifest, readManifests } from './manifests.ts';
import { type WrittenParquet, writeParquet } from './parquet-file.ts';

export { MaterialiseError } from './errors.ts';
export { type ExportFolder, folderOnDisk } from './export-folder.ts';

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
  try {
    const dataDirectory = path.join(form === 'parquet' ? scratchDirectory : directory, 'data');
    await mkdir(scratchDirectory);
    await mkdir(dataDirectory);
    const written = await writeLatestItems({
      changes: changesOf(chain),
      directory: dataDirectory,
      scratchDirectory,
      workerFile,
    });
    const names = written.files.map(({ name }) => name);
    let made: Pick<Materialised, 'itemCount' | 'files' | 'columns'>;
    if (form === 'parquet') {
      const sources = names.map((name) => path.join(dataDirectory, name));
      made = { files: ['items.parquet'], ...(await writeParquet(sources, path.join(directory, 'items.parquet'))) };
    } else {
      await writeManifests(directory, chain, written);
      made = { files: names.map((name) => `data/${name}`), itemCount: written.itemCount };
    }
    const result = { ...describe(chain, form), ...made };
    await rm(scratchDirectory, { recursive: true });
    await writeFile(path.join(directory, 'materialised.json'), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } catch (cause) {
    for (const name of await readdir(directory)) await rm(path.join(directory, name), { recursive: true });
    throw cause;
  }
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
