/**
 * Rows of items as bytes, one after another: what threads hand to one another and write to files. Of each: object u32,
 * size of the item u32, lengths of key and text u32, key, text.
 */

const HEADER_BYTES = 16;

export interface NewRow {
  /** The number of the object it was read from. Of rows with one key, that of the last object counts. */
  readonly object: number;
  /** As DynamoDB counts it. */
  readonly sizeBytes: number;
  /** ASCII. */
  readonly key: string;
  readonly text: Buffer | string;
}

/** Gathers rows. */
export class RowBuffer {
  readonly #capacity: number;
  #bytes: Buffer;
  #length = 0;
  rowCount = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  add({ object, sizeBytes, key, text }: NewRow): void {
    // No UTF-16 unit takes more than three bytes of UTF-8.
    this.#reserve(HEADER_BYTES + key.length + (typeof text === 'string' ? 3 * text.length : text.length));
    const at = this.#length;
    const textAt = at + HEADER_BYTES + key.length;
    const bytes = this.#bytes;
    bytes.write(key, at + HEADER_BYTES, 'latin1');
    const textBytes = typeof text === 'string' ? bytes.write(text, textAt) : text.copy(bytes, textAt);
    bytes.writeUInt32LE(object, at);
    bytes.writeUInt32LE(sizeBytes, at + 4);
    bytes.writeUInt32LE(key.length, at + 8);
    bytes.writeUInt32LE(textBytes, at + 12);
    this.#length = textAt + textBytes;
    this.rowCount += 1;
  }

  /** Copies a row, with `prefix` before its key. */
  copy(rows: Buffer, at: number, prefix: Buffer): void {
    const end = endOfRow(rows, at);
    this.#reserve(prefix.length + end - at);
    const to = this.#length;
    rows.copy(this.#bytes, to, at, at + HEADER_BYTES);
    prefix.copy(this.#bytes, to + HEADER_BYTES);
    rows.copy(this.#bytes, to + HEADER_BYTES + prefix.length, at + HEADER_BYTES, end);
    this.#bytes.writeUInt32LE(rows.readUInt32LE(at + 8) + prefix.length, to + 8);
    this.#length += prefix.length + end - at;
    this.rowCount += 1;
  }

  /** The rows gathered since the last call, in memory of their own, to be transferred to a thread. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#length);
    taken.set(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    this.rowCount = 0;
    if (this.#bytes.length > 2 * this.#capacity) this.#bytes = Buffer.allocUnsafeSlow(this.#capacity);
    return taken;
  }

  #reserve(byteCount: number): void {
    const needed = this.#length + byteCount;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** The bytes of a row whose beginning is there, or undefined where not even that is. */
export function rowBytes(rows: Buffer, at: number): number | undefined {
  if (rows.length < at + HEADER_BYTES) return undefined;
  return HEADER_BYTES + rows.readUInt32LE(at + 8) + rows.readUInt32LE(at + 12);
}

export function endOfRow(rows: Buffer, at: number): number {
  return at + HEADER_BYTES + rows.readUInt32LE(at + 8) + rows.readUInt32LE(at + 12);
}

export const sizeBytesAt = (rows: Buffer, at: number): number => rows.readUInt32LE(at + 4);

export function keyAt(rows: Buffer, at: number): Buffer {
  const from = at + HEADER_BYTES;
  return rows.subarray(from, from + rows.readUInt32LE(at + 8));
}

export function textAt(rows: Buffer, at: number): Buffer {
  const end = endOfRow(rows, at);
  return rows.subarray(end - rows.readUInt32LE(at + 12), end);
}

/** The first three bytes of the hash that all keys begin with, as a number. */
export function hashAt(rows: Buffer, at: number): number {
  return Number.parseInt(rows.toString('latin1', at + HEADER_BYTES, at + HEADER_BYTES + 6), 16);
}

/** In order of the key, and of equal keys in that of their objects. */
export function compareRows(a: Buffer, atA: number, b: Buffer, atB: number): number {
  return compareKeys(a, atA, b, atB) || a.readUInt32LE(atA) - b.readUInt32LE(atB);
}

export function compareKeys(a: Buffer, atA: number, b: Buffer, atB: number): number {
  const fromA = atA + HEADER_BYTES;
  const fromB = atB + HEADER_BYTES;
  return a.compare(b, fromB, fromB + b.readUInt32LE(atB + 8), fromA, fromA + a.readUInt32LE(atA + 8));
}
