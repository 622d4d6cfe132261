import type { CompletedExport } from '../../records/export-records.ts';
import { parseIonLine } from './ion-line.ts';
import { isObject, type SampledItem, type SampledLine } from './sample.ts';

/**
 * Reads a line of a data file (facts §3.7 to §3.9).
 * @returns null for what is no such line
 */
export async function parseLine(line: string, format: CompletedExport['exportFormat']): Promise<SampledLine | null> {
  const record = format === 'ION' ? await parseIonLine(line) : parseJsonLine(line);
  if (record === null) return null;
  const { Item, Keys, NewImage } = record;
  const item = itemIn(Item) ?? itemIn(NewImage);
  const keys = itemIn(Keys);
  return item || keys ? { item, keys } : null;
}

function parseJsonLine(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** An object whose every member is an object. What types those are of is not looked at. */
const itemIn = (value: unknown): SampledItem | null =>
  isObject(value) && Object.values(value).every(isObject) ? (value as SampledItem) : null;
