import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TOP_LEVEL_CODES } from '../../src/client/top-level-errors.ts';
import { createSchema } from '../../src/resolvers/schema.ts';
import { apiReference } from './support/api-reference.ts';
import { errorReference } from './support/error-reference.ts';

test('docs/api.md is what the schema says', async () => {
  await expect(apiReference(createSchema())).toMatchFileSnapshot('../../docs/api.md');
});

test('docs/errors.md is what the code says', async () => {
  await expect(errorReference()).toMatchFileSnapshot('../../docs/errors.md');
});

test('the client knows what the server answers as a whole', () => {
  const server = readFileSync('src/resolvers/top-level-errors.ts', 'utf8');
  const codes = [...server.matchAll(/^ \* \| ([A-Z_]+) +\|/gm)].map(([, code]) => code);

  expect(Object.keys(TOP_LEVEL_CODES)).toEqual(codes);
});
