import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

const ITEM_COUNT = 3000;
const PARTITION_KEYS = [
  'plain',
  'quote " and \\ backslash',
  'Łódź',
  '日本語',
  '🦊🚀',
  'line\nbreak\ttab',
  'nul\u0000 esc\u001b',
];

const TEXTS = [
  '',
  ' ',
  '"quoted" \\ / \b\f\n\r\t',
  Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join(''),
  'del \u007f, next line \u0085, separators \u2028 \u2029, byte order mark \ufeff, last \uffff',
  '👩‍👩‍👧‍👦 e\u0301 é ﷽ 𝒳 \u{10ffff}',
  '<script>&amp;</script> {"Item":{}} \\u0041 \\n',
  'x'.repeat(2000),
];

/** In the form in which they are exported. */
const NUMBERS = [
  '0',
  '-1',
  '9007199254740993',
  '12345678901234567890123456789012345678',
  '-99999999999999999999999999999999999999',
  '0.00000000000000000000000000000000000001',
  '3.14159265358979323846264338327950288',
];

/** The form of these is not known for sure, so they are compared by value. */
const EXPONENTS = ['1E-130', '-1.5E-100', '9.9999999999999999999999999999999999999E+125', '1E+40', '-2.5E-7'];

/** Items that have, between them, every type of attribute and what is awkward about it. */
export function itemsOfEveryType(): Item[] {
  return Array.from({ length: ITEM_COUNT }, (_, n) => itemOf(n));
}

export function deletedKeys(): Item[] {
  return [17, 18, 1500].map((n) => keyOf(n));
}

/** One of the items with other attributes than it was written with. */
export function changedItem(): Item {
  return { ...keyOf(42), changed: { BOOL: true }, text: { S: 'after 🦊' } };
}

export function keyText({ pk, sk }: Item): string {
  return `${pk?.S}/${sk?.N}`;
}

function keyOf(n: number): Item {
  return { pk: { S: pick(PARTITION_KEYS, n) }, sk: { N: String(n) } };
}

function itemOf(n: number): Item {
  const text = pick(TEXTS, n);
  const number = pick(NUMBERS, n);
  const bytes = Uint8Array.from({ length: n % 70 }, (_, at) => (at * 37 + n) % 256);
  return {
    ...keyOf(n),
    text: { S: text },
    number: { N: number },
    exponent: { N: pick(EXPONENTS, n) },
    binary: { B: bytes },
    yes: { BOOL: n % 2 === 0 },
    nothing: { NULL: true },
    strings: { SS: ['a', 'b"', `${n}`, '🦊'] },
    numbers: { NS: ['1', '-2.5', '12345678901234567890123456789012345678'] },
    binaries: { BS: [Uint8Array.of(0), Uint8Array.of(255, 254), Uint8Array.of(n % 256, 1, 2)] },
    emptyList: { L: [] },
    emptyMap: { M: {} },
    [`name ${pick(PARTITION_KEYS, n + 1)}`]: { S: 'a name that wants escaping' },
    nested: {
      M: { list: { L: [{ S: text }, { N: number }, { L: [{ M: { deep: { B: bytes } } }] }, { NULL: true }] } },
    },
  };
}

function pick(from: readonly string[], n: number): string {
  return from[n % from.length] ?? '';
}
