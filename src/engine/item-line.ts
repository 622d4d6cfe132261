import type { ByteBuffer } from './byte-buffer.ts';
import { IonText } from './ion-text.ts';

const BEFORE_IMAGE = '{"Item":';
const AFTER_IMAGE = '}\n';
const BEFORE_IMAGE_BYTES = Buffer.from(BEFORE_IMAGE);
const AFTER_IMAGE_BYTES = Buffer.from(AFTER_IMAGE);
const ION_BEFORE_IMAGE = Buffer.from('$ion_1_0 {Item:');

/** The line of a full export that shows an item: the form in which the engine stores it (facts §3.7). */
export function itemLine(image: string): string {
  return BEFORE_IMAGE + image + AFTER_IMAGE;
}

/** Appends the line of an image, and returns how many bytes it took. */
export function appendItemLine(lines: ByteBuffer, image: string): number {
  const from = lines.length;
  lines.append(BEFORE_IMAGE_BYTES);
  lines.appendText(image);
  lines.append(AFTER_IMAGE_BYTES);
  return lines.length - from;
}

/** The image that a line shows, as a view of it. */
export function imageOf(line: Buffer): Buffer {
  return line.subarray(BEFORE_IMAGE.length, line.length - AFTER_IMAGE.length);
}

/** Turns the lines of a full export from DynamoDB JSON into Ion (facts §3.9). */
export function ionItemLines(): (line: Buffer) => Buffer {
  const ion = new IonText();
  return (line) => {
    ion.begin(line.length);
    ion.raw(ION_BEFORE_IMAGE);
    ion.struct(imageOf(line));
    ion.raw(AFTER_IMAGE_BYTES);
    return ion.end();
  };
}
