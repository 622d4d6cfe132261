import type { ReadableExport } from './read-export-data.ts';
import { readFrom } from './read-export-data.ts';
import { type AttributeProfile, profileAttributes } from './samples/attribute-profile.ts';
import { readSample } from './samples/read-sample.ts';
import { deletedKeysOf, itemsOf, keysOf, type Sample, type SampledItem } from './samples/sample.ts';

/** A look at the beginning of an export. */
export interface ExportPreview {
  readonly items: readonly SampledItem[];
  /** Of items that were deleted in the window of an incremental export. */
  readonly deletedKeys: readonly SampledItem[];
  readonly attributes: readonly AttributeProfile[];
  /** What the profile is made from, of which `items` are the first. */
  readonly itemsRead: number;
}

/** What is shown of items at most, as JSON: an item may have 400 KB, and a function's answer no more than 6 MB. */
const SHOWN_LENGTH_MAX = 1024 * 1024;

/**
 * Reads the beginning of an export, within bounds: see `readSample`.
 * @throws AwsRefusal
 */
export const sampleExport = (readable: ReadableExport): Promise<Sample> =>
  readFrom(readable, (s3, files) => readSample(s3, readable.record, files));

/** What a sample shows: at most `first` items, and fewer of large ones. */
export function previewOf(sample: Sample, first: number): ExportPreview {
  const items = itemsOf(sample);
  return {
    items: withinLength(items.slice(0, first)),
    deletedKeys: withinLength(deletedKeysOf(sample).slice(0, first)),
    attributes: profileAttributes(items.length > 0 ? items : keysOf(sample)),
    itemsRead: sample.length,
  };
}

function withinLength(items: readonly SampledItem[]): SampledItem[] {
  let length = 0;
  return items.filter((item) => {
    length += JSON.stringify(item).length;
    return length <= SHOWN_LENGTH_MAX;
  });
}
