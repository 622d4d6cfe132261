import { ServiceUnavailableError } from '@backstage/errors';
import { z } from 'zod/v3';

/** An OAuth 2.0 client that gets tokens for itself. */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  readonly audience: string | undefined;
}

const ANSWER_WITHIN_MS = 10_000;
/** A token is renewed so long before it expires, as clocks differ and requests take time. */
const RENEW_BEFORE_MS = 60_000;

const tokenAnswer = z.object({ access_token: z.string(), expires_in: z.number().default(0) });

/**
 * Gets tokens by the grant `client_credentials` (RFC 6749, section 4.4), and keeps each until a minute before it expires.
 * @returns what gives the token to send now; it rejects with a ServiceUnavailableError
 */
export function clientCredentialsToken(client: ClientCredentials, now: () => number = Date.now): () => Promise<string> {
  let current: { readonly token: Promise<string>; renewAtMs: number } | undefined;
  return () => {
    if (current && now() < current.renewAtMs) return current.token;
    const answer = requestToken(client);
    // Whoever asks meanwhile waits for the same answer.
    const asked = { token: answer.then(({ access_token }) => access_token), renewAtMs: Number.POSITIVE_INFINITY };
    current = asked;
    answer.then(
      ({ expires_in }) => {
        asked.renewAtMs = now() + expires_in * 1000 - RENEW_BEFORE_MS;
      },
      () => {
        asked.renewAtMs = 0;
      },
    );
    return asked.token;
  };
}

async function requestToken({ tokenUrl, clientId, clientSecret, scope, audience }: ClientCredentials) {
  try {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: { authorization: basic(clientId, clientSecret), accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        ...(scope !== undefined && { scope }),
        ...(audience !== undefined && { audience }),
      }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return tokenAnswer.parse(await response.json());
  } catch (error) {
    throw new ServiceUnavailableError(`No token for Outport from ${tokenUrl}`, error);
  }
}

/** RFC 6749, section 2.3.1: both parts are form-encoded first. */
function basic(clientId: string, clientSecret: string): string {
  const [id, secret] = [clientId, clientSecret].map((part) =>
    new URLSearchParams({ part }).toString().slice('part='.length),
  );
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}
