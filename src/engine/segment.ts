/**
 * A finished data file: a single gzip member of lines. One of a base has an index, and holds all items of its partition
 * from its first one up to the first of the next segment.
 */
export interface Segment {
  /** The data file: its name in its directory or, for who reads it, its path. */
  readonly data: string;
  readonly itemCount: number;
  readonly sizeBytes: number;
  readonly logicalBytes: number;
  readonly md5Hex: string;
  /**
   * CRC-32 of the data file, if it has an index: it tells four times as fast as the MD5 whether the file is still what was
   * written.
   */
  readonly crc: number;
  /** Positions of its first and last item; empty where it has no items or no index. */
  readonly first: string;
  readonly last: string;
  /** Length of the index, zero when there is none. */
  readonly indexBytes: number;
  /** Length of the frame at its end that lists its groups of blocks. */
  readonly directoryBytes: number;
}

/** The segments of a base or a twin, in order of position, for each partition of the table: at least one. */
export type Base = readonly (readonly Segment[])[];

/** The file beside a data file that knows its blocks. */
export function indexOf(data: string): string {
  return `${data}.index`;
}

/** The names of all files of segments. */
export function filesOfSegments(segments: readonly Segment[]): string[] {
  return segments.flatMap(({ data }) => [data, indexOf(data)]);
}

/** Bytes of the files of segments. */
export function sizeOfSegments(segments: readonly Segment[]): number {
  return segments.reduce((sum, { sizeBytes, indexBytes }) => sum + sizeBytes + indexBytes, 0);
}

/** Whether a file is one of those of a base, which is given with paths. */
export function hasFile(base: Base, file: string): boolean {
  return base.some((segments) => segments.some(({ data }) => file === data || file === indexOf(data)));
}
