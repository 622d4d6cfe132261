import { lexicographicSortSchema, printSchema, validateSchema } from 'graphql';
import { expect, test } from 'vitest';
import { createSchema } from '../src/resolvers/schema.ts';

test('the schema is valid', () => {
  expect(validateSchema(createSchema())).toEqual([]);
});

test('schema/schema.graphql is what the resolvers serve', async () => {
  const text = printSchema(lexicographicSortSchema(createSchema()));
  await expect(`${text}\n`).toMatchFileSnapshot('../schema/schema.graphql');
});

test('every type, field, argument and input field has a description', () => {
  const undocumented = Object.values(createSchema().getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => {
      const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
      const args = fields.flatMap((field) => ('args' in field ? field.args : []));
      const roots = ['Query', 'Mutation', 'Subscription'];
      return [...(roots.includes(type.name) ? [] : [type]), ...fields, ...args]
        .filter(({ description }) => !description)
        .map(({ name }) => `${type.name}.${name}`);
    });
  expect(undocumented).toEqual([]);
});
