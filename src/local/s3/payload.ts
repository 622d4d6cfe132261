import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { AwsCall } from '../aws/service.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import {
  algorithmOfHeader,
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  createDigest,
  type Digest,
  decodeBase64,
} from './checksums.ts';
import { badDigest, incompleteBody, invalidRequest, malformedTrailer, notImplemented } from './errors.ts';
import type { ObjectFiles } from './object-files.ts';
import { S3Error } from './object-store.ts';
import { parameter } from './request.ts';

/** The bytes of one request, durable under `.incoming`, and proved to be what the client said they are. */
export interface Payload {
  readonly path: string;
  readonly sizeBytes: number;
  readonly md5: Buffer;
  /** Base64, by the wanted algorithm. */
  readonly checksum: string;
}

/** S3's limit of one PUT, whether of an object or of a part: 5 GiB. */
const PAYLOAD_BYTES_MAX = 5 * 1024 ** 3;

/** What a client claims of the bytes that it is sending. */
interface Claims {
  readonly sizeBytes: number;
  readonly chunked: boolean;
  readonly sha256Hex?: string;
  readonly md5?: Buffer;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly header: string; readonly inTrailer: boolean };
}

/** The algorithm of the checksum that a client sends with its bytes, if it does. */
export const claimedAlgorithm = (call: AwsCall): ChecksumAlgorithm | undefined => readClaims(call).checksum?.algorithm;

/**
 * Streams a request's bytes into a file. When they are not what the client claims, nothing is left.
 * @param wanted the algorithm whose checksum is to be kept, whichever one the client sent
 * @throws S3Error `BadDigest`, `InvalidDigest`, `IncompleteBody`, `EntityTooLarge`, `XAmzContentSHA256Mismatch`, …
 */
export async function receivePayload(
  call: AwsCall,
  files: ObjectFiles,
  wanted: ChecksumAlgorithm,
): Promise<Payload> {
  const claims = readClaims(call);
  const trailers = new Map<string, string>();
  // Destroying the body would cut the connection before the client has read why it was refused.
  const body: AsyncIterable<Buffer> = call.body.iterator({ destroyOnReturn: false });
  const content = claims.chunked ? decodeAwsChunked(body, trailers) : body;
  const meter = new Meter(new Set(claims.checksum ? [wanted, claims.checksum.algorithm] : [wanted]), claims);
  const path = files.newIncomingPath();
  try {
    await pipeline(meter.measure(content), createWriteStream(path, { flags: 'wx', flush: true }));
    await meter.verify(claims, call, trailers);
    return { path, sizeBytes: meter.sizeBytes, md5: meter.md5.digest(), checksum: await meter.checksum(wanted) };
  } catch (error) {
    await rm(path, { force: true });
    throw call.body.errored ? incompleteBody() : error;
  }
}

class Meter {
  sizeBytes = 0;
  readonly md5 = createHash('md5');
  readonly #sha256: Hash | undefined;
  readonly #digests: ReadonlyMap<ChecksumAlgorithm, Digest>;
  readonly #sizeBytesMax: number;

  constructor(algorithms: ReadonlySet<ChecksumAlgorithm>, claims: Claims) {
    this.#digests = new Map([...algorithms].map((algorithm) => [algorithm, createDigest(algorithm)]));
    this.#sha256 = claims.sha256Hex === undefined ? undefined : createHash('sha256');
    this.#sizeBytesMax = claims.sizeBytes;
  }

