import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Where `test/support/outport.ts` of the repository finds the command that serves, from whatever folder.
const env = { OUTPORT_SERVE: fileURLToPath(new URL('../../build/cli/outport.mjs', import.meta.url)) };

export default defineConfig({
  test: {
    silent: 'passed-only',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    setupFiles: ['test/jest.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'backend',
          environment: 'node',
          setupFiles: ['test/webSocket.ts'],
          include: ['plugins/*-{backend,common,module-outport}/src/**/*.test.ts', 'test/*.test.ts'],
          env,
        },
      },
      {
        extends: true,
        test: {
          name: 'frontend',
          environment: 'jsdom',
          setupFiles: ['test/testingLibrary.ts'],
          include: ['plugins/outport/src/**/*.test.{ts,tsx}'],
          // Backstage publishes ES modules under names that Node.js takes for CommonJS.
          server: { deps: { inline: [/@backstage/, /material-ui-popup-state/] } },
        },
      },
    ],
  },
});
