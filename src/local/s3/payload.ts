import { createHash } from 'node:crypto';
import type { AwsCall } from '../aws/service.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { algorithmOfHeader, CHECKSUM_ALGORITHMS, type ChecksumAlgorithm, decodeBase64 } from './checksums.ts';
import { badDigest, incompleteBody, invalidRequest, malformedTrailer, malformedXml, notImplemented } from './errors.ts';
import { type Digests, type IncomingBytes, Meter, writeIncoming } from './incoming-bytes.ts';
import type { ObjectFiles } from './object-files.ts';
import { S3Error } from './object-store.ts';
import { parameter } from './request.ts';

/** S3's limit of one PUT, whether of an object or of a part: 5 GiB. */
const PAYLOAD_BYTES_MAX = 5 * 1024 ** 3;
/** The largest document that a client sends is a DeleteObjects of a thousand long keys. */
const DOCUMENT_BYTES_MAX = 8 * 1024 * 1024;

/** What a client claims of the bytes that it is sending. */
interface Claims {
  /** Absent when the client does not say, which only small documents may do. */
  readonly sizeBytes?: number;
  readonly chunked: boolean;
  readonly sha256Hex?: string;
  readonly md5?: Buffer;
  readonly checksum?: ClaimedChecksum;
}

interface ClaimedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly header: string;
  readonly inTrailer: boolean;
}

/**
 * Streams a request's bytes into a file under `.incoming`. When they are not what the client claims, nothing is left.
 * @param wanted the algorithm to keep a checksum of, given the one that the client sends a checksum of, if any
 * @throws S3Error `BadDigest`, `InvalidDigest`, `IncompleteBody`, `EntityTooLarge`, `XAmzContentSHA256Mismatch`, …
 */
export async function receivePayload(
  call: AwsCall,
  files: ObjectFiles,
  wanted: (claimed: ChecksumAlgorithm | undefined) => ChecksumAlgorithm,
): Promise<IncomingBytes & { readonly algorithm: ChecksumAlgorithm; readonly checksum: string }> {
  const claims = readClaims(call);
  const { sizeBytes = missingLength() } = claims;
  if (sizeBytes > PAYLOAD_BYTES_MAX) {
    throw new S3Error('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: String(sizeBytes),
      MaxSizeAllowed: String(PAYLOAD_BYTES_MAX),
    });
  }
  const algorithm = wanted(claims.checksum?.algorithm);
  const body = openBody(call, claims, sizeBytes);
  const algorithms = claims.checksum ? [algorithm, claims.checksum.algorithm] : [algorithm];
  const bytes = await writeIncoming(body.content, files, algorithms, body.verify);
  return { ...bytes, algorithm, checksum: bytes.digests.checksums.get(algorithm)?.toString('base64') ?? '' };
}

/**
 * Reads a small XML or JSON body, checked as an object's bytes are.
 * @param checksumIsOf what an `x-amz-checksum-` header is of: CompleteMultipartUpload's is of the finished object
 * @throws S3Error as `receivePayload`; `MalformedXML` beyond 8 MiB
 */
export async function receiveDocument(call: AwsCall, checksumIsOf: 'BODY' | 'OBJECT' = 'BODY'): Promise<string> {
  const { checksum, ...others } = readClaims(call);
  const claims: Claims = checksumIsOf === 'BODY' ? { ...others, checksum } : others;
  const body = openBody(call, claims, DOCUMENT_BYTES_MAX);
  const meter = new Meter(claims.checksum ? [claims.checksum.algorithm] : []);
  const chunks: Buffer[] = [];
  for await (const chunk of meter.measure(body.content)) {
    if (meter.sizeBytes > DOCUMENT_BYTES_MAX) throw malformedXml();
    chunks.push(chunk);
  }
  body.verify(meter.sizeBytes, await meter.digests());
  return Buffer.concat(chunks).toString('utf8');
}

interface OpenBody {
  readonly content: AsyncIterable<Buffer>;
  /** Compares what was read with what was claimed. */
  verify(sizeBytes: number, digests: Digests): void;
}

