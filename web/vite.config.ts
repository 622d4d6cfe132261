import { defineConfig } from 'vite';

/** Where `npm start` listens: `npx vite web` shows sources as they are edited, with what it answers. */
const OUTPORT = 'http://127.0.0.1:4000';

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2022',
    // Every browser of that year preloads modules by itself.
    modulePreload: { polyfill: false },
    // 226 KB, gzipped, that a browser keeps for as long as the console stays as it is; React is shared with GraphiQL.
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      input: ['web/index.html', 'web/graphiql/index.html'],
      checks: { pluginTimings: false },
      onLog(level, log, handle) {
        // Components say "use client" to frameworks that render on servers. Here there is no server.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  server: { proxy: { '/graphql': OUTPORT, '/config.json': OUTPORT } },
});
