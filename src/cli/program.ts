import tab from '@bomb.sh/tab/commander';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Command as UntypedCommand } from 'commander';
import type { StartEnvironment } from '../local/host/function-runtime.ts';
import { auditCommand } from './commands/audit.ts';
import { downloadCommand } from './commands/download.ts';
import { exportsCommand } from './commands/exports.ts';
import { limitsCommand } from './commands/limits.ts';
import { loginCommand, logoutCommand } from './commands/login.ts';
import { materialiseCommand } from './commands/materialise.ts';
import { schedulesCommand } from './commands/schedules.ts';
import { serveCommand } from './commands/serve.ts';
import { tablesCommand } from './commands/tables.ts';
import { version } from './version.ts';

const AFTER = `
Variables:
  OUTPORT_URL        the GraphQL API, as --url
  OUTPORT_TOKEN      whose token to send, as --token
  NO_COLOR           print without colours

Ends with 0 when it is done, 1 after an error, 2 when the command line makes no sense, 3 when the export failed or is not
as it should be, 4 when the time was up, 5 when it is not permitted.

Completion: source <(outport complete bash), or zsh; outport complete fish | source`;

/**
 * The command `outport`. What goes wrong is thrown, not printed: `exitCodeOf` says what to end with.
 * @param startEnvironment runs the functions of `outport serve` elsewhere than in threads of this process
 */
export function createProgram(startEnvironment?: StartEnvironment): Command {
  const program = new Command('outport')
    .description('Export DynamoDB tables to S3, within what your organisation permits.')
    .version(version())
    .addHelpText('after', AFTER)
    .addCommand(exportsCommand())
    .addCommand(downloadCommand())
    .addCommand(schedulesCommand())
    .addCommand(materialiseCommand())
    .addCommand(tablesCommand())
    .addCommand(auditCommand())
    .addCommand(limitsCommand())
    .addCommand(loginCommand())
    .addCommand(logoutCommand())
    .addCommand(serveCommand(startEnvironment));
  // The types of commands are all that tells the two apart.
  tab(program as unknown as UntypedCommand);
  for (const command of [program, ...descendantsOf(program)]) {
    command
      .exitOverride()
      .showHelpAfterError(`See "${pathOf(command)} --help".`)
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'outport: ')) });
  }
  return program;
}

/** A command with those that it is part of: `outport exports start`. */
const pathOf = (command: CommandUnknownOpts): string =>
  [command.parent && pathOf(command.parent), command.name()].filter(Boolean).join(' ');

const descendantsOf = (command: CommandUnknownOpts): CommandUnknownOpts[] =>
  command.commands.flatMap((child) => [child, ...descendantsOf(child)]);
