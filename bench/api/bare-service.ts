import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandOf, copyOfBuild } from '../../demo/copy-of-build.ts';

/**
 * Makes a copy of this build in which the function `graphql` is a bare Apollo Server.
 * @returns the `outport` command of the copy
 */
export function bareService(): string {
  const root = copyOfBuild('bare-apollo');
  const handler = new URL('./bench-bare-apollo.mjs', import.meta.url).href;
  writeFileSync(path.join(root, 'build/graphql/index.mjs'), `export { handler } from ${JSON.stringify(handler)};\n`);
  return commandOf(root);
}
