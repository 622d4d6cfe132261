import { CommanderError } from 'commander';
import { OutportError } from '../client/index.ts';
import type { Output } from './api/options.ts';
import { CommandError } from './exit-codes.ts';

/** Tells on standard error what went wrong and what to do, in words or as JSON. A bug is told with where it is. */
export function reportError(error: unknown, output: Output): void {
  // Commander has told it already.
  if (error instanceof CommanderError) return;
  if (!(error instanceof OutportError || error instanceof CommandError)) {
    console.error(error);
  } else if (output === 'json') {
    const { message, remedy } = error;
    const code = error instanceof OutportError ? error.code : undefined;
    console.error(JSON.stringify({ error: { code, message, remedy } }));
  } else {
    console.error([`outport: ${error.message}`, error.remedy].filter(Boolean).join('\n'));
  }
}
