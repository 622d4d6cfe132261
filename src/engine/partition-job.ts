import type { Segment } from './segment.ts';

/** What a job that writes a partition reads and writes, as plain data: it crosses to a worker thread. */
export interface PartitionJob {
  readonly partition: number;
  /** The partition in the base, in order of position; none when the logs hold all there is. */
  readonly base: readonly Segment[];
  /** The log files since the base in order, each with the bytes of it that are complete. */
  readonly logs: ReadonlyArray<{ readonly path: string; readonly byteCount: number }>;
  /** The last microsecond whose changes count; Infinity takes the logs whole. */
  readonly throughMicros: number;
  /** Where the data files are written. */
  readonly directory: string;
  /** What the names of the data files of a base begin with; those of an export are random. */
  readonly stem?: string;
  readonly format: 'DYNAMODB_JSON' | 'ION';
  /** Whether the files get the index that lets them serve as a base. What did not change is then named, not linked. */
  readonly indexed: boolean;
  /** Of zlib, 1 to 9, for lines that are deflated anew. */
  readonly compressionLevel: number;
  /** A folder for what does not fit into memory; created when it is needed. The caller removes it. */
  readonly scratchDirectory: string;
  readonly sortMemoryBytes: number;
  /** Lines that are deflated together. */
  readonly pieceBytes: number;
  /** About how long a data file becomes. */
  readonly segmentBytes: number;
  /** Items of another partition key hash are passed over. */
  readonly partitionHash?: string;
}

/** Told the path of each file that is complete but not yet durable. */
export type OnFile = (file: string) => void;
