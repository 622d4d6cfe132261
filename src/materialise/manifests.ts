import { createHash } from 'node:crypto';
import path from 'node:path';
import { MaterialiseError } from './errors.ts';
import type { ExportFolder } from './export-folder.ts';

/** Room for the lines of 100,000 files; nothing longer is taken for a manifest. */
const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;
/** Where data files may lie (facts §3.1): beside the manifests, or in the folder that incremental exports share. */
const DATA_FILE = /^(?:\.\.\/)?data\/[\w.-]+$/;

/** A line of `manifest-files.json`. */
export interface DataFile {
  /** Relative to the folder of the manifests. */
  readonly path: string;
  /** Of the compressed bytes, in base64. */
  readonly md5Checksum: string;
  readonly itemCount: number;
}

interface AnyExport {
  readonly folder: ExportFolder;
  readonly exportArn: string;
  readonly tableArn: string;
  readonly tableId: string;
  readonly format: 'DYNAMODB_JSON' | 'ION';
  readonly itemCount: number;
  readonly files: readonly DataFile[];
}

/** The table as it was at `toMs`. */
export interface FullExport extends AnyExport {
  readonly type: 'FULL';
  readonly toMs: number;
}

/** What changed from `fromMs` until before `toMs`. */
export interface IncrementalExport extends AnyExport {
  readonly type: 'INCREMENTAL';
  readonly fromMs: number;
  readonly toMs: number;
}

export type ExportManifest = FullExport | IncrementalExport;

/** Reads the manifests of an export and checks them against their checksums. Throws `MaterialiseError`. */
export async function readManifests(folder: ExportFolder): Promise<ExportManifest> {
  const summary = new Fields(await checkedText(folder, 'manifest-summary'), `${folder.name}: manifest-summary.json`);
  const home = path.posix.dirname(summary.text('manifestFilesS3Key'));
  const listing = await checkedText(folder, 'manifest-files');
  const files = listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => dataFile(new Fields(line, `${folder.name}: manifest-files.json`), home));
  const itemCount = summary.number('itemCount');
  const listed = files.reduce((sum, file) => sum + file.itemCount, 0);
  if (listed !== itemCount) {
    throw damaged(`${folder.name}: the files have ${listed} items by their manifest, the summary has ${itemCount}.`);
  }
  const format = summary.text('outputFormat');
  if (format !== 'DYNAMODB_JSON' && format !== 'ION') throw summary.wrong('outputFormat');
  const common = {
    folder,
    exportArn: summary.text('exportArn'),
    tableArn: summary.text('tableArn'),
    tableId: summary.text('tableId'),
    format,
    itemCount,
    files,
  } as const;
  return summary.has('exportFromTime')
    ? { ...common, type: 'INCREMENTAL', fromMs: summary.time('exportFromTime'), toMs: summary.time('exportToTime') }
    : { ...common, type: 'FULL', toMs: summary.time('exportTime') };
}

function dataFile(line: Fields, home: string): DataFile {
  const file = path.posix.relative(home, line.text('dataFileS3Key'));
  // A manifest is not to have anything else read.
  if (!DATA_FILE.test(file)) throw line.wrong('dataFileS3Key');
  return { path: file, md5Checksum: line.text('md5Checksum'), itemCount: line.number('itemCount') };
}

async function checkedText(folder: ExportFolder, name: 'manifest-summary' | 'manifest-files'): Promise<string> {
  const text = await wholeText(folder, `${name}.json`);
  const checksum = createHash('md5').update(text).digest('base64');
  const expected = await wholeText(folder, `${name}.md5`);
  if (checksum !== expected) {
    throw damaged(`${folder.name}: the MD5 of ${name}.json is ${checksum}, and should be ${expected}.`);
  }
  return text;
}

async function wholeText(folder: ExportFolder, file: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  try {
    for await (const chunk of folder.read(file)) {
      chunks.push(chunk);
      byteCount += chunk.length;
      if (byteCount > MANIFEST_BYTES_MAX) throw new Error(`it is longer than ${MANIFEST_BYTES_MAX} bytes`);
    }
  } catch (cause) {
    throw new MaterialiseError(
      `${folder.name}: ${file} could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Name the folder that holds manifest-summary.json of an export that has COMPLETED: …/AWSDynamoDB/<export id>.',
      { cause },
    );
  }
  return Buffer.concat(chunks).toString();
}

export const damaged = (message: string): MaterialiseError =>
  new MaterialiseError(message, 'Copy the export again, or export the table again.');

/** The members of a line of JSON, each asked for as what it has to be. */
class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(text: string, where: string) {
    this.#where = where;
    try {
      const value: unknown = JSON.parse(text);
      this.#fields = { ...(typeof value === 'object' ? value : {}) };
    } catch (cause) {
      throw new MaterialiseError(`${where} is not JSON.`, 'Copy the export again.', { cause });
    }
  }

  has(name: string): boolean {
    return name in this.#fields;
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string') throw this.wrong(name);
    return value;
  }

  number(name: string): number {
    const value = this.#fields[name];
    if (!(typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) throw this.wrong(name);
    return value;
  }

  time(name: string): number {
    const value = Date.parse(this.text(name));
    if (Number.isNaN(value)) throw this.wrong(name);
    return value;
  }

  wrong(name: string): MaterialiseError {
    return damaged(`${this.#where} has ${JSON.stringify(this.#fields[name])} as ${name}.`);
  }
}
