import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ionDecimal } from '../../src/engine/ion-decimal.ts';
import { IonText } from '../../src/engine/ion-text.ts';
import { itemArbitrary, numberArbitrary } from './support/items.ts';
import { canonicalItem, canonicalNumber, itemOfIon, loadIon } from './support/read-ion.ts';

function ionOf(json: string): string {
  const ion = new IonText();
  ion.begin(json.length);
  ion.struct(Buffer.from(json));
  return ion.end().toString();
}

test('any item is read by ion-js as what it was', () => {
  fc.assert(
    fc.property(itemArbitrary, (item) => {
      const text = ionOf(JSON.stringify(item));
      expect(itemOfIon(loadIon(text))).toEqual(canonicalItem(item));
      expect(text).not.toContain('\n');
    }),
    { numRuns: 2_000 },
  );
});

test('texts follow one another in memory without touching each other', () => {
  fc.assert(
    fc.property(fc.array(itemArbitrary, { maxLength: 20 }), (items) => {
      const ion = new IonText();
      const texts = items.map((item) => {
        const json = Buffer.from(JSON.stringify(item));
        ion.begin(json.length);
        ion.struct(json);
        return ion.end();
      });
      expect(texts.map(String)).toEqual(items.map((item) => ionOf(JSON.stringify(item))));
    }),
    { numRuns: 50 },
  );
});

test.each([
  [
    'the sample of the guide',
    '{"Authors":{"SS":["Author1","Author2"]},"Id":{"N":"103"},"InPublication":{"BOOL":false},"PageCount":{"N":"600"},"Price":{"N":"2000"},"Title":{"S":"x"}}',
    '{Authors:$dynamodb_SS::["Author1","Author2"],Id:103.,InPublication:false,PageCount:6d2,Price:2d3,Title:"x"}',
  ],
  [
    'nulls and blobs',
    '{"a":{"NULL":true},"b":{"B":"AAE="},"c":{"BS":["AA==",""]}}',
    '{a:null,b:{{AAE=}},c:$dynamodb_BS::[{{AA==}},{{}}]}',
  ],
  ['nothing', '{}', '{}'],
  ['empty containers', '{"l":{"L":[]},"m":{"M":{}},"s":{"S":""}}', '{l:[],m:{},s:""}'],
  ['nested containers', '{"l":{"L":[{"L":[{"M":{"x":{"N":"1"}}}]},{"NULL":true}]}}', '{l:[[{x:1.}],null]}'],
  [
    'names that are no identifiers',
    '{"my-attr":{"N":"1"},"1st":{"N":"1"},"$x":{"N":"1"},"é":{"N":"1"},"it\'s":{"N":"1"},"_a1":{"N":"1"}}',
    "{'my-attr':1.,'1st':1.,'$x':1.,'é':1.,'it\\'s':1.,_a1:1.}",
  ],
  [
    'names that are keywords',
    '{"null":{"N":"1"},"true":{"N":"1"},"false":{"N":"1"},"nan":{"N":"1"},"nano":{"N":"1"}}',
    "{'null':1.,'true':1.,'false':1.,'nan':1.,nano:1.}",
  ],
  ['escapes', '{"a\\"b":{"S":"\\"\\\\\\n\\u0000/é😀"}}', '{\'a\\"b\':"\\"\\\\\\n\\u0000/é😀"}'],
  [
    'escaped surrogates, which Ion does not have',
    '{"a":{"S":"\\ud83d\\ude00\\\\ud83d\\ud800"}}',
    '{a:"😀\\\\ud83d\ufffd"}',
  ],
])('%s', (_, json, ion) => {
  expect(ionOf(json)).toBe(ion);
});

test.each([
  ['0', '0.'],
  ['-0', '0.'],
  ['0.00', '0.'],
  ['103', '103.'],
  ['-7', '-7.'],
  ['600', '6d2'],
  ['-2000', '-2d3'],
  ['1.5', '1.5'],
  ['1.50', '1.5'],
  ['100.25', '100.25'],
  ['0.05', '0.05'],
  ['0.0000001', '1d-7'],
  ['0.000001', '0.000001'],
  ['1E+125', '1d125'],
  ['1e-130', '1d-130'],
  ['99999999999999999999999999999999999999', '99999999999999999999999999999999999999.'],
  ['1684374845117899', '1684374845117899.'],
])('the number %s is the decimal %s', (number, decimal) => {
  expect(ionOf(`{"n":{"N":"${number}"}}`)).toBe(`{n:${decimal}}`);
  expect(ionDecimal(number)).toBe(decimal);
});

test('a number has one decimal, whichever way it is written', () => {
  fc.assert(
    fc.property(numberArbitrary, (number) => {
      const [digits = '', exponent = '0'] = canonicalNumber(number).split('e');
      expect(ionOf(`{"n":{"N":"${number}"}}`)).toBe(`{n:${ionDecimal(`${digits}e${exponent}`)}}`);
    }),
  );
});

test.each([
  '',
  '[]',
  '{"a":{"S":"x"}',
  '{"a":{"S":"x}}',
  '{"a":{"X":"x"}}',
  '{"a":"x"}',
  '{"a":{"N":"x"}}',
  '{ }',
  '{}{}',
  '{"a":{"SS":"x"}}',
  '{"a":{"N":"-"}}',
])('what is not DynamoDB JSON is refused: %s', (json) => {
  expect(() => ionOf(json)).toThrow('Not compact DynamoDB JSON');
});
