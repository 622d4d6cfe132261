import type { WriteStream } from 'node:tty';

const WIDTH = 32;

/** A line that fills up. */
export interface ProgressBar {
  /** @param share of what there is to do, from 0 to 1; null: nobody knows */
  update(share: number | null, note: string): void;
  done(note: string): void;
}

/** One line that fills up on a terminal; elsewhere one line at the end, so that a log stays a log. */
export function progressBar(label: string, stream: WriteStream = process.stdout): ProgressBar {
  const terminal = stream.isTTY === true;
  return {
    update: (share, note) => {
      if (terminal) stream.write(`\r${line(label, share, note)}\x1b[K`);
    },
    done: (note) => {
      stream.write(`${terminal ? '\r' : ''}${line(label, 1, note)}${terminal ? '\x1b[K' : ''}\n`);
    },
  };
}

/** The same on a terminal, of which nothing is left at the end; elsewhere nothing. */
export function passingBar(label: string, stream: WriteStream = process.stderr): ProgressBar {
  return {
    update: progressBar(label, stream).update,
    done: () => {
      if (stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}

function line(label: string, share: number | null, note: string): string {
  if (share === null) return `  ${label} ${'░'.repeat(WIDTH)} ${note}`;
  const filled = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
  return `  ${label} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${note}`;
}
