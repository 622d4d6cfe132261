import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** What speaks to functions only by their events, run against the packages: see `npm run test:packaged`. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [], globalSetup: [] } },
  {
    test: {
      // The packages' sizes and cold starts are printed.
      silent: false,
      include: [
        'test/packaged/*.test.ts',
        'test/lambda/graphql-{audit,export,limits,preflight}.test.ts',
        'test/lambda/{export-files,view-tables}.test.ts',
        'test/lambda/{partial-exports,permissions,retry-export,verify-export,websocket}.test.ts',
        'test/cli/{exports,serve,verify-audit}.test.ts',
      ],
      globalSetup: ['test/packaged/support/prepare.ts'],
    },
  },
);
