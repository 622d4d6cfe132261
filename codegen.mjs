// @ts-check
/**
 * Writes `src/client/generated/operations.ts`: the documents in `src/client/operations`, with their types from the schema.
 *
 *   node codegen.mjs           writes it
 *   node codegen.mjs --check   ends with 1 when it is not what would be written
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { buildSchema, parse } from 'graphql';

const SCHEMA = 'schema/schema.graphql';
const DOCUMENTS = 'src/client/operations';
const GENERATED = 'src/client/generated/operations.ts';

const sdl = readFileSync(SCHEMA, 'utf8');
const documents = readdirSync(DOCUMENTS)
  .sort()
  .map((name) => path.join(DOCUMENTS, name))
  .map((location) => ({ location, document: parse(readFileSync(location, 'utf8')) }));

const code = await codegen({
  schema: parse(sdl),
  schemaAst: buildSchema(sdl),
  documents,
  filename: GENERATED,
  config: {
    useTypeImports: true,
    immutableTypes: true,
    inlineFragmentTypes: 'combine',
    // Texts rather than syntax trees: what runs needs no GraphQL library.
    documentMode: 'string',
    strictScalars: true,
    scalars: { ID: 'string', DateTime: 'string', SafeInt: 'number', JSONObject: 'Record<string, unknown>' },
  },
  pluginMap: { operations, typedDocuments },
  plugins: [{ operations: {} }, { typedDocuments: {} }],
});

const HEADER = '// Written by `npm run codegen` from the schema and src/client/operations.\n';
if (!process.argv.includes('--check')) {
  writeFileSync(GENERATED, HEADER + code);
} else if (readFileSync(GENERATED, 'utf8') !== HEADER + code) {
  console.error(
    `${GENERATED} is not what ${DOCUMENTS} and ${SCHEMA} say. Run "npm run codegen" and commit the result.`,
  );
  process.exitCode = 1;
}
