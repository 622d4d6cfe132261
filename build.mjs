// @ts-check
/**
 * Bundles everything that runs into `build/`: what `serverless deploy` ships, and what runs on one machine.
 *
 *   node build.mjs
 */
import { copyFileSync, cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'rolldown';

const requireFromHere = createRequire(import.meta.url);
const cedarWasm = path.join(
  path.dirname(requireFromHere.resolve('@cedar-policy/cedar-wasm/nodejs')),
  'cedar_wasm_bg.wasm',
);

/**
 * One self-contained bundle a Lambda function; `keepNames` because type-graphql takes type names from class names.
 * @param {string} name
 * @returns {import('rolldown').BuildOptions}
 */
const lambdaFunction = (name) => ({
  input: { index: `src/lambda/${name}.ts` },
  platform: 'node',
  // The SDK is part of the Lambda runtime, and of node_modules on one machine.
  external: [/^@aws-sdk\//, /^@smithy\//],
  // Type-GraphQL and Apollo are published as CommonJS beside ES modules; one copy of graphql must serve both.
  resolve: { alias: { graphql: requireFromHere.resolve('graphql/index.js') } },
  // Cedar is CommonJS and looks for its WebAssembly beside itself; not every version of rolldown bridges that.
  transform: { define: { __dirname: 'import.meta.dirname' } },
  output: {
    dir: `build/${name}`,
    format: 'esm',
    entryFileNames: '[name].mjs',
    minify: true,
    keepNames: true,
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
    'function-worker': 'src/local/host/function-worker.ts',
    policies: 'src/services/policies.ts',
    demo: 'demo/demo.ts',
    bench: 'bench/export-against-scan.ts',
    'bench-engine': 'bench/engine/main.ts',
    'bench-export-process': 'bench/engine/export-process.ts',
    'bench-scan-process': 'bench/engine/scan-process.ts',
    torture: 'test/torture/torture.ts',
    'torture-writer': 'test/torture/writer.ts',
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

const functions = ['graphql', 'websocket', 'reconcile', 'publish'];
await build([...functions.map(lambdaFunction), programs]);
// A policy that does not fit the schema fails the build, before any function could refuse to start over it.
const { readPolicies } = await import('./build/cli/policies.mjs');
readPolicies('policies');
for (const name of functions) {
  copyFileSync(cedarWasm, `build/${name}/cedar_wasm_bg.wasm`);
  cpSync('policies', `build/${name}/policies`, { recursive: true });
}
