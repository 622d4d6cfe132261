import fc from 'fast-check';
import type { AttributeValue, Image as Item } from '../../../src/materialise/images.ts';

/** Any text that UTF-8 can hold, with those that quoting and escaping have to look at drawn often. */
const textArbitrary = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom("'", '"', '\\', '/', '\n', '\u0000', '\u001f', '\u007f', '\u2028', 'u', 'd', '😀'),
  }),
  fc.constantFrom(
    'null',
    'true',
    'false',
    'nan',
    'null.int',
    '$ion_1_0',
    '$10',
    'inf',
    '+inf',
    'my-attr',
    '1st',
    '_',
    '',
  ),
  fc.string({ unit: 'grapheme', minLength: 50, maxLength: 150 }),
);

/** Numbers as DynamoDB has them: up to 38 digits and exponents from -130 to 125, in several ways of writing. */
export const numberArbitrary = fc.oneof(
  fc.integer().map(String),
  fc.integer({ min: -9999, max: 9999 }).map((cents) => String(cents / 100)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }), fc.integer({ min: -120, max: 80 }))
    .map(([digits, exponent]) => `${digits}e${exponent}`),
  fc
    .tuple(fc.nat(999), fc.nat(40), fc.nat(999))
    .map(([whole, zeros, rest]) => `${whole}${'0'.repeat(zeros)}.${'0'.repeat(zeros % 9)}${rest}`),
);

const binaryArbitrary = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'));

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ S: textArbitrary }),
    fc.record({ N: numberArbitrary }),
    fc.record({ B: binaryArbitrary }),
    fc.record({ BOOL: fc.boolean() }),
    fc.constant({ NULL: true as const }),
    fc.record({ SS: fc.array(textArbitrary, { maxLength: 4 }) }),
    fc.record({ NS: fc.array(numberArbitrary, { maxLength: 4 }) }),
    fc.record({ BS: fc.array(binaryArbitrary, { maxLength: 4 }) }),
    fc.record({ L: fc.array(tie('value'), { maxLength: 4 }) }),
    fc.record({ M: fc.dictionary(textArbitrary, tie('value'), { maxKeys: 4, noNullPrototype: true }) }),
  ),
}));

/** Any item, of all types, nested. */
export const itemArbitrary: fc.Arbitrary<Item> = fc.dictionary(textArbitrary, value, {
  maxKeys: 8,
  noNullPrototype: true,
});
