import { createProgram } from '../../../src/cli/program.ts';
import { startPackaged } from './packaged-environment.ts';

/* `outport serve`, with every function as it is deployed. */
await createProgram(startPackaged).parseAsync();
