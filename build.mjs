// @ts-check
/**
 * Bundles everything that runs into `build/`: what `serverless deploy` ships, and what runs on one machine.
 *
 *   node build.mjs
 */
import { copyFileSync, cpSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'rolldown';
import { build as buildConsole } from 'vite';
import { archiveOf } from './build-archives.mjs';
import { buildClient } from './build-client.mjs';

const requireFromHere = createRequire(import.meta.url);
const cedarWasm = path.join(
  path.dirname(requireFromHere.resolve('@cedar-policy/cedar-wasm/nodejs')),
  'cedar_wasm_bg.wasm',
);

/**
 * Imported dynamically by libraries for features that are off here, or in browsers only: half a megabyte that no function
 * would load. Whoever turns such a feature on meets a module that cannot be found, in the first test.
 */
const NEVER_LOADED = [
  // type-graphql validates with it unless `validate: false`.
  'class-validator',
  // Apollo's cloud and its landing pages.
  /\/plugin\/(?:usageReporting|schemaReporting|inlineTrace|landingPage\/default)\/index\.js$/,
  // Lambda's credentials are in the environment: the first place that the SDK looks.
  /^@aws-sdk\/credential-provider-(?!env|node)/,
  /^@aws-sdk\/nested-clients/,
  '@smithy/credential-provider-imds',
  // Reads the user agents of browsers.
  'bowser',
];

/** Names of classes are names of the schema: type-graphql takes the ones from the others. */
const keepNames = { class: true, function: false };

/**
 * One self-contained bundle a Lambda function. The SDK is part of it: that of the Lambda runtime is of another version,
 * and a client drops without a word what its version does not know, such as the filter of an export.
 * @param {string} name
 * @param {readonly string[]} neverLoaded clients that this function, unlike others, has no use for
 * @returns {import('rolldown').BuildOptions}
 */
const lambdaFunction = (name, neverLoaded) => ({
  input: { index: `src/lambda/${name}.ts` },
  platform: 'node',
  external: [...NEVER_LOADED, ...neverLoaded],
  // Type-GraphQL and Apollo are published as CommonJS beside ES modules; one copy of graphql must serve both.
  resolve: {
    alias: {
      graphql: requireFromHere.resolve('graphql/index.mjs'),
      // In an ES module it finds no `require`, and would bring and use an SHA-256 in JavaScript.
      '@apollo/utils.createhash': 'node:crypto',
    },
    // The SDK's clients have ES modules as well, of which what nothing uses is left out.
    mainFields: ['module', 'main'],
  },
  // Cedar is CommonJS and looks for its WebAssembly beside itself; not every version of rolldown bridges that.
  transform: { define: { __dirname: 'import.meta.dirname' } },
  output: {
    dir: `build/${name}`,
    format: 'esm',
    entryFileNames: '[name].mjs',
    minify: { compress: { keepNames }, mangle: { keepNames }, codegen: true },
    codeSplitting: false,
    comments: { legal: false },
  },
});

/**
 * What runs on one machine: packages stay in node_modules, as classic-level brings native code.
 * @type {import('rolldown').BuildOptions}
 */
const programs = {
  input: {
    outport: 'src/cli/outport.ts',
    'export-worker': 'src/engine/export-worker.ts',
    'item-filter': 'src/local/dynamodb/exports/item-filter.ts',
    'import-worker': 'src/local/dynamodb/imports/import-worker.ts',
    'import-sort-worker': 'src/local/dynamodb/imports/sort-worker.ts',
    'function-worker': 'src/local/host/function-worker.ts',
    policies: 'src/services/policies.ts',
    demo: 'demo/demo.ts',
    governance: 'demo/governance.ts',
    bench: 'bench/export-against-scan.ts',
    'bench-engine': 'bench/engine/main.ts',
    'bench-exports': 'bench/exports/main.ts',
    'bench-export-process': 'bench/engine/export-process.ts',
    'bench-scan-process': 'bench/engine/scan-process.ts',
    'bench-imports': 'bench/imports/main.ts',
    'bench-items': 'bench/item-operations/main.ts',
    'bench-fan-out': 'bench/fan-out/main.ts',
    'bench-api': 'bench/api/main.ts',
    'bench-bare-apollo': 'bench/api/bare-apollo.ts',
    'bench-plane-process': 'bench/item-operations/plane-process.ts',
    torture: 'test/torture/torture.ts',
    'torture-writer': 'test/torture/writer.ts',
    screenshots: 'test/web/screenshots.ts',
  },
  platform: 'node',
  external: [/^[^./]/],
  output: {
    dir: 'build/cli',
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  },
};

const CLOUDTRAIL = '@aws-sdk/client-cloudtrail';
const deciding = ['graphql', 'websocket', 'reconcile', 'publish'];
const functions = [...deciding, 'console'];
// Otherwise Vite takes the mode of whoever builds: Vitest's is not a browser's.
process.env.NODE_ENV = 'production';
await Promise.all([
  build([...functions.map((name) => lambdaFunction(name, name === 'reconcile' ? [] : [CLOUDTRAIL])), programs]),
  buildClient(),
  buildConsole({ configFile: 'web/vite.config.ts', logLevel: 'warn' }),
]);
// A policy that does not fit the schema fails the build, before any function could refuse to start over it.
const { validatePolicies } = await import('./build/cli/policies.mjs');
for (const name of deciding) {
  copyFileSync(cedarWasm, `build/${name}/cedar_wasm_bg.wasm`);
  cpSync('policies', `build/${name}/policies`, { recursive: true });
  validatePolicies(`build/${name}/policies`);
}
for (const name of functions) {
  const folders = [`build/${name}`, ...(name === 'console' ? ['build/web'] : [])];
  writeFileSync(`build/${name}.zip`, archiveOf(folders));
}
