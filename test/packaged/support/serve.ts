import { parseCommand } from '../../../src/cli/arguments.ts';
import { serve } from '../../../src/cli/serve.ts';
import { startPackaged } from './packaged-environment.ts';

/* `outport serve`, with every function as it is deployed. */
const command = parseCommand(process.argv.slice(2));
if (command.name !== 'serve') throw new Error(`tests have packaged functions served, not ${command.name}`);
process.exitCode = await serve(command.arguments, startPackaged);