  async *measure(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
    for await (const chunk of content) {
      this.sizeBytes += chunk.length;
      if (this.sizeBytes > this.#sizeBytesMax) throw incompleteBody();
      this.md5.update(chunk);
      this.#sha256?.update(chunk);
      for (const digest of this.#digests.values()) digest.update(chunk);
      yield chunk;
    }
  }

  async verify(claims: Claims, call: AwsCall, trailers: ReadonlyMap<string, string>): Promise<void> {
    if (this.sizeBytes !== claims.sizeBytes) throw incompleteBody();
    if (this.#sha256 && this.#sha256.digest('hex') !== claims.sha256Hex) {
      throw new S3Error(
        'XAmzContentSHA256Mismatch',
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
    if (claims.md5 && !this.md5.copy().digest().equals(claims.md5)) {
      throw badDigest('The Content-MD5 you specified did not match what we received.');
    }
    if (!claims.checksum) return;
    const { algorithm, header, inTrailer } = claims.checksum;
    const claimed = inTrailer ? trailers.get(header) : parameter(call, header);
    if (claimed === undefined) throw malformedTrailer();
    if (!decodeBase64(claimed, CHECKSUM_ALGORITHMS[algorithm].sizeBytes)) {
      throw invalidRequest(`Value for ${header} ${inTrailer ? 'trailing ' : ''}header is invalid.`);
    }
    if ((await this.checksum(algorithm)) !== claimed) {
      throw badDigest(`The ${algorithm} you specified did not match the calculated checksum.`);
    }
  }

  async checksum(algorithm: ChecksumAlgorithm): Promise<string> {
    let value = this.#values.get(algorithm);
    if (value === undefined) {
      value = Buffer.from((await this.#digests.get(algorithm)?.digest()) ?? []).toString('base64');
      this.#values.set(algorithm, value);
    }
    return value;
  }

  /** A digest of node:crypto can be asked only once. */
  readonly #values = new Map<ChecksumAlgorithm, string>();
}

function readClaims(call: AwsCall): Claims {
  const contentSha256 = parameter(call, 'x-amz-content-sha256');
  const chunked = contentSha256?.startsWith('STREAMING-') ?? hasChunkedEncoding(call);
  const sizeBytes = readSize(call, chunked);
  if (sizeBytes > PAYLOAD_BYTES_MAX) {
    throw new S3Error('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: String(sizeBytes),
      MaxSizeAllowed: String(PAYLOAD_BYTES_MAX),
    });
  }
  return {
    sizeBytes,
    chunked,
    ...(contentSha256 !== undefined && /^[0-9a-f]{64}$/.test(contentSha256) && { sha256Hex: contentSha256 }),
    ...readMd5(call),
    ...readChecksum(call),
  };
}

const hasChunkedEncoding = (call: AwsCall) =>
  (call.headers['content-encoding'] ?? '').split(',').some((encoding) => encoding.trim() === 'aws-chunked');

function readSize(call: AwsCall, chunked: boolean): number {
  const size = chunked ? call.headers['x-amz-decoded-content-length'] : call.headers['content-length'];
  if (size === undefined || !/^\d{1,15}$/.test(size)) {
    throw new S3Error('MissingContentLength', 411, 'You must provide the Content-Length HTTP header.');
  }
  return Number(size);
}

function readMd5(call: AwsCall): Pick<Claims, 'md5'> {
  const header = call.headers['content-md5'];
  if (header === undefined) return {};
  const md5 = decodeBase64(header, 16);
  if (!md5) throw new S3Error('InvalidDigest', 400, 'The Content-MD5 you specified was invalid.');
  return { md5 };
}

function readChecksum(call: AwsCall): Pick<Claims, 'checksum'> {
  const inHeaders = [...Object.keys(call.headers), ...call.query.keys()]
    .map((name) => name.toLowerCase())
    .filter((name) => /^x-amz-checksum-(?!algorithm$|type$|mode$)/.test(name) && parameter(call, name) !== undefined);
  const inTrailers = (call.headers['x-amz-trailer'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const headers = new Set([...inHeaders, ...inTrailers]);
  if (headers.size > 1) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  const [header] = headers;
  if (header === undefined) {
    if (parameter(call, 'x-amz-sdk-checksum-algorithm') === undefined) return {};
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  const algorithm = algorithmOfHeader(header);
  if (!algorithm) throw notImplemented(`The header ${header}`);
  return { checksum: { algorithm, header, inTrailer: inTrailers.length > 0 } };
}
