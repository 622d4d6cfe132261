/** Sizes at which the engine rolls, rebuilds, spills and queues. Tests lower them to reach every path with little data. */
export interface Limits {
  /** Exports and base builds that run at once, each in a thread of its own. */
  readonly concurrentJobs: number;
  /** Exports and base builds that may wait for a thread. */
  readonly queuedJobs: number;
  /** A log file this long is sealed, which bounds what opening has to scan. */
  readonly logFileBytes: number;
  /** No new base before the log since the last one has this many bytes, however small the table is. */
  readonly newBaseLogBytes: number;
  /** Changes a job sorts in memory before it spills a run to disk. */
  readonly sortMemoryBytes: number;
  /**
   * Lines that are deflated together. Larger pieces deflate better, smaller ones are more often untouched by the log;
   * 16 KiB at level 6 is as small as a whole file at level 1.
   */
  readonly pieceBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  concurrentJobs: 2,
  queuedJobs: 1000,
  logFileBytes: 64 * MIB,
  newBaseLogBytes: 16 * MIB,
  sortMemoryBytes: 64 * MIB,
  pieceBytes: 16 * 1024,
};
