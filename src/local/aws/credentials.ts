import { Refusal } from './refusal.ts';
import type { WireRequest } from './wire-request.ts';

/** What a request says of its own signature, before anything of it is believed. */
export interface SignatureClaims {
  readonly accessKeyId: string;
  /** `YYYYMMDD` of the credential scope. */
  readonly date: string;
  readonly region: string;
  /** The SigV4 service name of the credential scope. */
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly signedAt: string;
  readonly sessionToken?: string;
  /** Set for presigned URLs only: how long they are good for. */
  readonly expiresSeconds?: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Reads the SigV4 claims of a request from its Authorization header or, in a presigned URL, from its query.
 * @returns undefined for a request that carries no credentials at all
 * @throws Refusal when credentials are there but cannot be read
 */
export function readSignatureClaims(request: WireRequest): SignatureClaims | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return readHeader(authorization, request);
  if (request.query.has('X-Amz-Algorithm') || request.query.has('X-Amz-Credential')) return readQuery(request.query);
  if (request.query.has('AWSAccessKeyId')) throw new Refusal('UnsupportedSignature');
  return undefined;
}

function readHeader(authorization: string, request: WireRequest): SignatureClaims {
  const space = authorization.indexOf(' ');
  if (authorization.slice(0, space) !== ALGORITHM) throw new Refusal('UnsupportedSignature');
  const parameters = new Map<string, string>();
  for (const parameter of authorization.slice(space + 1).split(',')) {
    const equals = parameter.indexOf('=');
    if (equals > 0) parameters.set(parameter.slice(0, equals).trim(), parameter.slice(equals + 1).trim());
  }
  const need = (name: string) => {
    const value = parameters.get(name);
    if (!value) throw incomplete(`Authorization header requires '${name}' parameter.`);
    return value;
  };
  const signedAt = request.headers['x-amz-date'];
  if (!signedAt) throw incomplete("Authorization header requires existence of an 'X-Amz-Date' header.");
  return {
    ...readScope(need('Credential')),
    signedHeaders: need('SignedHeaders').split(';'),
    signature: need('Signature'),
    signedAt: basicIsoTime(signedAt),
    sessionToken: request.headers['x-amz-security-token'],
  };
}

function readQuery(query: URLSearchParams): SignatureClaims {
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) throw new Refusal('UnsupportedSignature');
  const need = (name: string) => {
    const value = query.get(name);
    if (!value) throw incomplete(`AWS query-string parameters must include '${name}'.`);
    return value;
  };
  const expires = need('X-Amz-Expires');
  if (!/^\d{1,6}$/.test(expires)) throw incomplete('X-Amz-Expires must be a number of seconds, at most 604800.');
  return {
    ...readScope(need('X-Amz-Credential')),
    signedHeaders: need('X-Amz-SignedHeaders').split(';'),
    signature: need('X-Amz-Signature'),
    signedAt: basicIsoTime(need('X-Amz-Date')),
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    expiresSeconds: Number(expires),
  };
}

function readScope(credential: string): Pick<SignatureClaims, 'accessKeyId' | 'date' | 'region' | 'service'> {
  // An access key id may itself contain slashes; the scope is always the last four parts.
  const scope = /^([\x21-\x7e]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request$/.exec(credential);
  const [, accessKeyId, date, region, service] = scope ?? [];
  if (!accessKeyId || !date || !region || !service) {
    throw incomplete('Credential must have the form <access key id>/<YYYYMMDD>/<region>/<service>/aws4_request.');
  }
  return { accessKeyId, date, region, service };
}

/** Milliseconds since the epoch of a time in ISO 8601 basic format, `YYYYMMDDTHHMMSSZ`; NaN when it is none. */
export const parseBasicTime = (time: string): number =>
  Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

function basicIsoTime(time: string): string {
  if (/^\d{8}T\d{6}Z$/.test(time) && !Number.isNaN(parseBasicTime(time))) return time;
  throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${time}'.`);
}

const incomplete = (explanation: string) => new Refusal('IncompleteSignature', explanation);
