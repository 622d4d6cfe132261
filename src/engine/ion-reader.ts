import type { AttributeValue } from 'aws-lambda';

/** Text that is not Ion, or Ion that no item of DynamoDB can hold. */
export class IonError extends Error {
  constructor(reason: string, at: number) {
    super(`${reason} at character ${at}`);
    this.name = 'IonError';
  }
}

/** What may stand between two tokens: white space, comments, and the marker that begins a document. */
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const VERSION_MARKER = /\$ion_1_0(?![\w$])/y;
const IDENTIFIER = /[A-Za-z_$][\w$]*/y;
const NUMBER = /-?\d(?:_?\d)*(\.(?:\d(?:_?\d)*)?)?(?:([dDeE])([+-]?\d+))?(?![\w.$+-])/y;
const BLOB = /\{\{([A-Za-z0-9+/=\s]*)\}\}/y;
/** The common case of a string or quoted symbol: without escapes. */
const PLAIN_STRING = /"([^"\\\n]*)"/y;
const PLAIN_SYMBOL = /'([^'\\\n]*)'(?!')/y;
const QUOTED_STRING = /"((?:[^"\\\n]+|\\[\s\S])*)"/y;
const QUOTED_SYMBOL = /'((?:[^'\\\n]+|\\[\s\S])+)'/y;
const LONG_STRING = /'''((?:[^'\\]+|\\[\s\S]|'(?!''))*)'''/y;
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r?\n)|(.))/gs;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  v: '\v',
  '"': '"',
  "'": "'",
  '?': '?',
  '\\': '\\',
  '/': '/',
};

/**
 * Reads the values of an Ion text document as attribute values (facts §3.9), the inverse of what exports write. It is our
 * own because `ion-js` reads 5,000 such items a second, which is a fiftieth; the tests hold it to what that reads.
 * @throws IonError
 */
export function* readIon(text: string): Generator<AttributeValue> {
  const reader = new IonReader(text);
  while (!reader.isAtEnd()) yield reader.value();
}

class IonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    do this.#match(SPACE);
    while (this.#match(VERSION_MARKER));
    return this.#at === this.#text.length;
  }

  value(): AttributeValue {
    this.#match(SPACE);
    switch (this.#text[this.#at]) {
      case '"':
        return { S: this.#string() };
      case '{':
        return this.#text[this.#at + 1] === '{' ? { B: this.#blob() } : { M: this.#struct() };
      case '[':
        return { L: this.#list() };
      case "'":
        if (this.#text.startsWith("'''", this.#at)) return { S: this.#longString() };
        throw this.#error('A symbol is no attribute value');
      default:
        return this.#text[this.#at] === '-' || /\d/.test(this.#text[this.#at] ?? '')
          ? { N: this.#number() }
          : this.#word();
    }
  }

  #word(): AttributeValue {
    const word = this.#match(IDENTIFIER)?.[0];
    switch (word) {
      case 'true':
      case 'false':
        return { BOOL: word === 'true' };
      case 'null':
        if (this.#take('.')) throw this.#error('A null of a type is no attribute value');
        return { NULL: true };
      case '$dynamodb_SS':
        return { SS: this.#set(({ S }) => S) };
      case '$dynamodb_NS':
        return { NS: this.#set(({ N }) => N) };
      case '$dynamodb_BS':
        return { BS: this.#set(({ B }) => B) };
      default:
        throw this.#error('Expected an attribute value');
    }
  }

  #set(memberOf: (value: AttributeValue) => string | undefined): string[] {
    this.#match(SPACE);
    if (!this.#take('::')) throw this.#error('Expected "::"');
    this.#match(SPACE);
    return this.#list().map((value) => {
      const member = memberOf(value);
      if (member === undefined) throw this.#error('A set has a member of another type');
      return member;
    });
  }

  #struct(): Record<string, AttributeValue> {
    this.#at += 1;
    const fields: Array<[string, AttributeValue]> = [];
    for (;;) {
      this.#match(SPACE);
      if (this.#take('}')) return Object.fromEntries(fields);
      const name = this.#name();
      this.#match(SPACE);
      if (!this.#take(':')) throw this.#error('Expected ":"');
      fields.push([name, this.value()]);
      this.#match(SPACE);
      if (!this.#take(',') && this.#text[this.#at] !== '}') throw this.#error('Expected "," or "}"');
    }
  }

  #list(): AttributeValue[] {
    if (!this.#take('[')) throw this.#error('Expected "["');
    const values: AttributeValue[] = [];
    for (;;) {
      this.#match(SPACE);
      if (this.#take(']')) return values;
      values.push(this.value());
      this.#match(SPACE);
      if (!this.#take(',') && this.#text[this.#at] !== ']') throw this.#error('Expected "," or "]"');
    }
  }

  #name(): string {
    const identifier = this.#match(IDENTIFIER)?.[0];
    if (identifier !== undefined) return identifier;
    if (this.#text[this.#at] === '"') return this.#string();
    if (this.#text.startsWith("'''", this.#at)) return this.#longString();
    const plain = this.#match(PLAIN_SYMBOL)?.[1];
    if (plain !== undefined) return plain;
    const quoted = this.#match(QUOTED_SYMBOL)?.[1];
    if (quoted === undefined) throw this.#error('Expected the name of a field');
    return this.#unescaped(quoted);
  }

  #string(): string {
    const plain = this.#match(PLAIN_STRING)?.[1];
    if (plain !== undefined) return plain;
    const quoted = this.#match(QUOTED_STRING)?.[1];
    if (quoted === undefined) throw this.#error('A string does not end');
    return this.#unescaped(quoted);
  }

  /** Long strings in a row are one string. */
  #longString(): string {
    let joined = '';
    for (let part = this.#match(LONG_STRING); part; part = this.#match(LONG_STRING)) {
      joined += this.#unescaped((part[1] ?? '').replaceAll('\r\n', '\n'));
      this.#match(SPACE);
    }
    return joined;
  }

  /** DynamoDB takes decimals alone: `1` is an integer of Ion and `1e0` a float, and imports refuse both. */
  #number(): string {
    const [digits, point, letter, exponent] = this.#match(NUMBER) ?? [];
    if (digits === undefined) throw this.#error('Expected a number');
    const isDecimal = letter === undefined ? point !== undefined : letter === 'd' || letter === 'D';
    if (!isDecimal) throw this.#error(`The number ${digits} is not a decimal`);
    const mantissa = (letter === undefined ? digits : digits.slice(0, digits.search(/d/i))).replaceAll('_', '');
    return `${mantissa.replace(/\.$/, '')}${exponent === undefined ? '' : `e${exponent}`}`;
  }

  #blob(): string {
    const base64 = this.#match(BLOB)?.[1];
    if (base64 === undefined) throw this.#error('Expected a blob');
    return base64.replace(/\s/g, '');
  }

  #unescaped(text: string): string {
    if (!text.includes('\\')) return text;
    return text.replace(ESCAPE, (_escape, x?: string, u?: string, U?: string, newline?: string, simple?: string) => {
      if (newline !== undefined) return '';
      const hex = x ?? u ?? U;
      const character = hex === undefined ? SIMPLE_ESCAPES[simple ?? ''] : characterOf(Number.parseInt(hex, 16));
      if (character === undefined) throw this.#error('Unknown escape in a text before');
      return character;
    });
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #error(reason: string): IonError {
    return new IonError(reason, this.#at);
  }
}

const characterOf = (codePoint: number): string | undefined =>
  codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
