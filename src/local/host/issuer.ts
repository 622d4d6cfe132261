import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type JWK,
  SignJWT,
} from 'jose';
import { gatewayReply, type HttpReply, readBody, requestUrl } from './http-api.ts';
import { isObject } from './is-object.ts';

/** Whom a token is for, and for how long. */
export interface TokenClaims {
  readonly subject: string;
  readonly name?: string;
  readonly teams?: readonly string[];
  /** Default 12 hours. A negative number makes a token that has expired already, to see what becomes of it. */
  readonly expiresInSeconds?: number;
}

export const TOKEN_AUDIENCE = 'outport';

const ALGORITHM = 'ES256';
const DEFAULT_TOKEN_SECONDS = 12 * 60 * 60;
const MAX_TOKEN_SECONDS = 7 * 24 * 60 * 60;
const MAX_REQUEST_BYTES = 16 * 1024;
const MAX_TEAMS = 100;

/**
 * An OpenID Connect issuer for one machine: mints tokens for whoever can reach it, and serves the keys that verify
 * them, so that the functions verify tokens here as they do those of an organisation's own issuer.
 */
export class DevelopmentIssuer {
  /** The `iss` of its tokens. */
  readonly url: string;
  readonly #privateKey: CryptoKey;
  readonly #publicKey: JWK;

  private constructor(url: string, privateKey: CryptoKey, publicKey: JWK) {
    this.url = url;
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
  }

  /** Takes the key from `keyFile`, which it makes, readable by its owner only, at the first start. */
  static async open(keyFile: string, url: string): Promise<DevelopmentIssuer> {
    const privateKey = await importPKCS8(await readOrCreateKey(keyFile), ALGORITHM, { extractable: true });
    const { d: _private, ...jwk } = await exportJWK(privateKey);
    const publicKey = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM, use: 'sig' };
    return new DevelopmentIssuer(url, privateKey, publicKey);
  }

  mint(claims: TokenClaims): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const { subject, name, teams = [], expiresInSeconds = DEFAULT_TOKEN_SECONDS } = claims;
    return (
      new SignJWT({ ...(name !== undefined && { name }), teams: [...teams] })
        .setProtectedHeader({ alg: ALGORITHM, kid: this.#publicKey.kid, typ: 'JWT' })
        .setIssuer(this.url)
        .setAudience(TOKEN_AUDIENCE)
        .setSubject(subject)
        .setJti(randomUUID())
        // A token cannot expire before it was issued.
        .setIssuedAt(nowSeconds + Math.min(expiresInSeconds, 0))
        .setExpirationTime(nowSeconds + expiresInSeconds)
        .sign(this.#privateKey)
    );
  }

  /** Answers requests below the issuer's URL; undefined: another path. */
  async handle(request: IncomingMessage): Promise<HttpReply | undefined> {
    const root = new URL(this.url).pathname;
    const { pathname } = requestUrl(request);
    if (!pathname.startsWith(`${root}/`)) return undefined;
    switch (`${request.method} ${pathname.slice(root.length)}`) {
      case 'GET /.well-known/openid-configuration':
        return json({
          issuer: this.url,
          jwks_uri: `${this.url}/jwks`,
          token_endpoint: `${this.url}/token`,
          response_types_supported: ['none'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: [ALGORITHM],
        });
      case 'GET /jwks':
        return json({ keys: [this.#publicKey] });
      case 'POST /token':
        return this.#token(request);
      default:
        return gatewayReply(404, 'Not Found');
    }
  }

  async #token(request: IncomingMessage): Promise<HttpReply> {
    // A web page can send JSON to another origin only after a preflight, which nothing here answers.
    if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
      return gatewayReply(415, 'The content type must be application/json');
    }
    const body = await readBody(request, MAX_REQUEST_BYTES);
    if (body === undefined) return gatewayReply(413, 'Request Entity Too Large');
    const claims = parseClaims(body.toString('utf8'));
    if (typeof claims === 'string') return gatewayReply(400, claims);
    return json({ access_token: await this.mint(claims), token_type: 'Bearer' });
  }
}

/** The claims asked for, or what is wrong with them. */
function parseClaims(text: string): TokenClaims | string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'The body is not JSON';
  }
  if (!isObject(body)) return 'The body must be an object';
  const { subject, name, teams, expiresInSeconds, ...rest } = body;
  const unknownClaim = Object.keys(rest)[0];
  if (unknownClaim !== undefined) return `Unknown: ${unknownClaim}`;
  if (typeof subject !== 'string' || subject === '') return 'subject must be a string that is not empty';
  if (name !== undefined && typeof name !== 'string') return 'name must be a string';
  if (teams !== undefined && !isTeams(teams)) return `teams must be a list of at most ${MAX_TEAMS} strings`;
  if (expiresInSeconds !== undefined && !isDuration(expiresInSeconds)) {
    return `expiresInSeconds must be an integer of at most ${MAX_TOKEN_SECONDS}`;
  }
  return { subject, name, teams, expiresInSeconds };
}

function isTeams(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_TEAMS && value.every((team) => typeof team === 'string');
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_TOKEN_SECONDS;
}

async function readOrCreateKey(keyFile: string): Promise<string> {
  const existing = await readFile(keyFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (existing !== undefined) return existing;
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const created = await exportPKCS8(privateKey);
  await writeFile(keyFile, created, { mode: 0o600, flag: 'wx' });
  return created;
}

function json(value: unknown): HttpReply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
