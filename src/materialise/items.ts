import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { linesOf, splitLines } from './data-lines.ts';
import type { Image } from './images.ts';
import type { FullExport } from './manifests.ts';
import { itemOf } from './records.ts';

/** Items, many at a time, and how many characters their lines have. */
export interface Items {
  readonly images: readonly Image[];
  readonly byteCount: number;
}

/** The items of a full export, which are the table as it is: no two are of one key. Throws `MaterialiseError`. */
export async function* itemsOfExport(full: FullExport): AsyncGenerator<Items> {
  for (const file of full.files) {
    for await (const lines of linesOf(full, file)) {
      yield { images: lines.map((line) => itemOf(full, line)), byteCount: lengthOf(lines) };
    }
  }
}

/** The items of data files that the engine has just written: what is in them was checked before. */
export async function* itemsOfFiles(dataFiles: readonly string[]): AsyncGenerator<Items> {
  for (const file of dataFiles) {
    const gunzip = pipeline(createReadStream(file), createGunzip(), () => undefined);
    for await (const lines of splitLines(gunzip, file)) {
      yield { images: lines.map((line) => JSON.parse(line).Item), byteCount: lengthOf(lines) };
    }
  }
}

const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, { length }) => sum + length, 0);
