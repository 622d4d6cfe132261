import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decoded, recordReader } from '../../../src/local/dynamodb/imports/item-decoder.ts';
import { PlainItemDecoder } from '../../../src/local/dynamodb/imports/plain-item-decoder.ts';

const table: Dynalite.Table = {
  TableName: 'Table',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
    { AttributeName: 'kind', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'ByKind',
      KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};

const plain = new PlainItemDecoder(table);

function decodePlain(line: string): Decoded | undefined {
  const bytes = Buffer.from(line);
  const decoded = plain.decode(bytes, 0, bytes.length);
  return decoded && { ...decoded, text: String(decoded.text) };
}

/** A space in front is not plain, so that the line is parsed. */
async function parse(line: string): Promise<Decoded> {
  for await (const [decoded] of recordReader({ name: 'DYNAMODB_JSON' }, table)(chunk(` ${line}`))) {
    if (decoded) return decoded;
  }
  throw new Error('There is no record.');
}

async function* chunk(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

const names = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('a', 'b', 'cd', 'é', '_id') },
  fc.constantFrom('', 'kind', '1', '__proto__', 'a"'),
);
const text = fc.string({
  unit: fc.constantFrom('a', 'B', '0', '_', '"', '\\', '\n', '/', 'é', '€', '😀', ' '),
});
const number = fc.oneof(
  { weight: 20, arbitrary: fc.integer().map(String) },
  { weight: 10, arbitrary: fc.tuple(fc.nat(), fc.integer({ min: 1, max: 9 })).map(([n, tenth]) => `${n}.0${tenth}`) },
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.nat(), fc.nat(999)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.constantFrom('0', '-0', '00', '1.', '.5', '0.05', '-0.5', '1e3', '', '-', '1'.repeat(38), '1'.repeat(39), '100'),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    { weight: 10, arbitrary: text.map((S) => ({ S })) },
    { weight: 10, arbitrary: number.map((N) => ({ N })) },
    {
      weight: 5,
      arbitrary: fc.uint8Array({ maxLength: 5 }).map((all) => ({ B: Buffer.from(all).toString('base64') })),
    },
    { weight: 5, arbitrary: fc.constantFrom({ BOOL: true }, { BOOL: false }, { NULL: true }) },
    { weight: 5, arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })) },
    { weight: 5, arbitrary: fc.dictionary(names, tie('value'), { maxKeys: 3 }).map((M) => ({ M })) },
    fc.constantFrom<object>({ B: 'a' }, { B: 'ab==' }, { NULL: false }, { X: '' }, { S: '\u0001' }, {}, { S: 1 }),
    fc.constantFrom<object>({ S: '', N: '1' }, { SS: ['a'] }, { NS: ['1', '2'] }, { L: {} }),
  ),
}));

const rarely = <T>(arbitrary: fc.Arbitrary<T>) => ({ weight: 1, arbitrary });
const key = (type: string, arbitrary: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 10, arbitrary: arbitrary.map((each) => ({ [type]: each })) }, rarely(value));
const item = fc
  .tuple(fc.array(fc.tuple(names, value), { maxLength: 4 }), key('S', text), key('N', number), fc.nat(2))
  .map(([others, pk, sk, shuffle]) => {
    // Written member by member, so that names may come twice and in any order.
    const members: [string, unknown][] = [['pk', pk], ['sk', sk], ...others];
    members.push(...members.splice(0, shuffle));
    return `{"Item":{${members.map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`).join(',')}}}`;
  });

test('a plain line is decoded as if it were parsed', async () => {
  let plainCount = 0;
  await fc.assert(
    fc.asyncProperty(item, async (line) => {
      const decoded = decodePlain(line);
      if (decoded === undefined) return;
      plainCount += 1;
      expect(decoded).toEqual(await parse(line));
    }),
    { numRuns: 3000 },
  );
  expect(plainCount).toBeGreaterThan(100);
});

test('a line that is cut off or has one wrong byte is never mistaken', async () => {
  const line = '{"Item":{"pk":{"S":"a"},"sk":{"N":"12.5"},"v":{"L":[{"BOOL":true},{"M":{"b":{"B":"AQI="}}}]}}}';
  expect(decodePlain(line)).toBeDefined();
  await fc.assert(
    fc.asyncProperty(fc.nat(line.length), fc.constantFrom('', ...'"{}[]:,\\0.-eSNx '), async (at, byte) => {
      for (const wrong of [line.slice(0, at) + byte, line.slice(0, at) + byte + line.slice(at + 1)]) {
        const decoded = decodePlain(wrong);
        if (decoded) expect(decoded).toEqual(await parse(wrong));
      }
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [
    'an order as it is exported',
    '{"Item":{"pk":{"S":"é😀"},"sk":{"N":"-12.5"},"total":{"N":"0.05"},"kind":{"S":"x"}}}',
  ],
  ['keys that stand elsewhere', '{"Item":{"a":{"S":"\\"q\\""},"sk":{"N":"0"},"b":{"NULL":true},"pk":{"S":"k"}}}'],
])('%s is plain', async (_what, line) => {
  expect(decodePlain(line)).toEqual(await parse(line));
});
