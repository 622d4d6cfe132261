import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Principal } from './principal.ts';

/** An OpenID Connect issuer whose tokens are accepted. */
export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  /** The claim that lists the person's teams. Policies trust every issuer's teams alike. */
  readonly teamsClaim: string;
}

/** Verifies the token of a request; `now` is what its expiry is compared with. */
export type Authenticate = (bearerToken: string | undefined, now: Date) => Promise<Principal>;

/** The token is missing, not ours to accept, forged or expired. `message` is safe to show. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';
}

/** Asymmetric algorithms only: with a shared secret in the list, a public key could be passed off as one. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const ISSUER_TIMEOUT_MS = 5_000;
const CLOCK_TOLERANCE_SECONDS = 5;

export function createAuthenticate(issuers: readonly Issuer[]): Authenticate {
  const accepted = issuers.map((issuer) => ({ ...issuer, keys: keysOf(issuer.issuer) }));
  return async (bearerToken, now) => {
    if (!bearerToken) throw new Unauthenticated('A bearer token is required.');
    const claimed = issuerClaimedBy(bearerToken);
    const issuer = accepted.find((candidate) => candidate.issuer === claimed);
    if (!issuer) throw new Unauthenticated('The token is not from an issuer that this service accepts.');
    try {
      const { payload } = await jwtVerify(bearerToken, issuer.keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: now,
      });
      return principalOf(payload, issuer);
    } catch (error) {
      if (isFaultOfToken(error)) throw new Unauthenticated(`The token is not valid: ${error.message}.`);
      throw error;
    }
  };
}

function issuerClaimedBy(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    throw new Unauthenticated('The token is not a JSON Web Token.');
  }
}

/** Finds the issuer's keys by discovery, when the first token comes; jose caches them and fetches new ones as needed. */
function keysOf(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    found ??= discoverKeys(issuer);
    const keys = await found.catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return keys(header, token);
  };
}

async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`issuer ${issuer}: discovery answered ${response.status}`);
  const metadata: unknown = await response.json();
  if (typeof metadata !== 'object' || metadata === null || !('jwks_uri' in metadata) || !('issuer' in metadata)) {
    throw new Error(`issuer ${issuer}: discovery names no issuer or no jwks_uri`);
  }
  if (metadata.issuer !== issuer) throw new Error(`issuer ${issuer}: discovery is of ${String(metadata.issuer)}`);
  return createRemoteJWKSet(new URL(String(metadata.jwks_uri)), { timeoutDuration: ISSUER_TIMEOUT_MS });
}

/** Everything else, such as keys that cannot be fetched, is a failure of ours or the issuer's, not of the caller. */
function isFaultOfToken(error: unknown): error is Error {
  return (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  );
}

function principalOf(payload: JWTPayload, { issuer, teamsClaim }: Issuer): Principal {
  const { sub, exp, name } = payload;
  const teams = payload[teamsClaim];
  if (!sub || exp === undefined) throw new Unauthenticated('The token names no subject or no expiry.');
  return {
    issuer,
    subject: sub,
    name: typeof name === 'string' ? name : null,
    teams: Array.isArray(teams) ? teams.filter((team) => typeof team === 'string') : [],
    expiresAtSeconds: exp,
  };
}
