import * as oidc from 'openid-client';
import type { Renewal } from './credentials.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** The OpenID Connect issuer to sign in at, and as which of its clients. */
interface Issuer {
  readonly issuer: string;
  readonly clientId: string;
}

export interface DeviceLogin extends Issuer {
  readonly scope: string;
  /** Sent as `audience`, for issuers that ask for it. */
  readonly audience?: string | undefined;
}

export interface Tokens {
  readonly token: string;
  readonly renewal: Renewal | null;
}

/** What a person is asked to do. */
export type Invite = (invitation: { readonly address: string; readonly code: string }) => void;

/** Renewed this long before it ends, so that it does not end on the way. */
const EARLY_MS = 60_000;

/**
 * Signs a person in with OAuth 2.0's device authorization grant (RFC 8628): they allow it in any browser, on any device.
 * @throws CommandError when the issuer cannot do that, or the person did not allow it
 */
export async function signInWithDevice(login: DeviceLogin, invite: Invite): Promise<Tokens> {
  return explaining(login, async () => {
    const configuration = await discover(login);
    if (!configuration.serverMetadata().device_authorization_endpoint) {
      throw new CommandError(
        `${login.issuer} has no device authorization endpoint.`,
        'Sign in there in another way and hand the token over: outport login --token -',
      );
    }
    const { scope, audience } = login;
    const device = await oidc.initiateDeviceAuthorization(configuration, { scope, ...(audience && { audience }) });
    invite({ address: device.verification_uri_complete ?? device.verification_uri, code: device.user_code });
    return tokensOf(login, await oidc.pollDeviceAuthorizationGrant(configuration, device));
  });
}

/** Whether a token had better be renewed before it is used. */
export const hasToBeRenewed = ({ expiresAtMs }: Renewal, nowMs: number): boolean => expiresAtMs - EARLY_MS <= nowMs;

/** @throws CommandError when the issuer does not renew it any more */
export async function renew(renewal: Renewal): Promise<Tokens> {
  return explaining(renewal, async () => {
    const answer = await oidc.refreshTokenGrant(await discover(renewal), renewal.refreshToken);
    return tokensOf(renewal, answer, renewal.refreshToken);
  });
}

function discover({ issuer, clientId }: Issuer): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  // What stays on this machine needs no TLS.
  const local = url.protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);
  const execute = local ? [oidc.allowInsecureRequests] : [];
  return oidc.discovery(url, clientId, undefined, oidc.None(), { execute });
}

/**
 * Outport reads JWTs. Where access tokens are none, the ID token is one, with the client as its audience.
 * @param before the refresh token until now, which stays good when there is no new one
 */
function tokensOf({ issuer, clientId }: Issuer, answer: oidc.TokenEndpointResponse, before?: string): Tokens {
  const { access_token, id_token, refresh_token = before, expires_in = 0 } = answer;
  const token = isJwt(access_token) ? access_token : id_token;
  if (token === undefined) {
    throw new CommandError(
      `${issuer} gave a token that is no JWT.`,
      'Ask for the scope "openid", or for an audience whose tokens are JWTs: --scope, --audience.',
    );
  }
  const renewal = refresh_token === undefined ? null : { issuer, clientId, refreshToken: refresh_token };
  return { token, renewal: renewal && { ...renewal, expiresAtMs: Date.now() + expires_in * 1000 } };
}

const isJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);

async function explaining<Result>({ issuer }: Issuer, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = reasonOf(error);
    const remedy = 'Check the issuer and the client id, and sign in again with "outport login".';
    throw new CommandError(`${issuer} did not sign you in: ${reason}`, remedy, EXIT.ERROR, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof oidc.ResponseBodyError) return error.error_description ?? error.error;
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
