// @ts-check
/**
 * Bundles `outport/client` into `build/client`: as ES module and as CommonJS, each with its types, without Node.js. The folder is
 * a package of its own, without dependencies, for programs that call an Outport and need nothing else of it.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';
import { isolatedDeclarationSync } from 'rolldown/experimental';

const SOURCES = 'src/client';
const BUILT = 'build/client';

export async function buildClient() {
  const formats = /** @type {const} */ ({ esm: 'module', cjs: 'commonjs' });
  await build(
    Object.keys(formats).map((name) => ({
      input: `${SOURCES}/index.ts`,
      // What only Node.js has would be an import that cannot be found.
      platform: 'browser',
      output: { file: `${BUILT}/${name}/index.js`, format: name === 'esm' ? 'esm' : 'cjs', sourcemap: true },
    })),
  );
  for (const [name, type] of Object.entries(formats)) {
    writeFileSync(`${BUILT}/${name}/package.json`, `${JSON.stringify({ type })}\n`);
    writeDeclarations(`${BUILT}/${name}`);
  }
  writePackage();
}

/** Imported by the same name as from the whole of Outport, so that it does not matter which of the two is installed. */
function writePackage() {
  const { name, version, license, engines, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const entry = JSON.stringify(exports['./client']).replaceAll(`./${BUILT}/`, './');
  const description = 'The typed client of Outport, for browsers and Node.js';
  const client = { name, version, description, license, engines, exports: { './client': JSON.parse(entry) } };
  writeFileSync(`${BUILT}/package.json`, `${JSON.stringify({ ...client, sideEffects: false }, null, 2)}\n`);
  copyFileSync('LICENSE', `${BUILT}/LICENSE`);
  // Its code is part of the bundle.
  copyFileSync('node_modules/graphql-ws/LICENSE.md', `${BUILT}/LICENSE-graphql-ws.md`);
}

/** @param {string} directory */
function writeDeclarations(directory) {
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  for (const name of sources) {
    const { code, errors } = isolatedDeclarationSync(name, readFileSync(path.join(SOURCES, name), 'utf8'));
    if (errors.length > 0) throw new Error(`${SOURCES}/${name}: ${errors.map(({ message }) => message).join('; ')}`);
    const declarations = path.join(directory, name.replace(/\.ts$/, '.d.ts'));
    mkdirSync(path.dirname(declarations), { recursive: true });
    writeFileSync(declarations, code.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
}
