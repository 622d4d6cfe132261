import fc from 'fast-check';
import ion from 'ion-js';
import { describe, expect, it } from 'vitest';
import { IonError, readIon } from '../../src/engine/index.ts';

type Value =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { SS: string[] }
  | { L: Value[] }
  | { M: Record<string, Value> };

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('"', "'", '\\', '\n', '\t', '\0', '/', '*', 'x', '{', '}', '😀'), maxLength: 8 }),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text.map((S) => ({ S })),
    fc.tuple(fc.integer(), fc.integer({ min: 1, max: 20 })).map(([digits, places]) => ({ N: `${digits}e-${places}` })),
    fc.uint8Array({ maxLength: 9 }).map((bytes) => ({ B: Buffer.from(bytes).toString('base64') })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true as const }),
    fc.array(text, { maxLength: 3 }).map((SS) => ({ SS })),
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }).map((M) => ({ M })),
  ),
}));

/** Writes a value with ion-js. */
function write(writer: ion.Writer, written: Value): void {
  if ('S' in written) writer.writeString(written.S);
  else if ('N' in written) writer.writeDecimal(new ion.Decimal(written.N.replace('e', 'd')));
  else if ('B' in written) writer.writeBlob(Uint8Array.from(Buffer.from(written.B, 'base64')));
  else if ('BOOL' in written) writer.writeBoolean(written.BOOL);
  else if ('NULL' in written) writer.writeNull(ion.IonTypes.NULL);
  else if ('M' in written) {
    writer.stepIn(ion.IonTypes.STRUCT);
    for (const [name, member] of Object.entries(written.M)) {
      writer.writeFieldName(name);
      write(writer, member);
    }
    writer.stepOut();
  } else {
    if ('SS' in written) writer.setAnnotations(['$dynamodb_SS']);
    writer.stepIn(ion.IonTypes.LIST);
    for (const element of 'SS' in written ? written.SS.map((S) => ({ S })) : written.L) write(writer, element);
    writer.stepOut();
  }
}

/** Numbers by their value: there are many ways to print one. */
const comparable = (read: unknown): unknown =>
  JSON.parse(JSON.stringify(read), (name, inner) =>
    name === 'N' && typeof inner === 'string' ? Number(inner) : inner,
  );

it.each([
  ['in one line', () => ion.makeTextWriter()],
  ['over many lines', () => ion.makePrettyWriter()],
])('reads what ion-js writes %s', (_how, newWriter) => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (values) => {
      const writer = newWriter();
      for (const each of values) write(writer, each);
      writer.close();
      const written = new TextDecoder().decode(writer.getBytes());
      expect([...readIon(`$ion_1_0 ${written}`)].map(comparable)).toEqual(values.map(comparable));
    }),
  );
});

describe('text that no writer here makes', () => {
  it.each([
    ["{a: 'quoted name', }", undefined],
    [
      '{"a" : /* why */ 1_000.5, // end\n \'b\':[1., 2d2,],}',
      { M: { a: { N: '1000.5' }, b: { L: [{ N: '1' }, { N: '2e2' }] } } },
    ],
    ["'''one ''' \n '''two'''", { S: 'one two' }],
    ['"\\x41\\u00e9\\U0001F600\\\nnext"', { S: 'Aé😀next' }],
    ['{{ AAEC\n Aw== }}', { B: 'AAECAw==' }],
    ['$dynamodb_NS :: [1., -2.5]', { NS: ['1', '-2.5'] }],
    ['null', { NULL: true }],
  ])('reads %j', (document, expected) => {
    if (expected) expect([...readIon(document)]).toEqual([expected]);
    else expect(() => [...readIon(document)]).toThrow(IonError);
  });

  it.each([
    '1',
    '1e0',
    'null.string',
    'symbol',
    '2026-01-01T',
    '(a b)',
    '{a:1.',
    '[1. 2.]',
    '"open',
    '{{not base64!}}',
    '$dynamodb_SS::[1.]',
    'annotated::1.',
    '"\\q"',
    '1.5.5',
    '{a 1.}',
    '"\\U00110000"',
  ])('refuses %j', (document) => {
    expect(() => [...readIon(document)]).toThrow(IonError);
  });
});
