import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = 'governance';

/**
 * Makes a copy of this build with one more file of policies beside those of every function, as a build of an organisation
 * that has added its own to `policies/`.
 * @returns the `outport` command of the copy
 */
export function serviceWithPolicies(policyFile: string): string {
  const build = fileURLToPath(new URL('../', import.meta.url));
  const root = path.join(build, FOLDER);
  rmSync(root, { recursive: true, force: true });
  cpSync(path.join(build, '..', 'serverless.yml'), path.join(root, 'serverless.yml'));
  for (const name of readdirSync(build).filter((entry) => entry !== FOLDER)) {
    const copy = path.join(root, 'build', name);
    cpSync(path.join(build, name), copy, { recursive: true });
    const policies = path.join(copy, 'policies');
    if (existsSync(policies)) cpSync(policyFile, path.join(policies, path.basename(policyFile)));
  }
  return path.join(root, 'build/cli/outport.mjs');
}
