import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would resolve graphql to its ES module while external packages load its CommonJS one: two realms.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/packaged/**', '**/node_modules/**'],
    globalSetup: ['test/support/build.ts'],
    // Functions log what they do.
    silent: 'passed-only',
    // Tests wait for disks and processes more than they compute; Vitest would leave one of two cores idle.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
