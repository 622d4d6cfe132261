import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Finished } from '../../support/outport.ts';

export const COMMAND = path.resolve('build/cli/outport.mjs');

/** The command `outport`, as somebody has it in their shell. */
export interface Command {
  /** Where it keeps what it is told to keep: its XDG_CONFIG_HOME. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  run(...args: string[]): Promise<Finished>;
  /** Runs it with something on standard input. */
  feed(input: string, ...args: string[]): Promise<Finished>;
  /** Starts it, to be stopped on its way. */
  start(...args: string[]): ChildProcessWithoutNullStreams;
  /** What it prints as JSON. Rejects when it does not end with 0. */
  json<Value>(...args: string[]): Promise<Value>;
}

/** @param variables such as OUTPORT_URL and OUTPORT_TOKEN */
export function commandWith(directory: string, variables: NodeJS.ProcessEnv = {}): Command {
  const home = mkdtempSync(path.join(directory, 'home-'));
  // Node takes terminals of continuous integration for ones without colours.
  const { OUTPORT_URL, OUTPORT_TOKEN, NO_COLOR, FORCE_COLOR, CI, ...inherited } = process.env;
  const env = { ...inherited, XDG_CONFIG_HOME: home, ...variables };
  const start = (...args: string[]) => spawn(process.execPath, [COMMAND, ...args], { env, cwd: home });
  const feed = async (input: string, ...args: string[]): Promise<Finished> => {
    const child = start(...args);
    child.stdin.end(input);
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code, stdout, stderr };
  };
  return {
    home,
    env,
    start,
    feed,
    run: (...args) => feed('', ...args),
    async json(...args) {
      const { code, stdout, stderr } = await feed('', ...args, '--output', 'json');
      if (code !== 0) throw new Error(`outport ${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
  };
}
