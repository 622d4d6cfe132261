import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** The path of a program beside the tests. */
export const program = (name: string): string => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));

/** Skips the test when the command is not on this machine. */
export function needs({ skip }: TestContext, command: string): void {
  const { status } = spawnSync(command, ['--version']);
  if (status !== 0) skip(`${command} is not on this machine`);
}

/** Runs a command to its end and returns the lines that it printed. */
export function runReader(command: string, args: readonly string[]): string[] {
  const { error, status, stdout, stderr } = spawnSync(command, args, { maxBuffer: OUTPUT_BYTES_MAX });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout.toString().split('\n').slice(0, -1);
}
