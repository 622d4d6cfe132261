import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { createDeviceGrant } from './device-grant.ts';

/** An OpenID Connect issuer in the test's own process, which also makes tokens that it should not. */
export async function startTestIssuer() {
  const requests: string[] = [];
  const keys: JWK[] = [];
  let signingKey: CryptoKey;
  let kid = '';
  let reachable = true;

  async function addKey(newKid: string): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    keys.push({ ...(await exportJWK(publicKey)), kid: newKid, alg: 'ES256', use: 'sig' });
    [signingKey, kid] = [privateKey, newKid];
  }

  await addKey('test');
  const device = createDeviceGrant(() => `${url}/activate`);
  const server = createServer(async (request, response) => {
    requests.push(request.url ?? '');
    const granted = await device.answer(request);
    if (granted) {
      response.writeHead(granted.status, { 'content-type': 'application/json' }).end(JSON.stringify(granted.body));
      return;
    }
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': {
        issuer: url,
        jwks_uri: `${url}/jwks`,
        token_endpoint: `${url}/token`,
        device_authorization_endpoint: `${url}/device`,
      },
      '/jwks': { keys },
    };
    const answer = reachable ? answers[request.url ?? ''] : undefined;
    const status = answer ? 200 : reachable ? 404 : 503;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    audience: 'outport',
    /** How persons sign in on another device. */
    device,
    requests,
    /** What it serves as its keys. */
    keys,
    /** Signs with a new key from now on; the old ones are served no more. */
    async rotate(newKid: string): Promise<void> {
      keys.length = 0;
      await addKey(newKid);
    },
    /** Serves one more key, and signs with it from now on. */
    addKey,
    /** Answers every request with 503 from now on, or answers again. */
    setReachable(value: boolean): void {
      reachable = value;
    },
    /** A token for `subject`; `claims` replaces claims, `key` and `header` sign instead of the issuer's own. */
    token(
      subject: string,
      teams: readonly string[] = [],
      claims: JWTPayload = {},
      key: CryptoKey | Uint8Array = signingKey,
      header: { readonly alg?: string; readonly kid?: string | undefined } = {},
    ): Promise<string> {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const standard = { iss: url, aud: 'outport', sub: subject, teams: [...teams], exp: nowSeconds + 600 };
      return new SignJWT({ ...standard, iat: nowSeconds - 1, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid, ...header })
        .sign(key);
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
