import { copyFileSync, cpSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { defineConfig, type RolldownOptions } from 'rolldown';

const requireFromHere = createRequire(import.meta.url);

/** One self-contained bundle a Lambda function; `keepNames` because type-graphql takes type names from class names. */
const lambdaFunction = (name: string): RolldownOptions => ({
  input: { index: `src/lambda/${name}.ts` },
  platform: 'node',
  // The SDK is part of the Lambda runtime, and of node_modules on one machine.
  external: [/^@aws-sdk\//, /^@smithy\//],
  // Type-GraphQL and Apollo are published as CommonJS beside ES modules; one copy of graphql must serve both.
  resolve: { alias: { graphql: requireFromHere.resolve('graphql/index.js') } },
  output: {
    dir: `build/${name}`,
    format: 'esm',
    entryFileNames: '[name].mjs',
    minify: true,
    keepNames: true,
    codeSplitting: false,
    comments: { legal: false },
  },
  plugins: [
    {
      name: 'policies-beside-the-function',
      writeBundle() {
        const wasm = path.join(
          path.dirname(requireFromHere.resolve('@cedar-policy/cedar-wasm/nodejs')),
          'cedar_wasm_bg.wasm',
        );
        copyFileSync(wasm, `build/${name}/cedar_wasm_bg.wasm`);
        cpSync('policies', `build/${name}/policies`, { recursive: true });
      },
    },
  ],
});

/** What runs on one machine: packages stay in node_modules, as classic-level brings native code. */
const program = (directory: string, input: Record<string, string>): RolldownOptions => ({
  input,
  platform: 'node',
  external: [/^[^./]/],
  output: {
    dir: `build/${directory}`,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  },
});

const functions = ['graphql', 'websocket', 'reconcile', 'publish'].filter((name) =>
  existsSync(`src/lambda/${name}.ts`),
);

export default defineConfig([
  ...functions.map(lambdaFunction),
  program('cli', {
    ...(existsSync('src/cli/outport.ts') && { outport: 'src/cli/outport.ts' }),
    ...(existsSync('src/engine/export-worker.ts') && { 'export-worker': 'src/engine/export-worker.ts' }),
    ...(existsSync('src/local/host/function-worker.ts') && { 'function-worker': 'src/local/host/function-worker.ts' }),
    demo: 'demo/demo.ts',
    bench: 'bench/export-against-scan.ts',
  }),
]);
