import { CommanderError } from 'commander';
import { ExportEndedError, NotPermittedError, TimedOutError } from '../client/index.ts';

/** What scripts go by. */
export const EXIT = {
  DONE: 0,
  ERROR: 1,
  USAGE: 2,
  /** The export has ended without files to use, or what was checked is not as it should be. */
  FAILED: 3,
  TIMED_OUT: 4,
  NOT_PERMITTED: 5,
  /** By Ctrl-C, as shells have it. */
  INTERRUPTED: 130,
} as const;

/** An outcome that a person can do something about. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string, exitCode: number = EXIT.ERROR, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}

/** What a command ends with that an error has ended. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
  if (error instanceof ExportEndedError) return EXIT.FAILED;
  if (error instanceof TimedOutError) return EXIT.TIMED_OUT;
  if (error instanceof NotPermittedError) return EXIT.NOT_PERMITTED;
  return EXIT.ERROR;
}
