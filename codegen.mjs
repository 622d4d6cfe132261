// @ts-check
/**
 * Writes what stands in `generated/operations.ts` beside each folder of GraphQL documents: the documents as texts, with
 * their types from the schema.
 *
 *   node codegen.mjs           writes it
 *   node codegen.mjs --check   ends with 1 when something is not what would be written
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { buildSchema, parse } from 'graphql';

const SCHEMA = 'schema/schema.graphql';
const FOLDERS = ['src/client', 'web'];
const HEADER = '// Written by `npm run codegen` from the schema and ../operations.\n';

const sdl = readFileSync(SCHEMA, 'utf8');
const check = process.argv.includes('--check');

for (const folder of FOLDERS) {
  const operationsFolder = path.join(folder, 'operations');
  if (!existsSync(operationsFolder)) continue;
  const generated = path.join(folder, 'generated/operations.ts');
  const code = HEADER + withOwnTypes(await generate(operationsFolder, generated), path.dirname(generated));
  if (!check) {
    mkdirSync(path.dirname(generated), { recursive: true });
    writeFileSync(generated, code);
  } else if (!existsSync(generated) || readFileSync(generated, 'utf8') !== code) {
    console.error(
      `${generated} is not what the schema and ${operationsFolder} say: run "npm run codegen" and commit it.`,
    );
    process.exitCode = 1;
  }
}

/**
 * What documents know of their types is one interface, for which nobody who installs the client needs a package.
 * @param {string} code
 * @param {string} folder
 */
function withOwnTypes(code, folder) {
  const document = path.posix.relative(folder, 'src/client/document.ts');
  return code.replace("'@graphql-typed-document-node/core'", `'${document}'`);
}

/**
 * @param {string} folder
 * @param {string} filename
 */
function generate(folder, filename) {
  const documents = readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name))
    .map((location) => ({ location, document: parse(readFileSync(location, 'utf8')) }));
  return codegen({
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
    documents,
    filename,
    config: {
      useTypeImports: true,
      immutableTypes: true,
      inlineFragmentTypes: 'combine',
      // Texts rather than syntax trees: what runs needs no GraphQL library.
      documentMode: 'string',
      pureMagicComment: true,
      strictScalars: true,
      // Values, too: who offers a choice of them lists those that the schema has.
      enumType: 'const',
      scalars: { ID: 'string', DateTime: 'string', SafeInt: 'number', JSONObject: 'Record<string, unknown>' },
    },
    pluginMap: { operations, typedDocuments },
    plugins: [{ operations: {} }, { typedDocuments: {} }],
  });
}
