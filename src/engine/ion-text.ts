import { ionDecimal } from './ion-decimal.ts';
import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_MAP,
  COLON,
  COMMA,
  endOfString,
  NotDynamoDbJson,
  OPEN_LIST,
  OPEN_MAP,
  QUOTE,
} from './json-text.ts';

/** A line that says nothing has at most this many bytes of Ion more than twice those of its JSON. */
const SPARE_BYTES = 256;
/** Texts are written one behind the other into memory of this size. */
const SLAB_BYTES = 1024 * 1024;

const letter = (character: string) => character.charCodeAt(0);
const B = letter('B');
const L = letter('L');
const M = letter('M');
const N = letter('N');
const O = letter('O');
const S = letter('S');
const U = letter('U');
const APOSTROPHE = letter("'");
const MINUS = letter('-');
const POINT = letter('.');
const ZERO = letter('0');
const NINE = letter('9');

const SET_OF_STRINGS = Buffer.from('$dynamodb_SS::');
const SET_OF_NUMBERS = Buffer.from('$dynamodb_NS::');
const SET_OF_BLOBS = Buffer.from('$dynamodb_BS::');
const OPEN_BLOB = Buffer.from('{{');
const CLOSE_BLOB = Buffer.from('}}');
const NULL = Buffer.from('null');

/** Bytes of a symbol that needs no quotes. `$` is not among them: some symbols that begin with it are Ion's own. */
const IDENTIFIER = Uint8Array.from({ length: 256 }, (_, byte) => Number(/\w/.test(String.fromCharCode(byte))));
/** What would be read as something else without quotes. */
const KEYWORDS = ['null', 'true', 'false', 'nan'].map((keyword) => Buffer.from(keyword));

/** Shorter strings are copied in a loop: a call costs more than they do. */
const COPY_CALL_BYTES = 48;

/** An escaped backslash, so that none is taken for the beginning of an escape, or some escaped surrogates. */
const SURROGATE_ESCAPES = /\\\\|(?:\\u[dD][89a-fA-F][0-9a-fA-F]{2})+/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Turns DynamoDB JSON into Amazon Ion text (facts §3.9), from bytes to bytes in one pass: nothing is parsed into values and
 * printed again. What makes that simple: the inside of a JSON string is, but for escaped surrogates, that of an Ion string.
 */
export class IonText {
  #text: Buffer = Buffer.alloc(0);
  #slab: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;

  /** Begins a text that will hold not much more than the Ion of so many bytes of JSON. */
  begin(jsonBytes: number): void {
    // A set of one letter takes 21 bytes for 16; an apostrophe in a name takes two; nothing takes more than that.
    const bytesMax = 2 * jsonBytes + SPARE_BYTES;
    if (this.#slab.length - this.#to < bytesMax) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytesMax));
      this.#to = 0;
    }
    this.#from = this.#to;
  }

  /** Adds Ion text as it is. */
  raw(ion: Buffer): void {
    this.#to += ion.copy(this.#slab, this.#to);
  }

  /** Adds an item, or any other map of attributes, as a struct. Throws `NotDynamoDbJson`. */
  struct(image: Buffer): void {
    this.#text = image.includes('\\ud') || image.includes('\\uD') ? withoutSurrogateEscapes(image) : image;
    const end = this.#map(0);
    if (end !== this.#text.length) throw new NotDynamoDbJson(this.#text, end);
  }

  /** The text since `begin`. It stays as it is. */
  end(): Buffer {
    return this.#slab.subarray(this.#from, this.#to);
  }

  /** Each method takes the offset where its JSON begins, and returns the one after it. */
  #map(at: number): number {
    const text = this.#text;
    this.#expect(at, OPEN_MAP);
    this.#slab[this.#to++] = OPEN_MAP;
    let next = at + 1;
    if (text[next] !== CLOSE_MAP) {
      next = this.#member(next);
      while (text[next] === COMMA) {
        this.#slab[this.#to++] = COMMA;
        next = this.#member(next + 1);
      }
      this.#expect(next, CLOSE_MAP);
    }
    this.#slab[this.#to++] = CLOSE_MAP;
    return next + 1;
  }

