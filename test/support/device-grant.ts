import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** OAuth 2.0's device authorization and refresh grants, for one person at a time. */
export interface DeviceGrant {
  /** What was sent to begin with. */
  readonly asked: Array<Record<string, string>>;
  tokenFor: () => Promise<string>;
  expiresInSeconds: number;
  /** What the person says from now on; until then they have not said anything. */
  allow(): void;
  deny(): void;
  /** Undefined: no address of these grants. */
  answer(request: IncomingMessage): Promise<Reply | undefined>;
}

export function createDeviceGrant(verificationUri: () => string): DeviceGrant {
  let said: 'NOTHING' | 'YES' | 'NO' = 'NOTHING';
  let issued = 0;
  const failed = (error: string, error_description: string): Reply => ({
    status: 400,
    body: { error, error_description },
  });
  const grant: DeviceGrant = {
    asked: [],
    tokenFor: () => Promise.reject(new Error('nobody said for whom')),
    expiresInSeconds: 600,
    allow: () => {
      said = 'YES';
    },
    deny: () => {
      said = 'NO';
    },
    async answer(request) {
      if (request.method !== 'POST') return undefined;
      const form = Object.fromEntries(new URLSearchParams(await text(request)));
      if (request.url === '/device') {
        grant.asked.push(form);
        const addresses = { verification_uri: verificationUri(), expires_in: 60, interval: 1 };
        return { status: 200, body: { device_code: 'dc', user_code: 'WDJB-MJHT', ...addresses } };
      }
      if (request.url !== '/token') return undefined;
      const refreshed = form.grant_type === 'refresh_token' && form.refresh_token === `refresh-${issued}`;
      if (!refreshed && said === 'NOTHING') return failed('authorization_pending', 'They have yet to say.');
      if (!refreshed && said === 'NO') return failed('access_denied', 'They said no.');
      issued += 1;
      const { expiresInSeconds: expires_in } = grant;
      const tokens = { access_token: await grant.tokenFor(), refresh_token: `refresh-${issued}` };
      return { status: 200, body: { ...tokens, token_type: 'Bearer', expires_in } };
    },
  };
  return grant;
}
