export interface Sweeper {
  /** Ends the sweeping; resolves when a sweep under way is done. */
  close(): Promise<void>;
}

/** Clears away what has outlived its time: once now, then every hour for as long as the process lives. */
export function sweepHourly(sweep: () => Promise<void>): Sweeper {
  let underWay: Promise<void> = Promise.resolve();
  const run = () => {
    underWay = underWay.then(sweep).catch((error: unknown) => console.error('outport: a sweep failed', error));
  };
  run();
  const timer = setInterval(run, 3600_000);
  timer.unref();
  return {
    close() {
      clearInterval(timer);
      return underWay;
    },
  };
}
