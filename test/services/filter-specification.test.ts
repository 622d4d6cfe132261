import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromSdkFilter, toSdkFilter } from '../../src/services/dynamodb-specifications.ts';
import { type FilterSpecificationInput, parseFilter } from '../../src/services/filter-specification.ts';

function parsed(input: FilterSpecificationInput) {
  const filter = parseFilter(input);
  if ('problem' in filter) throw new Error(filter.problem);
  return filter;
}

describe('a filter', () => {
  test('is the same however its maps are ordered', () => {
    const one = parsed({
      filterExpression: '#a = :a AND #b = :b',
      expressionAttributeNames: { '#a': 'x', '#b': 'y' },
      expressionAttributeValues: { ':a': { M: { p: { S: '1' }, q: { N: '2' } } }, ':b': { NULL: true } },
    });
    const other = parsed({
      filterExpression: '#a = :a AND #b = :b',
      expressionAttributeNames: { '#b': 'y', '#a': 'x' },
      expressionAttributeValues: { ':b': { NULL: true }, ':a': { M: { q: { N: '2' }, p: { S: '1' } } } },
    });
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });

  test.each<[FilterSpecificationInput, RegExp]>([
    [{}, /^Invalid Request: Invalid FilterSpecification: The specification can not be empty$/],
    [{ filterExpression: null }, /can not be empty$/],
    [{ filterExpression: ' ' }, /The expression can not be empty;$/],
    [{ expressionAttributeNames: { '#a': 'a' } }, /need an expression$/],
    [{ filterExpression: `a = ${'b'.repeat(4096)}` }, /maximum allowed size of 4096 bytes: it has 4100$/],
    [{ filterExpression: '#a = :a', expressionAttributeNames: { '#a': 'a' } }, /not defined: :a$/],
    [{ filterExpression: 'a = b', expressionAttributeNames: { '#a': 'a' } }, /not used in any expression: #a$/],
    [{ filterExpression: '#a = b', expressionAttributeNames: { a: 'a' } }, /contains invalid key: "a"$/],
    [{ filterExpression: '#a = b', expressionAttributeNames: { '#a': 'é'.repeat(126) } }, /invalid value for key #a$/],
    [{ filterExpression: 'a = :a', expressionAttributeValues: { ':a': 'text' } }, /for key :a: "text"$/],
    [{ filterExpression: 'a = :a', expressionAttributeValues: { ':a': { N: 1 } } }, /for key :a: {"N":1}$/],
    [{ filterExpression: 'a = :a', expressionAttributeValues: { ':a': { B: '%' } } }, /for key :a/],
    [{ filterExpression: 'a = :a', expressionAttributeValues: { ':a': { SS: [] } } }, /for key :a/],
    [{ filterExpression: 'a = :a', expressionAttributeValues: { ':a': { S: 'x', N: '1' } } }, /for key :a/],
  ])('%j is refused', (input, problem) => {
    expect(parseFilter(input)).toEqual({ problem: expect.stringMatching(problem) });
  });

  test('with any value reaches the SDK and comes back the same', () => {
    const text = fc.string();
    const number = fc.integer().map(String);
    const base64 = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'));
    const some = <T>(member: fc.Arbitrary<T>) => fc.uniqueArray(member, { minLength: 1, maxLength: 3 });
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.record({ S: text }),
        fc.record({ N: number }),
        fc.record({ B: base64 }),
        fc.record({ BOOL: fc.boolean() }),
        fc.record({ NULL: fc.constant(true) }),
        fc.record({ SS: some(text) }),
        fc.record({ NS: some(number) }),
        fc.record({ BS: some(base64) }),
        fc.record({ L: fc.array(tie('value'), { maxLength: 3 }) }),
        fc.record({ M: fc.dictionary(text, tie('value'), { maxKeys: 3 }) }),
      ),
    }));
    fc.assert(
      fc.property(value, (json) => {
        const filter = parsed({ filterExpression: 'a = :v', expressionAttributeValues: { ':v': json } });
        expect(fromSdkFilter(toSdkFilter(filter))).toEqual(filter);
      }),
    );
  });

  test('gives the SDK binary values as bytes, at any depth', () => {
    const filter = parsed({
      keyConditionExpression: 'pk = :v',
      expressionAttributeValues: { ':v': { L: [{ B: 'AQI=' }, { BS: ['Aw=='] }] } },
    });
    const bytes = (...values: number[]) => Buffer.from(values);
    expect(toSdkFilter(filter).ExpressionAttributeValues).toEqual({
      ':v': { L: [{ B: bytes(1, 2) }, { BS: [bytes(3)] }] },
    } satisfies Record<string, AttributeValue>);
  });
});
