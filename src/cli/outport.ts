#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { type Command, parseCommand, USAGE, UsageError } from './arguments.ts';
import { serve } from './serve.ts';
import { AuditUnavailableError, verifyAudit } from './verify-audit.ts';

async function run(command: Command): Promise<number | undefined> {
  switch (command.name) {
    case 'help':
      console.log(USAGE);
      return 0;
    case 'version':
      console.log(version());
      return 0;
    case 'serve':
      return serve(command.arguments);
    case 'audit verify':
      return verifyAudit(command.arguments);
    default:
      return command satisfies never;
  }
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return version;
}

try {
  process.exitCode = await run(parseCommand(process.argv.slice(2), process.env));
} catch (error) {
  if (error instanceof UsageError) console.error(`outport: ${error.message}\n\n${USAGE}`);
  else if (error instanceof AuditUnavailableError) console.error(`outport: ${error.message}`);
  else throw error;
  process.exitCode = 2;
}
