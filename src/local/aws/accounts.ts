import type { SignatureClaims } from './credentials.ts';
import { Refusal } from './refusal.ts';
import type { Caller } from './service.ts';
import { equalInConstantTime } from './signature.ts';

/** The account of every access key id that names none. */
export const DEFAULT_ACCOUNT_ID = '000000000000';

/**
 * The secret of every permanent access key, checked only when signatures are verified. As all accounts share it, a
 * verified signature proves that the client signs well and nothing was changed on the way, not whose account it is.
 */
const LOCAL_SECRET_ACCESS_KEY = 'outport';

/** A session of temporary credentials, as the embedded STS issued it. */
export interface IssuedSession {
  readonly caller: Caller;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

/** Where issued sessions are found again. */
export interface IssuedSessions {
  /** Returns expired sessions, too, for as long as they are remembered. */
  find(accessKeyId: string): Promise<IssuedSession | undefined>;
}

/** Who a request claims to be, and the secret its signature must have been made with. */
export interface Identity {
  readonly caller: Caller;
  readonly secretAccessKey: string;
}

/**
 * The rule of accounts: an access key id of 12 digits is that account's root user, `ASIA…` is a session issued by the
 * embedded STS, and whatever else people have in their profiles belongs to the default account.
 * @throws Refusal for a session that was never issued here, has expired or comes with another token
 */
export async function identify(claims: SignatureClaims, sessions: IssuedSessions, nowMs: number): Promise<Identity> {
  const { accessKeyId } = claims;
  if (!accessKeyId.startsWith('ASIA')) {
    return { caller: rootOf(accountOfKey(accessKeyId), accessKeyId), secretAccessKey: LOCAL_SECRET_ACCESS_KEY };
  }
  const session = await sessions.find(accessKeyId);
  if (!session) throw new Refusal('UnknownAccessKey', undefined, { AWSAccessKeyId: accessKeyId });
  if (!equalInConstantTime(session.sessionToken, claims.sessionToken ?? '')) throw new Refusal('InvalidSessionToken');
  if (session.expiresAtMs <= nowMs) throw new Refusal('ExpiredSessionToken');
  return { caller: session.caller, secretAccessKey: session.secretAccessKey };
}

/** The account that an access key id names, whether or not its request was let in. */
export const accountOfKey = (accessKeyId: string): string =>
  /^\d{12}$/.test(accessKeyId) ? accessKeyId : DEFAULT_ACCOUNT_ID;

function rootOf(accountId: string, accessKeyId: string): Caller {
  return {
    type: 'Root',
    accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    principalId: accountId,
    accessKeyId,
  };
}
