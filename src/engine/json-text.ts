/**
 * Finds its way in compact JSON as it lies in memory: well-formed, and without white space between its tokens. Nothing is
 * parsed that is only passed over.
 */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
export const OPEN_MAP = 0x7b;
export const CLOSE_MAP = 0x7d;

/** Strings up to this long are searched byte by byte, which is faster than a call for short ones. */
const SHORT_STRING_BYTES = 64;

/** What is not DynamoDB JSON in the form the engine is given it. */
export class NotDynamoDbJson extends TypeError {
  constructor(text: Buffer, at: number) {
    super(`Not compact DynamoDB JSON at byte ${at} of ${text.subarray(0, 200)}`);
    this.name = 'NotDynamoDbJson';
  }
}

/** The offset after the closing quote of the string that opens at `at`. */
export function endOfString(text: Buffer, at: number): number {
  if (text[at] !== QUOTE) throw new NotDynamoDbJson(text, at);
  let end = at + 1;
  for (const short = Math.min(text.length, end + SHORT_STRING_BYTES); end < short; end++) {
    const byte = text[end];
    if (byte === QUOTE) return end + 1;
    if (byte === BACKSLASH) end += 1;
  }
  for (;;) {
    end = text.indexOf(QUOTE, end);
    if (end === -1) throw new NotDynamoDbJson(text, at);
    if (!isEscaped(text, end)) return end + 1;
    end += 1;
  }
}

function isEscaped(text: Buffer, at: number): boolean {
  let from = at;
  while (text[from - 1] === BACKSLASH) from -= 1;
  return (at - from) % 2 === 1;
}

/** The offset after the string, list or map that begins at `at`. */
function endOfValue(text: Buffer, at: number): number {
  let end = at;
  let depth = 0;
  do {
    const byte = text[end];
    if (byte === undefined) throw new NotDynamoDbJson(text, at);
    if (byte === QUOTE) {
      end = endOfString(text, end);
      continue;
    }
    if (byte === OPEN_MAP || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_MAP || byte === CLOSE_LIST) depth -= 1;
    end += 1;
  } while (depth > 0);
  return end;
}

/** An attribute of an item: its name, and `"name":value` as it stands in the text. */
export interface AttributeText {
  readonly name: string;
  readonly member: Buffer;
}

/** The attributes of an item in DynamoDB JSON, in the order in which they stand there. */
export function attributesOf(image: Buffer): AttributeText[] {
  if (image[0] !== OPEN_MAP) throw new NotDynamoDbJson(image, 0);
  const attributes: AttributeText[] = [];
  for (let at = 1; image[at] === QUOTE; ) {
    const nameEnd = endOfString(image, at);
    const end = endOfValue(image, nameEnd + 1);
    attributes.push({ name: JSON.parse(image.toString('utf8', at, nameEnd)), member: image.subarray(at, end) });
    at = end + 1;
  }
  return attributes;
}
