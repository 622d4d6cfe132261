import type { ByteBuffer } from './byte-buffer.ts';
import type { Change } from './index.ts';
import { appendItemLine } from './item-line.ts';

/**
 * A change as the engine works with it.
 *
 * `position` is where the item stands in the order of the data files: the partition hash and the key's UTF-8 bytes, one
 * character a byte (latin1), so that strings compare as the bytes do. It is also the item's identity.
 */
export interface LogRecord {
  readonly sequence: number;
  readonly timeMicros: number;
  readonly position: string;
  /** The finished line of the data file, `{"Item":…}` with its newline, or null for a deletion. */
  readonly line: Buffer | null;
}

/** sequence f64, timeMicros f64, length of position u32, length of line u32 (0: deleted), then both. */
const HEADER_BYTES = 24;

const PARTITION_HASH = /^[0-9a-f]{16}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Adds a change as a record. Throws a `TypeError`, having added nothing, for what the engine cannot keep. */
export function appendRecord(records: ByteBuffer, change: Change): void {
  const { sequence, timeMicros, partitionHash, key, newImage } = change;
  if (!PARTITION_HASH.test(partitionHash)) throw new TypeError(`Not a partition hash: ${partitionHash}`);
  // UTF-8 has no form for these: two keys would become one.
  if (LONE_SURROGATE.test(key)) throw new TypeError(`Not well-formed Unicode: ${JSON.stringify(key)}`);
  if (newImage?.includes('\n')) throw new TypeError(`An image is one line of JSON, item ${JSON.stringify(key)}`);
  const at = records.length;
  records.appendDouble(sequence);
  records.appendDouble(timeMicros);
  records.appendUInt32(0);
  records.appendUInt32(0);
  // The lengths are known once the text is encoded: to measure it first would be half of the work.
  records.setUInt32(records.appendText(partitionHash) + records.appendText(key), at + 16);
  if (newImage !== null) records.setUInt32(appendItemLine(records, newImage), at + 20);
}

/** Where the record after the one at `at` begins. */
export function endOfRecord(records: Buffer, at: number): number {
  return at + HEADER_BYTES + records.readUInt32LE(at + 16) + records.readUInt32LE(at + 20);
}

/** Where the position of the record at `at` begins, and where it ends. */
export function positionFrom(at: number): number {
  return at + HEADER_BYTES;
}
export function positionTo(records: Buffer, at: number): number {
  return at + HEADER_BYTES + records.readUInt32LE(at + 16);
}

/** The commit time of the record at `at`. */
export function timeMicrosAt(records: Buffer, at: number): number {
  return records.readDoubleLE(at + 8);
}

/** The position of the record at `at`. */
export function positionOf(records: Buffer, at: number): string {
  return records.toString('latin1', positionFrom(at), positionTo(records, at));
}

/** The record at `at`. Its line is a view of `records`. Its position is given where it is known. */
export function recordAt(records: Buffer, at: number, position = positionOf(records, at)): LogRecord {
  const lineFrom = positionTo(records, at);
  const lineTo = endOfRecord(records, at);
  return {
    sequence: records.readDoubleLE(at),
    timeMicros: timeMicrosAt(records, at),
    position,
    line: lineFrom === lineTo ? null : records.subarray(lineFrom, lineTo),
  };
}

/** All records of one frame. */
export function* decodeRecords(frame: Buffer): Generator<LogRecord> {
  for (let at = 0; at < frame.length; at = endOfRecord(frame, at)) yield recordAt(frame, at);
}
