import { randomBytes } from 'node:crypto';

/** RFC 4648 base32 in lower case, as the digits that `toString(32)` uses stand for it. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** What the names of data files end in. */
export const EXTENSIONS = { DYNAMODB_JSON: '.json.gz', ION: '.ion.gz' };

/** A name for a data file: 16 random bytes that read as a version 3 UUID, in base32 without padding (facts §3.2). */
export function dataFileName(format: keyof typeof EXTENSIONS, random: Uint8Array = randomBytes(16)): string {
  const bytes = Buffer.from(random);
  bytes[6] = 0x30 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  // 26 digits of 5 bits hold 130: base32 pads the 128 bits with two zeros at the end.
  const digits = (BigInt(`0x${bytes.toString('hex')}`) << 2n).toString(32).padStart(26, '0');
  return digits.replace(/./g, (digit) => ALPHABET.charAt(Number.parseInt(digit, 32))) + EXTENSIONS[format];
}

/** The name of a data file: of a base its stem and number, of an export a random one. */
export function nameOfFile(
  { stem, format }: { readonly stem?: string | undefined; readonly format: keyof typeof EXTENSIONS },
  number: number,
): string {
  return stem === undefined ? dataFileName(format) : `${stem}-${number}${EXTENSIONS[format]}`;
}

/** Whether `nameOfFile` may have given that name to a data file, or to the index of one. */
export function isNameOfFile(
  name: string,
  { stem, format }: { readonly stem?: string | undefined; readonly format: keyof typeof EXTENSIONS },
): boolean {
  const extension = EXTENSIONS[format];
  const data = name.replace(/\.index$/, '');
  if (!data.endsWith(extension)) return false;
  const bare = data.slice(0, -extension.length);
  return stem === undefined
    ? EXPORTED.test(bare)
    : bare.startsWith(`${stem}-`) && DIGITS.test(bare.slice(stem.length + 1));
}

const EXPORTED = /^[a-z2-7]{26}$/;
const DIGITS = /^\d+$/;
