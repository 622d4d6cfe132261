import { crc32 } from 'node:zlib';
import { ByteBuffer } from './byte-buffer.ts';
import { DamagedError } from './errors.ts';
import type { SequentialReader } from './sequential-file.ts';

/**
 * A frame is what is written, checked and lost as a whole: mark, length of the payload, CRC-32 of the payload, payload.
 * The mark begins with a byte that no UTF-8 text has, so that a search for it seldom stops inside a payload. Its last
 * byte is the version of what the engine writes: files of another version are not taken for ours.
 */
const MARK = Buffer.from([0xff, 0x4f, 0x50, 0x34]);
const HEADER_BYTES = 12;
const EMPTY_HEADER = Buffer.alloc(HEADER_BYTES);

export function encodeFrame(payload: Buffer): Buffer {
  return sealFrame(Buffer.concat([EMPTY_HEADER, payload]));
}

/** A frame whose payload is gathered where it will stand, in memory that is used again for the next one. */
export class FrameBuffer {
  /** Append the payload here. */
  readonly records: ByteBuffer;

  constructor(capacity: number) {
    this.records = new ByteBuffer(capacity);
    this.clear();
  }

  get payloadBytes(): number {
    return this.records.length - HEADER_BYTES;
  }

  /** The finished frame; valid until the next change of the payload. */
  seal(): Buffer {
    return sealFrame(this.records.bytes);
  }

  clear(): void {
    this.records.clear();
    this.records.append(EMPTY_HEADER);
  }
}

/** Fills in the header that is left free in front of a payload. */
function sealFrame(frame: Buffer): Buffer {
  const payload = frame.subarray(HEADER_BYTES);
  MARK.copy(frame);
  frame.writeUInt32LE(payload.length, 4);
  frame.writeUInt32LE(crc32(payload), 8);
  return frame;
}

/** The payloads of a file that holds nothing but frames; throws `DamagedError` at the first bad one. */
export function* readFrames(reader: SequentialReader): Generator<Buffer> {
  while (reader.remaining > 0) yield readFrame(reader);
}

/** The payload of the next frame; throws `DamagedError` when it is a bad one. */
export function readFrame(reader: SequentialReader): Buffer {
  const { offset } = reader;
  const header = reader.read(HEADER_BYTES);
  if (!header.subarray(0, 4).equals(MARK)) throw new DamagedError(reader.path, offset, 'no frame begins here');
  const length = header.readUInt32LE(4);
  const checksum = header.readUInt32LE(8);
  if (length > reader.remaining) throw new DamagedError(reader.path, offset, 'the frame is longer than the file');
  const payload = reader.read(length);
  if (crc32(payload) !== checksum) throw new DamagedError(reader.path, offset, 'wrong checksum');
  return payload;
}

/** The payload of the frame at `offset`, or undefined where there is no whole and right one. */
export function frameAt(bytes: Buffer, offset: number): Buffer | undefined {
  if (bytes.length < offset + HEADER_BYTES || !bytes.subarray(offset, offset + 4).equals(MARK)) return undefined;
  const payload = bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + bytes.readUInt32LE(offset + 4));
  const whole = payload.length === bytes.readUInt32LE(offset + 4);
  return whole && crc32(payload) === bytes.readUInt32LE(offset + 8) ? payload : undefined;
}

/** What is wrong with a frame at the start of a file that `frameAt` did not read. */
export function faultOf(bytes: Buffer): string {
  const version = MARK.length - 1;
  const isOfOtherVersion =
    bytes.length > version &&
    bytes.subarray(0, version).equals(MARK.subarray(0, version)) &&
    bytes[version] !== MARK[version];
  if (!isOfOtherVersion) return 'wrong checksum';
  return `written in version ${digitAt(bytes, version)} of the format, of which this Outport reads ${digitAt(MARK, version)}`;
}

const digitAt = (bytes: Buffer, at: number) => bytes.toString('latin1', at, at + 1);

/**
 * Tells a torn tail from damage. A frame is written only once the one before it is durable, so what a crash tore has
 * no good frame after it. Hence `byteCount`, the end of the last good frame: all after it may be cut off, all
 * before it was acknowledged and has to stay, damaged or not.
 */
export function scanFrames(bytes: Buffer): { readonly byteCount: number; readonly lastPayload: Buffer | undefined } {
  let byteCount = 0;
  let lastPayload: Buffer | undefined;
  for (let offset = 0; offset !== -1 && offset < bytes.length; ) {
    const payload = frameAt(bytes, offset);
    if (payload === undefined) {
      offset = bytes.indexOf(MARK, offset + 1);
      continue;
    }
    offset += HEADER_BYTES + payload.length;
    byteCount = offset;
    if (payload.length > 0) lastPayload = payload;
  }
  return { byteCount, lastPayload };
}
