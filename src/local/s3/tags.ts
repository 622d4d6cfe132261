import { S3Error } from './object-store.ts';
import type { Tag } from './records.ts';
import { parseXml, type XmlElement, type XmlObject } from './xml.ts';

export const OBJECT_TAGS_MAX = 10;
export const BUCKET_TAGS_MAX = 50;

/** Reads an `x-amz-tagging` header: `key=value&key=value`, form-encoded. */
export function parseTaggingHeader(header: string | undefined): Tag[] {
  if (header === undefined) return [];
  return checkTags(
    [...new URLSearchParams(header)].map(([key, value]) => ({ key, value })),
    OBJECT_TAGS_MAX,
  );
}

/** Reads a `<Tagging>` document. */
export const parseTaggingXml = (document: string, tagsMax: number): Tag[] =>
  parseTags(parseXml(document, 'Tagging').child('TagSet')?.children('Tag') ?? [], tagsMax);

export const parseTags = (tags: readonly XmlElement[], tagsMax: number): Tag[] =>
  checkTags(
    tags.map((tag) => ({ key: tag.text('Key') ?? '', value: tag.text('Value') ?? '' })),
    tagsMax,
  );

export const tagSet = (tags: readonly Tag[]): XmlObject => ({
  TagSet: { Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })) },
});

function checkTags(tags: Tag[], tagsMax: number): Tag[] {
  if (tags.length > tagsMax) throw new S3Error('BadRequest', 400, `Object tags cannot be greater than ${tagsMax}`);
  const seen = new Set<string>();
  for (const { key, value } of tags) {
    if (key.length < 1 || key.length > 128) throw invalidTag('The TagKey you have provided is invalid', key);
    if (value.length > 256) throw invalidTag('The TagValue you have provided is invalid', key);
    if (seen.has(key)) throw invalidTag('Cannot provide multiple Tags with the same key', key);
    seen.add(key);
  }
  return tags;
}

const invalidTag = (message: string, key: string) => new S3Error('InvalidTag', 400, message, { TagKey: key });
