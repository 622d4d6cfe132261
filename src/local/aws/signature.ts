import { createHash, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { ALGORITHM_IDENTIFIER, createScope, getCanonicalHeaders, SignatureV4 } from '@smithy/signature-v4';
import { parseBasicTime, type SignatureClaims } from './credentials.ts';
import { Refusal } from './refusal.ts';
import type { WireRequest } from './wire-request.ts';

/** How far a client's clock may be from ours, as AWS allows it. */
const CLOCK_SKEW_MS_MAX = 15 * 60_000;
/** SigV4's own limit of a presigned URL. */
const PRESIGNED_SECONDS_MAX = 7 * 24 * 3600;

export interface SignatureCheck {
  readonly request: WireRequest;
  readonly claims: SignatureClaims;
  readonly secretAccessKey: string;
  /** The bytes that came, where the endpoint has them. S3 streams: its declared hash is signed, and S3 holds the body to it. */
  readonly body?: Buffer;
  readonly nowMs: number;
}

/**
 * Recomputes the signature of a request with the SDK's own signer and compares.
 * @throws Refusal that says which part of the signature does not hold
 */
export async function verifySignature(check: SignatureCheck): Promise<void> {
  const { request, claims, secretAccessKey } = check;
  verifyTime(claims, check.nowMs);
  verifyCoverage(request, claims);
  const signer = new RecomputedSignature(claims, secretAccessKey);
  const { signature, stringToSign } = await signer.of(request, payloadHash(check));
  if (!equalInConstantTime(signature, claims.signature)) {
    throw new Refusal('SignatureMismatch', undefined, {
      AWSAccessKeyId: claims.accessKeyId,
      StringToSign: stringToSign,
      SignatureProvided: claims.signature,
    });
  }
}

/** Compares secrets without telling by the time taken where they differ. */
export function equalInConstantTime(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The signer prepares and dates what it signs; here the client has done so, and only the arithmetic is wanted of it. */
class RecomputedSignature extends SignatureV4 {
  readonly #claims: SignatureClaims;

  constructor(claims: SignatureClaims, secretAccessKey: string) {
    super({
      service: claims.service,
      region: claims.region,
      credentials: { accessKeyId: claims.accessKeyId, secretAccessKey },
      sha256: Sha256,
      applyChecksum: false,
      // S3 signs the path as it is sent; every other service encodes it once more.
      uriEscapePath: claims.service !== 's3',
    });
    this.#claims = claims;
  }

  async of(request: WireRequest, payloadHash: string): Promise<{ signature: string; stringToSign: string }> {
    const { signedHeaders, signedAt, date, region, service } = this.#claims;
    const signed = new Set(signedHeaders);
    const headers = Object.fromEntries(signedHeaders.map((name) => [name, request.headers[name] ?? '']));
    const http = {
      protocol: 'http:',
      hostname: '',
      method: request.method,
      path: request.path,
      query: queryOf(request.query),
      headers,
    };
    const canonical = this.createCanonicalRequest(http, getCanonicalHeaders(http, undefined, signed), payloadHash);
    const scope = createScope(date, region, service);
    const stringToSign = await this.createStringToSign(signedAt, scope, canonical, ALGORITHM_IDENTIFIER);
    const signature = await this.sign(stringToSign, { signingDate: new Date(parseBasicTime(signedAt)) });
    return { signature, stringToSign };
  }
}

/**
 * Holds a presigned URL to the time it was made for, whether or not its signature is verified.
 * @throws Refusal once it has expired, or when it asks for more than a week
 */
export function verifyExpiry({ signedAt, expiresSeconds }: SignatureClaims, nowMs: number): void {
  if (expiresSeconds === undefined) return;
  if (expiresSeconds > PRESIGNED_SECONDS_MAX) {
    throw new Refusal(
      'IncompleteSignature',
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be at most 604800 seconds.',
    );
  }
  const expiresMs = parseBasicTime(signedAt) + expiresSeconds * 1000;
  if (expiresMs > nowMs) return;
  throw new Refusal('PresignedUrlExpired', `Signature expired: ${signedAt} was good for ${expiresSeconds} seconds.`, {
    'X-Amz-Expires': expiresSeconds,
    Expires: isoSeconds(expiresMs),
    ServerTime: isoSeconds(nowMs),
  });
}

function verifyTime({ date, signedAt, expiresSeconds }: SignatureClaims, nowMs: number): void {
  if (!signedAt.startsWith(date)) {
    throw new Refusal(
      'SignatureMismatch',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${signedAt.slice(0, 8)}', from '${signedAt}'.`,
    );
  }
  const signedAtMs = parseBasicTime(signedAt);
  if (signedAtMs > nowMs + CLOCK_SKEW_MS_MAX) throw skewed(signedAt, nowMs, 'not yet current');
  const isPresigned = expiresSeconds !== undefined;
  if (!isPresigned && signedAtMs < nowMs - CLOCK_SKEW_MS_MAX) throw skewed(signedAt, nowMs, 'expired');
}

/** Were an `x-amz-` header left unsigned, whoever is in the middle could change what a signed request asks for. */
function verifyCoverage({ headers }: WireRequest, { signedHeaders }: SignatureClaims): void {
  const unsigned = Object.keys(headers).filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name),
  );
  if (unsigned.length === 0) return;
  throw new Refusal('HeadersNotSigned', `'${unsigned[0]}' must be a 'SignedHeader' in the AWS Credential.`, {
    HeadersNotSigned: unsigned.join(', '),
  });
}

function payloadHash({ request, claims, body }: SignatureCheck): string {
  if (body) return createHash('sha256').update(body).digest('hex');
  const declared = request.headers['x-amz-content-sha256'];
  if (claims.expiresSeconds === undefined && !declared) {
    throw new Refusal('IncompleteSignature', 'Missing required header for this request: x-amz-content-sha256');
  }
  return declared ?? request.query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD';
}

function queryOf(parameters: URLSearchParams): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  for (const name of new Set(parameters.keys())) {
    if (name !== 'X-Amz-Signature') query[name] = parameters.getAll(name);
  }
  return query;
}

function skewed(signedAt: string, nowMs: number, fault: 'expired' | 'not yet current'): Refusal {
  const late = fault === 'expired';
  const limit = basic(nowMs + (late ? -CLOCK_SKEW_MS_MAX : CLOCK_SKEW_MS_MAX));
  const relation = late ? 'is now earlier than' : 'is still later than';
  return new Refusal(
    'RequestTimeSkewed',
    `Signature ${fault}: ${signedAt} ${relation} ${limit} (${basic(nowMs)} ${late ? '-' : '+'} 15 min.)`,
    { RequestTime: signedAt, ServerTime: isoSeconds(nowMs), MaxAllowedSkewMilliseconds: CLOCK_SKEW_MS_MAX },
  );
}

const isoSeconds = (timeMs: number): string => new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z');

const basic = (timeMs: number): string => isoSeconds(timeMs).replace(/[-:]/g, '');
