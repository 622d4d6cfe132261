import { invalidRequest, malformedTrailer } from './errors.ts';

/** Far above the chunk extensions and trailers that any client sends. */
const LINE_BYTES_MAX = 8 * 1024;
const TRAILERS_MAX = 16;
const LF = 0x0a;

/**
 * Decodes a body in `aws-chunked` encoding: `<hex size>[;chunk-signature=…]CRLF <bytes> CRLF`, a chunk of size 0, and
 * trailers. Signatures of chunks are not verified: the request's own signature is the endpoint's business, and the bytes
 * are covered by the checksum in the trailers.
 * @param trailers receives the trailers by their lower-case names once the bytes have been read
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer, void> {
  const reader = new LineReader(body);
  for (;;) {
    const header = /^([0-9a-fA-F]{1,8})(?:;.*)?$/.exec(await reader.line());
    if (!header) throw invalidRequest('The aws-chunked body has a malformed chunk header.');
    const sizeBytes = Number.parseInt(header[1] ?? '', 16);
    if (sizeBytes === 0) break;
    yield* reader.bytes(sizeBytes);
    if ((await reader.line()) !== '') throw invalidRequest('The aws-chunked body has a chunk of the wrong size.');
  }
  for (let line = await reader.lastLine(); line !== ''; line = await reader.lastLine()) {
    const colon = line.indexOf(':');
    if (colon < 1 || trailers.size === TRAILERS_MAX) throw malformedTrailer();
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

class LineReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next line without its end. */
  async line(): Promise<string> {
    const line = await this.#readLine();
    if (line === undefined) throw invalidRequest('The aws-chunked body ended early.');
    return line;
  }

  /** As `line`, but the end of the body is an empty line: not every client ends its trailers with one. */
  async lastLine(): Promise<string> {
    return (await this.#readLine()) ?? '';
  }

  async *bytes(sizeBytes: number): AsyncGenerator<Buffer, void> {
    for (let left = sizeBytes; left > 0; ) {
      if (this.#buffer.length === 0 && !(await this.#fill())) {
        throw invalidRequest('The aws-chunked body ended early.');
      }
      const piece = this.#buffer.subarray(0, left);
      this.#buffer = this.#buffer.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async #readLine(): Promise<string | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf(LF);
      if (end >= 0) {
        const line = this.#buffer.toString('latin1', 0, end).replace(/\r$/, '');
        this.#buffer = this.#buffer.subarray(end + 1);
        return line;
      }
      if (this.#buffer.length > LINE_BYTES_MAX)
        throw invalidRequest('The aws-chunked body has a line that is too long.');
      if (await this.#fill()) continue;
      const rest = this.#buffer.toString('latin1');
      this.#buffer = Buffer.alloc(0);
      return rest === '' ? undefined : rest;
    }
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#buffer = this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
    return true;
  }
}
