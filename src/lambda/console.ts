import { fileURLToPath } from 'node:url';
import { readConsoleFiles } from './console-files.ts';
import { createConsoleHandler } from './console-handler.ts';
import { introspectionOf, websocketEndpoint } from './environment.ts';

/** Beside this function's own folder in `build/`. */
const WEB = fileURLToPath(new URL('../web/', import.meta.url));

export const handler = createConsoleHandler(readConsoleFiles(WEB), websocketEndpoint(process.env), {
  graphiql: introspectionOf(process.env),
});
