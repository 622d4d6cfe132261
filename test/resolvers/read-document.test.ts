import fc from 'fast-check';
import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { readDocument } from '../../src/resolvers/read-document.ts';
import { createSchema } from '../../src/resolvers/schema.ts';

const schema = createSchema();
const read = (source: string, introspection = false) => readDocument(schema, source, {}, { introspection });
const reasonsOf = (source: string) => {
  const document = read(source);
  return document.ok ? [] : document.errors.map(({ extensions }) => extensions.reason ?? extensions.code);
};

test('depth counts through fragments, wherever they are cut', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 14 }), fc.array(fc.nat({ max: 13 }), { maxLength: 4 }), (depth, cuts) => {
      const fragments: string[] = [];
      let text = '__typename';
      for (let level = depth; level >= 1; level -= 1) {
        text = `x${level} { ${text} }`;
        if (cuts.includes(level)) {
          fragments.push(`fragment F${level} on Query { ${text} }`);
          text = `...F${level}`;
        }
      }
      const tooDeep = reasonsOf(`query { ${text} } ${fragments.join(' ')}`).includes('QUERY_TOO_DEEP');
      expect(tooDeep).toBe(depth > 10);
    }),
  );
});

test('fragments that contain themselves are refused, not followed forever', () => {
  expect(reasonsOf('{ ...A } fragment A on Query { export(id: 1) { id } ...B } fragment B on Query { ...A }')).toEqual([
    'GRAPHQL_VALIDATION_FAILED',
  ]);
});

test.each([
  'files(first: 1) { nodes { key } }',
  'preview(first: 1) { itemsRead }',
  'snippets { text }',
  'story { event }',
])('a subscription cannot ask for %s, not by a fragment either; a query can', (field) => {
  const of = (operation: string) =>
    `${operation} ...E } } fragment E on Export { ...F } fragment F on Export { ${field} }`;
  expect(reasonsOf(of('subscription { exportUpdated(id: 1) { id'))).toEqual(['DATA_IN_SUBSCRIPTION']);
  expect(reasonsOf(of('query { export(id: 1) { id'))).toEqual([]);
});

test('introspection is as configured, and a standard introspection query is not too deep', () => {
  expect(read(getIntrospectionQuery(), true).ok).toBe(true);
  expect(read(getIntrospectionQuery(), false).ok).toBe(false);
});

test('what does not parse is told apart from what does not fit', () => {
  expect(reasonsOf('{')).toEqual(['GRAPHQL_PARSE_FAILED']);
  expect(reasonsOf('{ nothing }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
});