  #member(at: number): number {
    const end = this.#name(at);
    this.#expect(end, COLON);
    this.#slab[this.#to++] = COLON;
    return this.#value(end + 1);
  }

  #value(at: number): number {
    const text = this.#text;
    this.#expect(at, OPEN_MAP);
    this.#expect(at + 1, QUOTE);
    const end = text[at + 3] === QUOTE ? this.#scalarOrContainer(at) : this.#longNamed(at);
    this.#expect(end, CLOSE_MAP);
    return end + 1;
  }

  #scalarOrContainer(at: number): number {
    this.#expect(at + 4, COLON);
    switch (this.#text[at + 2]) {
      case S:
        return this.#string(at + 5);
      case N:
        return this.#number(at + 5);
      case B:
        return this.#blob(at + 5);
      case M:
        return this.#map(at + 5);
      case L:
        return this.#list(at + 5, this.#value);
      default:
        throw new NotDynamoDbJson(this.#text, at);
    }
  }

  /** A type whose name has more than one letter. */
  #longNamed(at: number): number {
    const text = this.#text;
    switch (text[at + 3]) {
      case S:
        return this.#set(at);
      case O: {
        const end = text.indexOf(CLOSE_MAP, at);
        this.#copy(at + '{"BOOL":'.length, end);
        return end;
      }
      case U:
        this.raw(NULL);
        return text.indexOf(CLOSE_MAP, at);
      default:
        throw new NotDynamoDbJson(text, at);
    }
  }

  #set(at: number): number {
    const from = at + '{"SS":'.length;
    switch (this.#text[at + 2]) {
      case S:
        this.raw(SET_OF_STRINGS);
        return this.#list(from, this.#string);
      case N:
        this.raw(SET_OF_NUMBERS);
        return this.#list(from, this.#number);
      case B:
        this.raw(SET_OF_BLOBS);
        return this.#list(from, this.#blob);
      default:
        throw new NotDynamoDbJson(this.#text, at);
    }
  }

  #list(at: number, element: (at: number) => number): number {
    const text = this.#text;
    this.#expect(at, OPEN_LIST);
    this.#slab[this.#to++] = OPEN_LIST;
    let next = at + 1;
    if (text[next] !== CLOSE_LIST) {
      next = element.call(this, next);
      while (text[next] === COMMA) {
        this.#slab[this.#to++] = COMMA;
        next = element.call(this, next + 1);
      }
      this.#expect(next, CLOSE_LIST);
    }
    this.#slab[this.#to++] = CLOSE_LIST;
    return next + 1;
  }

  #string(at: number): number {
    const end = endOfString(this.#text, at);
    this.#copy(at, end);
    return end;
  }

  #blob(at: number): number {
    const end = endOfString(this.#text, at);
    this.raw(OPEN_BLOB);
    this.#to += this.#text.copy(this.#slab, this.#to, at + 1, end - 1);
    this.raw(CLOSE_BLOB);
    return end;
  }

  /** Most numbers stand in Ion as they do here; those that do not are taken apart. */
  #number(at: number): number {
    const text = this.#text;
    const end = endOfString(text, at);
    const last = text[end - 2] ?? 0;
    let digits = text[at + 1] === MINUS ? at + 2 : at + 1;
    let point = false;
    const first = text[digits] ?? 0;
    let plain = first > ZERO && first <= NINE && last > ZERO && last <= NINE;
    for (; plain && digits < end - 1; digits++) {
      const byte = text[digits] ?? 0;
      if (byte === POINT && !point) point = true;
      else plain = byte >= ZERO && byte <= NINE;
    }
    if (plain) {
      this.#copy(at + 1, end - 1);
      if (!point) this.#slab[this.#to++] = POINT;
    } else {
      const decimal = ionDecimal(text.toString('latin1', at + 1, end - 1));
      if (decimal === undefined) throw new NotDynamoDbJson(text, at);
      this.#to += this.#slab.write(decimal, this.#to, 'latin1');
    }
    return end;
  }

  #name(at: number): number {
    const text = this.#text;
    const end = endOfString(text, at);
    if (isSymbolWithoutQuotes(text, at + 1, end - 1)) {
      this.#copy(at + 1, end - 1);
      return end;
    }
    const slab = this.#slab;
    slab[this.#to++] = APOSTROPHE;
    for (let from = at + 1; from < end - 1; from++) {
      const byte = text[from] ?? 0;
      if (byte === APOSTROPHE) slab[this.#to++] = BACKSLASH;
      slab[this.#to++] = byte;
    }
    slab[this.#to++] = APOSTROPHE;
    return end;
  }

  #copy(at: number, end: number): void {
    if (end - at > COPY_CALL_BYTES) {
      this.#to += this.#text.copy(this.#slab, this.#to, at, end);
      return;
    }
    const text = this.#text;
    const slab = this.#slab;
    let to = this.#to;
    for (let from = at; from < end; from++) slab[to++] = text[from] ?? 0;
    this.#to = to;
  }

  #expect(at: number, byte: number): void {
    if (this.#text[at] !== byte) throw new NotDynamoDbJson(this.#text, at);
  }
}

function isSymbolWithoutQuotes(bytes: Buffer, from: number, to: number): boolean {
  const first = bytes[from] ?? 0;
  if (from === to || (first >= ZERO && first <= NINE)) return false;
  for (let at = from; at < to; at++) if (IDENTIFIER[bytes[at] ?? 0] !== 1) return false;
  return !KEYWORDS.some((word) => word[0] === first && word.equals(bytes.subarray(from, to)));
}

/** Ion has no escapes for halves of characters: pairs become the character they mean, and others U+FFFD. */
function withoutSurrogateEscapes(json: Buffer): Buffer {
  const text = json.toString().replace(SURROGATE_ESCAPES, (escapes) => {
    if (escapes === '\\\\') return escapes;
    const characters: string = JSON.parse(`"${escapes}"`);
    return characters.replace(LONE_SURROGATE, '\ufffd');
  });
  return Buffer.from(text);
}
