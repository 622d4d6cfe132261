import { EXIT } from './exit-codes.ts';

/** Does some work. Ctrl-C ends the command meanwhile, having said what becomes of what it was about. */
export async function interruptible<Result>(farewell: string, work: () => Promise<Result>): Promise<Result> {
  const end = () => {
    // The line with ^C, and the bar before it, are left as they are.
    if (process.stderr.isTTY) process.stderr.write('\n');
    console.error(`outport: ${farewell}`);
    process.exit(EXIT.INTERRUPTED);
  };
  process.once('SIGINT', end);
  try {
    return await work();
  } finally {
    process.off('SIGINT', end);
  }
}
