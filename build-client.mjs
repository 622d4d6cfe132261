// @ts-check
/** Bundles `outport/client` into `build/client`: as ES module and as CommonJS, each with its types, without Node.js. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
