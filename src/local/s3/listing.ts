import { type ObjectRecord, objectKey, type Records } from './records.ts';

export interface ListingQuery {
  readonly bucket: string;
  readonly prefix: string;
  /** Empty: no grouping. */
  readonly delimiter: string;
  /** Only what sorts after this is listed: a key, or a common prefix of an earlier page. */
  readonly after: string;
  readonly entriesMax: number;
}

export interface Listing {
  readonly objects: readonly ObjectRecord[];
  readonly commonPrefixes: readonly string[];
  /** The last entry of a page after which there are more; the `after` of the next page. */
  readonly next?: string;
}

/** Lists objects in the order of their keys' UTF-8 bytes; a common prefix costs one step, however many keys it has. */
export async function listObjects(records: Records, query: ListingQuery): Promise<Listing> {
  const { bucket, prefix, delimiter, after, entriesMax } = query;
  const objects: ObjectRecord[] = [];
  const commonPrefixes: string[] = [];
  if (entriesMax === 0) return { objects, commonPrefixes };
  const iterator = records.objects.iterator<Buffer, ObjectRecord>({
    keyEncoding: 'buffer',
    gte: indexKey(bucket, prefix),
    lt: endOf(indexKey(bucket, prefix)),
  });
  try {
    if (Buffer.compare(Buffer.from(after), Buffer.from(prefix)) > 0) iterator.seek(indexKey(bucket, after));
    let last = '';
    for (let entry = await iterator.next(); entry; entry = await iterator.next()) {
      const [, object] = entry;
      const commonPrefix = commonPrefixOf(object.key, prefix, delimiter);
      const name = commonPrefix ?? object.key;
      const isListed = Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0;
      if (isListed) {
        if (objects.length + commonPrefixes.length === entriesMax) return { objects, commonPrefixes, next: last };
        if (commonPrefix === undefined) objects.push(object);
        else commonPrefixes.push(commonPrefix);
        last = name;
      }
      if (commonPrefix !== undefined) iterator.seek(endOf(indexKey(bucket, commonPrefix)));
    }
    return { objects, commonPrefixes };
  } finally {
    await iterator.close();
  }
}

/** What a key shares with others up to the first delimiter after the prefix. */
export function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

const indexKey = (bucket: string, key: string) => Buffer.from(objectKey(bucket, key));

/** 0xFF does not occur in UTF-8: this sorts behind every key that begins so. */
const endOf = (start: Buffer) => Buffer.concat([start, Buffer.of(0xff)]);
