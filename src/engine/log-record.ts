import type { Change } from './index.ts';
import { itemLine } from './item-line.ts';
import { partitionOf } from './partitions.ts';

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

export function toRecord(change: Change): LogRecord {
  const { partitionHash, key, newImage } = change;
  if (!PARTITION_HASH.test(partitionHash)) throw new TypeError(`Not a partition hash: ${partitionHash}`);
  // UTF-8 has no form for these: two keys would become one.
  if (LONE_SURROGATE.test(key)) throw new TypeError(`Not well-formed Unicode: ${JSON.stringify(key)}`);
  if (newImage?.includes('\n')) throw new TypeError(`An image is one line of JSON, item ${JSON.stringify(key)}`);
  return {
    sequence: change.sequence,
    timeMicros: change.timeMicros,
    position: Buffer.from(partitionHash + key).toString('latin1'),
    line: newImage === null ? null : itemLine(newImage),
  };
}

export function encodeRecord(record: LogRecord): Buffer {
  const { position, line } = record;
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + position.length + (line?.length ?? 0));
  bytes.writeDoubleLE(record.sequence, 0);
  bytes.writeDoubleLE(record.timeMicros, 8);
  bytes.writeUInt32LE(position.length, 16);
  bytes.writeUInt32LE(line?.length ?? 0, 20);
  bytes.write(position, HEADER_BYTES, 'latin1');
  line?.copy(bytes, HEADER_BYTES + position.length);
  return bytes;
}

/** The records of one frame, all or those of one partition. A line is a view of the frame: copy what is to outlive it. */
export function* decodeRecords(frame: Buffer, partition?: number): Generator<LogRecord> {
  for (let at = 0; at < frame.length; ) {
    const positionFrom = at + HEADER_BYTES;
    const lineFrom = positionFrom + frame.readUInt32LE(at + 16);
    const lineTo = lineFrom + frame.readUInt32LE(at + 20);
    if (partition === undefined || partitionOf(frame.readUInt8(positionFrom)) === partition) {
      yield {
        sequence: frame.readDoubleLE(at),
        timeMicros: frame.readDoubleLE(at + 8),
        position: frame.toString('latin1', positionFrom, lineFrom),
        line: lineFrom === lineTo ? null : frame.subarray(lineFrom, lineTo),
      };
    }
    at = lineTo;
  }
}
