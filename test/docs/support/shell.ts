import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { OutportProcess } from '../../support/outport.ts';

const isThere = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;

/** Whether this machine has what the snippets need. */
export const hasTools = ['jq', 'curl', 'zcat'].every(isThere);
export const hasAwsCli = isThere('aws');

/** A folder with `outport` on its path and its client in its node_modules, signed in to an Outport. */
export function shellIn(folder: string, outport: OutportProcess) {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    path.join(bin, 'outport'),
    `#!/bin/sh\nexec '${process.execPath}' '${path.resolve('build/cli/outport.mjs')}' "$@"\n`,
  );
  chmodSync(path.join(bin, 'outport'), 0o755);
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(path.resolve('build/client'), path.join(folder, 'node_modules/outport'));
  symlinkSync(path.resolve('node_modules/ws'), path.join(folder, 'node_modules/ws'));
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    XDG_CONFIG_HOME: folder,
    OUTPORT_URL: outport.graphqlUrl,
    OUTPORT_TOKEN: outport.token,
    AWS_ENDPOINT_URL: outport.awsEndpoint,
    AWS_ACCESS_KEY_ID: '000000000000',
    AWS_SECRET_ACCESS_KEY: 'outport',
    AWS_REGION: 'us-east-1',
  };
  return (command: string, ...args: readonly string[]) =>
    spawnSync(command, args, { cwd: folder, env, encoding: 'utf8', timeout: 120_000 });
}
