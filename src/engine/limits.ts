/** Sizes at which the engine rolls, rebuilds, spills and queues. Tests lower them to reach every path with little data. */
export interface Limits {
  /** Partitions of exports and bases that are written at once, each by a thread: so many small ones and so many large. */
  readonly concurrentJobs: number;
  /** Partitions that may wait for a thread, again of either size. */
  readonly queuedJobs: number;
  /** A job that reads no more is a small one. */
  readonly smallJobBytes: number;
  /** A log file this long is sealed, which bounds what opening has to scan. */
  readonly logFileBytes: number;
  /** A new base is due when the log since the last one has this share of its lines. */
  readonly newBaseLogShare: number;
  /** No new base before the log since the last one has this many bytes, however small the table is. */
  readonly newBaseLogBytes: number;
  /** Bases of a table are being built for no larger share of the time, however fast it changes. */
  readonly buildingShareMax: number;
  /** Changes a job sorts in memory before it spills a run to disk. */
  readonly sortMemoryBytes: number;
  /**
   * Lines of a base that are deflated together. Larger pieces deflate better, smaller ones are more often untouched by the
   * log; 8 KiB at level 6 is about as small as a whole file at level 1.
   */
  readonly pieceBytes: number;
  /** The same for lines that only one export has: there only the ratio and the cost of a call of zlib count. */
  readonly exportPieceBytes: number;
  /**
   * A new data file ends at this share of its partition, within bounds; one that is made of another has from half to twice
   * that, so that what did not change need not be written. In small files a change has little copied, and eight are hashed
   * at once; of large tables they would be too many for those who read them.
   */
  readonly segmentShare: number;
  readonly segmentBytesMin: number;
  readonly segmentBytesMax: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  concurrentJobs: 2,
  queuedJobs: 4000,
  smallJobBytes: 16 * MIB,
  logFileBytes: 64 * MIB,
  newBaseLogShare: 0.02,
  newBaseLogBytes: 16 * MIB,
  buildingShareMax: 0.2,
  sortMemoryBytes: 32 * MIB,
  pieceBytes: 8 * 1024,
  exportPieceBytes: 256 * 1024,
  segmentShare: 1 / 32,
  segmentBytesMin: MIB,
  segmentBytesMax: 16 * MIB,
};
