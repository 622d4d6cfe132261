/** Bytes gathered one after another in memory that is used again after `clear`. */
export class ByteBuffer {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was gathered; valid until the next call. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Appends a range of `source`. */
  append(source: Buffer, from = 0, to = source.length): void {
    this.#reserve(to - from);
    this.#length += source.copy(this.#bytes, this.#length, from, to);
  }

  appendUInt32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  appendDouble(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** Appends text as UTF-8, and returns how many bytes that took. */
  appendText(text: string): number {
    // No UTF-16 unit takes more than three bytes of UTF-8.
    this.#reserve(3 * text.length);
    const byteCount = this.#bytes.write(text, this.#length);
    this.#length += byteCount;
    return byteCount;
  }

  appendLatin1(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** Writes over what was appended at `at`. */
  setUInt32(value: number, at: number): void {
    this.#bytes.writeUInt32LE(value, at);
  }

  clear(): void {
    this.#length = 0;
  }

  #reserve(byteCount: number): void {
    const needed = this.#length + byteCount;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
