const WIDTH = 32;

/** One line that fills up on a terminal; elsewhere one line at the end, so that a log stays a log. */
export function progressBar(label: string): { update(share: number, note: string): void; done(note: string): void } {
  const terminal = process.stdout.isTTY === true;
  const line = (share: number, note: string) => {
    const filled = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
    return `  ${label} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${note}`;
  };
  return {
    update: (share, note) => {
      if (terminal) process.stdout.write(`\r${line(share, note)}\x1b[K`);
    },
    done: (note) => {
      process.stdout.write(`${terminal ? '\r' : ''}${line(1, note)}${terminal ? '\x1b[K' : ''}\n`);
    },
  };
}
