import { createHash } from 'node:crypto';
import type { Change } from '../engine/index.ts';
import type { Chain } from './chain.ts';
import { linesOf } from './data-lines.ts';
import { MaterialiseError } from './errors.ts';
import type { Image } from './images.ts';
import type { ExportManifest } from './manifests.ts';
import { recordOf } from './records.ts';

/** Everything that a chain says of items, in its order, as changes of a history that begins empty. */
export async function* changesOf(chain: Chain): AsyncGenerator<Change[]> {
  const keyNames = await keyNamesOf(chain);
  let sequence = 0;
  for (const each of [chain.full, ...chain.increments]) {
    for (const file of each.files) {
      for await (const lines of linesOf(each, file)) {
        yield lines.map((line) => {
          const { keys, image } = recordOf(each, line);
          const newImage = image && JSON.stringify(image);
          sequence += 1;
          const place = keyNames ? placeOf(keys ?? image ?? {}, keyNames, each) : anyPlace(newImage ?? '', sequence);
          return { ...place, timeMicros: chain.atMs * 1000, sequence, newImage };
        });
      }
    }
  }
}

/** What the table's key is made of, as only increments tell; null when none of them has a record. */
async function keyNamesOf({ increments }: Chain): Promise<readonly string[] | null> {
  for (const each of increments) {
    const file = each.files.find(({ itemCount }) => itemCount > 0);
    if (file === undefined) continue;
    for await (const [line] of linesOf(each, file)) {
      if (line !== undefined) return Object.keys(recordOf(each, line).keys ?? {}).sort();
    }
  }
  return null;
}

type Place = Pick<Change, 'partitionHash' | 'key'>;

function placeOf(attributes: Image, keyNames: readonly string[], { folder }: ExportManifest): Place {
  const key = keyNames.map((name) => {
    const value = attributes[name];
    if (value !== undefined) return value;
    throw new MaterialiseError(
      `${folder.name}: an item has no "${name}", which is part of the key: ${JSON.stringify(attributes).slice(0, 100)}.`,
      'Exports whose filter leaves out attributes of the key cannot be part of a chain.',
    );
  });
  const text = JSON.stringify(key);
  return { partitionHash: hashOf(text), key: text };
}

/** Items of a full export alone are all different: any place of its own will do. */
const anyPlace = (image: string, number: number): Place => ({ partitionHash: hashOf(image), key: String(number) });

const hashOf = (text: string): string => createHash('md5').update(text).digest('hex').slice(0, 16);
