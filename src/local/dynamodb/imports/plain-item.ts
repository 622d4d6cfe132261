import { ITEM_SIZE_BYTES_MAX } from '../dynalite.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const UNDERSCORE = 0x5f;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** Escapes that JSON has one way to write: `\" \\ \b \f \n \r \t`. */
const PLAIN_ESCAPES = new Set(Buffer.from('"\\bfnrt'));
/** Digits that DynamoDB keeps of a number: with no more, and no exponent, its magnitude is in range too. */
const NUMBER_DIGITS_MAX = 38;
/** Names are compared with all before them; DynamoDB nests no deeper. */
const MEMBERS_MAX = 100;
const DEPTH_MAX = 32;

/** A member of the item, from its name's quote to the end of its value. */
interface Member {
  readonly from: number;
  readonly nameTo: number;
  readonly to: number;
}

/** An item whose text is already the one that is stored, but for the order of its attributes. */
export interface PlainItem {
  /** Where the item's map begins and ends. */
  readonly from: number;
  readonly to: number;
  readonly members: readonly Member[];
  /** As dynalite counts it. */
  readonly sizeBytes: number;
}

/** What is not plain: it may be right or wrong. */
class NotPlain extends Error {}
const notPlain = new NotPlain();

const LINE_START = Buffer.from('{"Item":');

/**
 * Reads lines `{"Item":{…}}` of DynamoDB JSON in the one form in which they are printed, without making objects of them:
 * no white space, numbers as they are stored, no escape that has another form. What differs, and what is rare (sets,
 * names that JavaScript orders or treats in its own way), is not said to be wrong, only not plain, and left to who parses.
 */
export class PlainItems {
  #text: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #size = 0;

