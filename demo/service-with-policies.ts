import { cpSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { commandOf, copyOfBuild } from './copy-of-build.ts';

/**
 * Makes a copy of this build with one more file of policies beside those of every function, as a build of an organisation
 * that has added its own to `policies/`.
 * @returns the `outport` command of the copy
 */
export function serviceWithPolicies(policyFile: string): string {
  const root = copyOfBuild('governance');
  for (const name of readdirSync(path.join(root, 'build'))) {
    const policies = path.join(root, 'build', name, 'policies');
    if (existsSync(policies)) cpSync(policyFile, path.join(policies, path.basename(policyFile)));
  }
  return commandOf(root);
}
