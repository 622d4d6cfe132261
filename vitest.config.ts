import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would resolve graphql to its ES module while external packages load its CommonJS one: two realms.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    // Tests wait for disks and processes more than they compute; Vitest would leave one of two cores idle.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
