import { createHash } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { RecordsTable } from '../records/table.ts';
import { IssuerKeys, type SelectKey } from './issuer-keys.ts';
import type { Principal } from './principal.ts';
import { RecentlyUsed } from './recently-used.ts';

/** An OpenID Connect issuer whose tokens are accepted. */
export interface Issuer {
  readonly issuer: string;
  /** A token must be for one of these. */
  readonly audiences: readonly string[];
  /** The claims that name the person, say what they are called, and list their teams. */
  readonly subjectClaim: string;
  readonly nameClaim: string;
  readonly teamsClaim: string;
  /**
   * What the names of its teams begin with in policies and everywhere else, so that no issuer can name a team of
   * another: see docs/decisions/0040-teams-of-several-issuers.md.
   */
  readonly teamPrefix: string;
  readonly algorithms: readonly string[];
}

/** Asymmetric ones only: with a shared secret in the list, a public key could be passed off as one. */
export const ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

/** Verifies the token of a request; `now` is what its times are compared with. */
export type Authenticate = (bearerToken: string | undefined, now: Date) => Promise<Principal>;

/** The token is missing, not ours to accept, forged or expired. `message` is safe to show. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';

  constructor(
    message: string,
    readonly code: 'TOKEN_MISSING' | 'TOKEN_EXPIRED' | 'TOKEN_INVALID' = 'TOKEN_INVALID',
  ) {
    super(message);
  }
}

/** How far the clock of an issuer may be from ours: for so long a token counts after its end and before its beginning. */
export const CLOCK_SKEW_SECONDS_MAX = 30;

/** Tokens that are remembered as verified, each a digest and who it names. */
const VERIFIED_MAX = 1_000;

interface Verified {
  readonly principal: Principal;
  /** What the issuer's keys were when it was verified. */
  readonly keys: SelectKey;
}

/**
 * Accepts the tokens of any of the issuers. The keys of each are kept in the records table as well.
 *
 * A token that was verified is not verified again until it has expired or the issuer's keys have been read anew, as they
 * are every ten minutes: a key that was withdrawn is trusted no longer for it.
 *
 * @returns a function that throws Unauthenticated for every fault of the token, IssuerUnavailable where only the issuer
 * could tell
 */
export function createAuthenticate(issuers: readonly Issuer[], table: RecordsTable): Authenticate {
  const accepted = issuers.map((issuer) => ({ ...issuer, keys: new IssuerKeys(table, issuer.issuer) }));
  const verified = new RecentlyUsed<Verified>(VERIFIED_MAX);
  return async (bearerToken, now) => {
    if (!bearerToken) throw new Unauthenticated('A bearer token is required.', 'TOKEN_MISSING');
    const claimed = issuerClaimedBy(bearerToken);
    const issuer = accepted.find((candidate) => candidate.issuer === claimed);
    if (!issuer) throw new Unauthenticated('The token is not from an issuer that this service accepts.');
    const keys = await issuer.keys.present(now.getTime());
    const digest = createHash('sha256').update(bearerToken).digest('base64');
    const known = verified.get(digest);
    if (known?.keys === keys && isGood(known.principal, now)) return known.principal;
    try {
      const { payload } = await jwtVerify(
        bearerToken,
        (header, token) => issuer.keys.select(header, token, now.getTime()),
        {
          issuer: issuer.issuer,
          audience: [...issuer.audiences],
          algorithms: [...issuer.algorithms],
          requiredClaims: [issuer.subjectClaim, 'exp'],
          clockTolerance: CLOCK_SKEW_SECONDS_MAX,
          currentDate: now,
        },
      );
      const principal = principalOf(payload, issuer, issuers);
      verified.set(digest, { principal, keys });
      return principal;
    } catch (error) {
      if (!isFaultOfToken(error)) throw error;
      const code = error instanceof errors.JWTExpired ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID';
      throw new Unauthenticated(`The token is not valid: ${error.message}.`, code);
    }
  };
}

/** As jose takes `exp`, with the tolerance for clocks. */
const isGood = ({ expiresAtSeconds }: Principal, now: Date): boolean =>
  expiresAtSeconds > Math.floor(now.getTime() / 1000) - CLOCK_SKEW_SECONDS_MAX;

function issuerClaimedBy(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    throw new Unauthenticated('The token is not a JSON Web Token.');
  }
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

function principalOf(payload: JWTPayload, issuer: Issuer, issuers: readonly Issuer[]): Principal {
  const subject = payload[issuer.subjectClaim];
  const name = payload[issuer.nameClaim];
  if (typeof subject !== 'string' || subject === '' || payload.exp === undefined) {
    throw new Unauthenticated(`The token names no person (${issuer.subjectClaim}) or no expiry.`);
  }
  return {
    issuer: issuer.issuer,
    subject,
    name: typeof name === 'string' ? name : null,
    teams: teamsOf(payload[issuer.teamsClaim], issuer, issuers),
    expiresAtSeconds: payload.exp,
  };
}

/** A name that another issuer's prefix claims is left out: it could only be meant to pass for one of that issuer's. */
function teamsOf(claim: unknown, { teamPrefix }: Issuer, issuers: readonly Issuer[]): string[] {
  const named: unknown[] = Array.isArray(claim) ? claim : [claim];
  const longerPrefixes = issuers.map((other) => other.teamPrefix).filter(({ length }) => length > teamPrefix.length);
  return named
    .filter((team) => typeof team === 'string' && team !== '')
    .map((team) => `${teamPrefix}${String(team)}`)
    .filter((team) => !longerPrefixes.some((prefix) => team.startsWith(prefix)));
}
