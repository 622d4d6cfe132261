import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const COPIES = 'copies';

/**
 * Makes a copy of this build, to change something in it and run that.
 * @param name what no other copy is called
 * @returns the folder that has `package.json`, `serverless.yml` and `build`, as the project has
 */
export function copyOfBuild(name: string): string {
  const build = fileURLToPath(new URL('../', import.meta.url));
  const root = path.join(build, COPIES, name);
  rmSync(root, { recursive: true, force: true });
  for (const file of ['package.json', 'serverless.yml']) cpSync(path.join(build, '..', file), path.join(root, file));
  for (const entry of readdirSync(build).filter((entry) => entry !== COPIES && !entry.endsWith('.zip'))) {
    cpSync(path.join(build, entry), path.join(root, 'build', entry), { recursive: true });
  }
  return root;
}

/** The `outport` command of a copy. */
export const commandOf = (root: string): string => path.join(root, 'build/cli/outport.mjs');
