import type { ImageTransform, IncrementalExportRequest } from './index.ts';
import { ionDecimal } from './ion-decimal.ts';
import { IonText } from './ion-text.ts';
import { imageOf } from './item-line.ts';
import { attributesOf } from './json-text.ts';

/** What became of an item in the window: its lines before and after, null where it did not exist. */
export interface NetChange {
  readonly writtenMicros: number;
  readonly oldLine: Buffer | null;
  readonly newLine: Buffer | null;
}

/** What a record shows of it, in DynamoDB JSON. */
interface ShownChange {
  readonly writtenMicros: number;
  readonly keys: Buffer;
  readonly oldImage: Buffer | null;
  readonly newImage: Buffer | null;
}

const OPEN = Buffer.from('{');
const SEPARATOR = Buffer.from(',');
const CLOSE = Buffer.from('}');

const JSON_OLD_IMAGE = Buffer.from(',"OldImage":');
const JSON_NEW_IMAGE = Buffer.from(',"NewImage":');
const JSON_END = Buffer.from('}\n');

const ION_RECORD = Buffer.from('$ion_1_0 {Record:{Keys:');
const ION_OLD_IMAGE = Buffer.from(',OldImage:');
const ION_NEW_IMAGE = Buffer.from(',NewImage:');
const ION_END = Buffer.from('}}\n');

/**
 * Makes the lines of an incremental export (facts §3.8 and §3.9). There is none for an item that existed at neither end of
 * the window, nor for one that the transform leaves out.
 */
export function changeLines(
  { view, format, keyNames }: Pick<IncrementalExportRequest, 'view' | 'format' | 'keyNames'>,
  transform: ImageTransform | undefined,
): (change: NetChange) => Buffer | null {
  const print = format === 'ION' ? ionLines() : jsonLine;
  const select = (image: Buffer) => (transform ? transform.select(image.toString()) : image);
  const project = (image: Buffer) => (transform ? transform.project(image.toString()) : image);
  return ({ writtenMicros, oldLine, newLine }) => {
    const latest = newLine ?? oldLine;
    if (latest === null) return null;
    const selected = select(imageOf(latest));
    if (selected === null) return null;
    const shown = sorted(selected);
    return print({
      writtenMicros,
      // The whole primary key, whatever the transform leaves of the images: without it the record says nothing.
      keys: keysOf(imageOf(latest), keyNames),
      oldImage: view === 'NEW_IMAGE' || !oldLine ? null : newLine ? sorted(project(imageOf(oldLine))) : shown,
      newImage: newLine && shown,
    });
  };
}

/** The attributes of images stand in order of their names. */
function sorted(image: Buffer | string): Buffer {
  const attributes = attributesOf(Buffer.from(image));
  attributes.sort((a, b) => (a.name < b.name ? -1 : 1));
  return mapOf(attributes.map(({ member }) => member));
}

function keysOf(image: Buffer, keyNames: readonly string[]): Buffer {
  const attributes = attributesOf(image);
  const members = keyNames.map((keyName) => {
    const key = attributes.find(({ name }) => name === keyName);
    if (key === undefined) throw new TypeError(`An item has no key attribute ${keyName}: ${image.subarray(0, 200)}`);
    return key.member;
  });
  return mapOf(members);
}

function mapOf(members: readonly Buffer[]): Buffer {
  const separated = members.flatMap((member, index) => (index === 0 ? [member] : [SEPARATOR, member]));
  return Buffer.concat([OPEN, ...separated, CLOSE]);
}

function jsonLine({ writtenMicros, keys, oldImage, newImage }: ShownChange): Buffer {
  return Buffer.concat([
    Buffer.from(`{"Metadata":{"WriteTimestampMicros":{"N":"${writtenMicros}"}},"Keys":`),
    keys,
    ...(oldImage ? [JSON_OLD_IMAGE, oldImage] : []),
    ...(newImage ? [JSON_NEW_IMAGE, newImage] : []),
    JSON_END,
  ]);
}

function ionLines(): (change: ShownChange) => Buffer {
  const ion = new IonText();
  const struct = (prefix: Buffer, image: Buffer) => {
    ion.raw(prefix);
    ion.struct(image);
  };
  return ({ writtenMicros, keys, oldImage, newImage }) => {
    ion.begin(keys.length + (oldImage?.length ?? 0) + (newImage?.length ?? 0));
    struct(ION_RECORD, keys);
    ion.raw(Buffer.from(`,Metadata:{WriteTimestampMicros:${ionDecimal(String(writtenMicros))}}`));
    if (oldImage) struct(ION_OLD_IMAGE, oldImage);
    if (newImage) struct(ION_NEW_IMAGE, newImage);
    ion.raw(ION_END);
    return ion.end();
  };
}