  /** The item of a line, or undefined where it is not plain. */
  read(text: Buffer, from: number, end: number): PlainItem | undefined {
    this.#text = text;
    this.#at = from;
    this.#end = end;
    this.#size = 0;
    try {
      for (const byte of LINE_START) this.#expect(byte);
      const itemFrom = this.#at;
      const members = this.#map(0);
      const item = { from: itemFrom, to: this.#at, members, sizeBytes: this.#size };
      this.#expect(CLOSE_MAP);
      if (this.#at !== end || item.sizeBytes > ITEM_SIZE_BYTES_MAX) return undefined;
      return item;
    } catch (error) {
      if (error instanceof NotPlain) return undefined;
      throw error;
    }
  }

  #expect(byte: number): void {
    if (this.#at >= this.#end || this.#text[this.#at] !== byte) throw notPlain;
    this.#at += 1;
  }

  #map(depth: number): readonly Member[] {
    const members: Member[] = [];
    this.#expect(OPEN_MAP);
    if (this.#text[this.#at] === CLOSE_MAP) {
      this.#at += 1;
      return members;
    }
    for (;;) {
      const from = this.#at;
      this.#size += this.#string();
      const nameTo = this.#at;
      this.#checkName(from, nameTo, members);
      this.#expect(COLON);
      this.#value(depth);
      members.push({ from, nameTo, to: this.#at });
      if (this.#text[this.#at] !== COMMA) break;
      this.#at += 1;
    }
    this.#expect(CLOSE_MAP);
    return members;
  }

  /** Numbers are put first by JavaScript, `__proto__` is special, and of two equal names the last one counts. */
  #checkName(from: number, to: number, members: readonly Member[]): void {
    const text = this.#text;
    const first = text[from + 1] ?? 0;
    if ((first >= 0x30 && first <= 0x39) || (first === UNDERSCORE && text[from + 2] === UNDERSCORE)) throw notPlain;
    if (to - from === 2 || members.length === MEMBERS_MAX) throw notPlain;
    for (const other of members) {
      if (other.nameTo - other.from !== to - from || text[other.from + 1] !== first) continue;
      if (text.compare(text, other.from, other.nameTo, from, to) === 0) throw notPlain;
    }
  }

  /** `{"S":"…"}` and so on. */
  #value(depth: number): void {
    if (depth === DEPTH_MAX) throw notPlain;
    const text = this.#text;
    this.#expect(OPEN_MAP);
    this.#expect(QUOTE);
    const type = text[this.#at];
    if (text[this.#at + 1] !== QUOTE) {
      this.#word();
    } else {
      this.#at += 2;
      this.#expect(COLON);
      if (type === 0x53) this.#size += this.#string();
      else if (type === 0x4e) this.#number();
      else if (type === 0x42) this.#binary();
      else if (type === 0x4d) this.#nestedMap(depth);
      else if (type === 0x4c) this.#list(depth);
      else throw notPlain;
    }
    this.#expect(CLOSE_MAP);
  }

  #nestedMap(depth: number): void {
    const members = this.#map(depth + 1);
    this.#size += 3 + members.length;
  }

  #list(depth: number): void {
    this.#size += 3;
    this.#expect(OPEN_LIST);
    if (this.#text[this.#at] === CLOSE_LIST) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#size += 1;
      this.#value(depth + 1);
      if (this.#text[this.#at] !== COMMA) break;
      this.#at += 1;
    }
    this.#expect(CLOSE_LIST);
  }

  /** `BOOL":true`, `BOOL":false` and `NULL":true`. */
  #word(): void {
    const left = this.#text.subarray(this.#at, this.#end);
    const word = WORDS.find(
      (each) => left.length >= each.length && left.compare(each, 0, each.length, 0, each.length) === 0,
    );
    if (word === undefined) throw notPlain;
    this.#at += word.length;
    this.#size += 1;
  }

  /** Passes over a string and returns its length in UTF-16 code units. */
  #string(): number {
    const text = this.#text;
    this.#expect(QUOTE);
    let at = this.#at;
    let length = 0;
    for (const end = this.#end; ; at += 1) {
      if (at >= end) throw notPlain;
      const byte = text[at] ?? 0;
      if (byte === QUOTE) break;
      if (byte < 0x20) throw notPlain;
      if (byte === BACKSLASH) {
        at += 1;
        if (!PLAIN_ESCAPES.has(text[at] ?? 0)) throw notPlain;
        length += 1;
      } else if (byte < 0x80 || byte >= 0xc0) {
        // The first byte of a character; those of four bytes are two units.
        length += byte < 0xf0 ? 1 : 2;
      }
    }
    this.#at = at + 1;
    return length;
  }

  /** A number as Big.js prints it: no exponent, and no zero that could be left out. */
  #number(): void {
    const text = this.#text;
    this.#expect(QUOTE);
    const isNegative = text[this.#at] === 0x2d;
    if (isNegative) this.#at += 1;
    const from = this.#at;
    let point = -1;
    let byte = text[this.#at] ?? 0;
    while ((byte >= 0x30 && byte <= 0x39) || (byte === 0x2e && point === -1)) {
      if (byte === 0x2e) point = this.#at;
      this.#at += 1;
      byte = text[this.#at] ?? 0;
    }
    const to = this.#at;
    this.#expect(QUOTE);
    const wholeTo = point === -1 ? to : point;
    if (wholeTo === from || to - from > NUMBER_DIGITS_MAX) throw notPlain;
    if (text[from] === 0x30 && (wholeTo > from + 1 || isNegative)) throw notPlain;
    if (point !== -1 && (to === point + 1 || text[to - 1] === 0x30)) throw notPlain;
    this.#size += numberSize(text, from, to, wholeTo) + Number(isNegative);
  }

  #binary(): void {
    const from = this.#at + 1;
    this.#string();
    const base64 = this.#text.toString('latin1', from, this.#at - 1);
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.toString('base64') !== base64) throw notPlain;
    this.#size += bytes.length;
  }
}

const WORDS = ['BOOL":true', 'BOOL":false', 'NULL":true'].map((word) => Buffer.from(word));

/** A byte for two digits between the first and the last that are not zero, by the position of the point, and one more. */
function numberSize(text: Buffer, from: number, to: number, wholeTo: number): number {
  let first = -1;
  let last = -1;
  let digits = 0;
  for (let at = from; at < to; at++) {
    if (at === wholeTo) continue;
    if (text[at] !== 0x30) {
      if (first === -1) first = digits;
      last = digits;
    }
    digits += 1;
  }
  if (first === -1) return 1;
  const significant = last - first + 1;
  const exponent = wholeTo - from - 1 - first;
  return 1 + Math.ceil(significant / 2) + (significant % 2 || exponent % 2 ? 0 : 1);
}