function openBody(call: AwsCall, claims: Claims, sizeBytesMax: number): OpenBody {
  const trailers = new Map<string, string>();
  const sha256 = createHash('sha256');
  return {
    content: read(),
    verify(sizeBytes, digests) {
      if (claims.sizeBytes !== undefined && claims.sizeBytes !== sizeBytes) throw incompleteBody();
      if (claims.sha256Hex !== undefined && claims.sha256Hex !== sha256.digest('hex')) throw contentSha256Mismatch();
      if (claims.md5 && !claims.md5.equals(digests.md5)) {
        throw badDigest('The Content-MD5 you specified did not match what we received.');
      }
      verifyChecksum(call, claims, trailers, digests);
    },
  };

  async function* read(): AsyncGenerator<Buffer, void> {
    // Destroying the body would cut the connection before the client has read why it was refused.
    const body: AsyncIterable<Buffer> = call.body.iterator({ destroyOnReturn: false });
    let sizeBytes = 0;
    try {
      for await (const chunk of claims.chunked ? decodeAwsChunked(body, trailers) : body) {
        sizeBytes += chunk.length;
        if (sizeBytes > sizeBytesMax) throw incompleteBody();
        if (claims.sha256Hex !== undefined) sha256.update(chunk);
        yield chunk;
      }
    } catch (error) {
      // The client went away in the middle.
      throw call.body.errored ? incompleteBody() : error;
    }
  }
}

function verifyChecksum(
  call: AwsCall,
  { checksum }: Claims,
  trailers: ReadonlyMap<string, string>,
  digests: Digests,
): void {
  if (!checksum) return;
  const { algorithm, header, inTrailer } = checksum;
  const claimed = inTrailer ? trailers.get(header) : call.headers[header];
  if (claimed === undefined) throw malformedTrailer();
  if (!decodeBase64(claimed, CHECKSUM_ALGORITHMS[algorithm].sizeBytes)) {
    throw invalidRequest(`Value for ${header} ${inTrailer ? 'trailing ' : ''}header is invalid.`);
  }
  if (digests.checksums.get(algorithm)?.toString('base64') !== claimed) {
    throw badDigest(`The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

function readClaims(call: AwsCall): Claims {
  const contentSha256 = parameter(call, 'x-amz-content-sha256');
  const chunked = contentSha256?.startsWith('STREAMING-') ?? hasChunkedEncoding(call);
  return {
    ...readSize(call, chunked),
    chunked,
    ...(contentSha256 !== undefined && /^[0-9a-f]{64}$/.test(contentSha256) && { sha256Hex: contentSha256 }),
    ...readMd5(call),
    ...readChecksum(call),
  };
}

const hasChunkedEncoding = (call: AwsCall) =>
  (call.headers['content-encoding'] ?? '').split(',').some((encoding) => encoding.trim() === 'aws-chunked');

function readSize(call: AwsCall, chunked: boolean): Pick<Claims, 'sizeBytes'> {
  const size = chunked ? call.headers['x-amz-decoded-content-length'] : call.headers['content-length'];
  return size !== undefined && /^\d{1,15}$/.test(size) ? { sizeBytes: Number(size) } : {};
}

function missingLength(): never {
  throw new S3Error('MissingContentLength', 411, 'You must provide the Content-Length HTTP header.');
}

const contentSha256Mismatch = () =>
  new S3Error(
    'XAmzContentSHA256Mismatch',
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );

function readMd5(call: AwsCall): Pick<Claims, 'md5'> {
  const header = call.headers['content-md5'];
  if (header === undefined) return {};
  const md5 = decodeBase64(header, 16);
  if (!md5) throw new S3Error('InvalidDigest', 400, 'The Content-MD5 you specified was invalid.');
  return { md5 };
}

/**
 * Only headers count: S3 does not look at the checksums of a presigned URL's query, where SDKs put that of the empty body
 * they signed (https://github.com/aws/aws-sdk-go-v2/issues/2610, https://github.com/aws/aws-sdk/issues/480).
 */
function readChecksum(call: AwsCall): Pick<Claims, 'checksum'> {
  const inHeaders = Object.keys(call.headers).filter((name) => /^x-amz-checksum-(?!algorithm$|type$|mode$)/.test(name));
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
    if (call.headers['x-amz-sdk-checksum-algorithm'] === undefined) return {};
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  const algorithm = algorithmOfHeader(header);
  if (!algorithm) throw notImplemented(`The header ${header}`);
  return { checksum: { algorithm, header, inTrailer: inTrailers.length > 0 } };
}
