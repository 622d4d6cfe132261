#!/usr/bin/env node
import { exitCodeOf } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

// Whoever read the output has read enough, such as `head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const program = createProgram();
let asJson = false;
program.hook('preAction', (_, command) => {
  asJson = 'output' in command.opts() && command.opts().output === 'json';
});
try {
  await program.parseAsync();
} catch (error) {
  reportError(error, asJson ? 'json' : 'table');
  process.exitCode = exitCodeOf(error);
}
