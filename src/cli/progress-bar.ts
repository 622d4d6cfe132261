import type { WriteStream } from 'node:tty';

const WIDTH = 32;
/** On a narrow terminal. */
const WIDTH_MIN = 8;

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
      if (terminal) stream.write(`\r${line(label, share, note, stream.columns)}\x1b[K`);
    },
    done: (note) => {
      stream.write(terminal ? `\r${line(label, 1, note, stream.columns)}\x1b[K\n` : `${line(label, 1, note)}\n`);
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

/**
 * @param columnsKnown of the terminal: a line that goes over its end is there twice after the next, as `\r` leads back to the
 * beginning of its last row only. The bar gives way first, then the note loses its end.
 */
function line(label: string, share: number | null, note: string, columnsKnown?: number): string {
  // Some terminals say that they have none.
  const columns = columnsKnown || Number.POSITIVE_INFINITY;
  const room = columns - label.length - note.length - '     '.length;
  const width = Math.max(WIDTH_MIN, Math.min(WIDTH, room));
  const filled = share === null ? 0 : Math.round(Math.min(1, Math.max(0, share)) * width);
  const text = `  ${label} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${note}`;
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}
