import { readIon } from '../engine/index.ts';
import { MaterialiseError } from './errors.ts';
import { type Image, imageOf } from './images.ts';
import type { ExportManifest, FullExport } from './manifests.ts';

/** What a line of an export says of one item. */
export interface ItemRecord {
  /** The attributes of its key and no others; null in a full export, whose lines do not tell them. */
  readonly keys: Image | null;
  /** The item, or null when it was deleted. */
  readonly image: Image | null;
}

/** Reads a line (facts §3.7 to §3.9). Throws `MaterialiseError` for what is none. */
export function recordOf(manifest: ExportManifest, line: string): ItemRecord {
  const { type, folder } = manifest;
  if (type === 'FULL') return { keys: null, image: itemOf(manifest, line) };
  const { Keys: keys, NewImage: newImage } = membersOf(manifest, line);
  return {
    keys: imageOf(keys, folder.name),
    image: newImage === undefined || newImage === null ? null : imageOf(newImage, folder.name),
  };
}

/** Reads a line of a full export. Throws `MaterialiseError` for what is none. */
export const itemOf = (full: FullExport, line: string): Image => imageOf(membersOf(full, line).Item, full.folder.name);

const membersOf = ({ format, folder }: ExportManifest, line: string): Readonly<Record<string, unknown>> =>
  format === 'ION' ? ionRecord(line, folder.name) : jsonRecord(line, folder.name);

function jsonRecord(line: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record === 'object' && record !== null) return { ...record };
  } catch (cause) {
    throw noRecord(line, where, cause);
  }
  throw noRecord(line, where);
}

/** Ion wraps the records of increments once more than JSON does (facts §3.9). Its structs are read as maps: `{"M":…}`. */
function ionRecord(line: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const [value] = readIon(line);
    const record = value?.M?.Record?.M ?? value?.M;
    if (record) return Object.fromEntries(Object.entries(record).map(([name, { M }]) => [name, M]));
  } catch (cause) {
    throw noRecord(line, where, cause);
  }
  throw noRecord(line, where);
}

const noRecord = (line: string, where: string, cause?: unknown): MaterialiseError =>
  new MaterialiseError(`${where}: "${line.slice(0, 100)}" is no line of an export.`, 'Export the table again.', {
    cause,
  });
