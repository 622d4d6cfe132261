import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** An OpenID Connect issuer in the test's own process, which also makes tokens that it should not. */
export async function startTestIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' };
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/jwks` },
      '/jwks': { keys: [jwk] },
    };
    const answer = answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    audience: 'outport',
    requests,
    /** A token for `subject`; `claims` replaces claims, `key` signs instead of the issuer's own. */
    token(subject: string, teams: readonly string[] = [], claims: JWTPayload = {}, key = privateKey): Promise<string> {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const standard = { iss: url, aud: 'outport', sub: subject, teams: [...teams], exp: nowSeconds + 600 };
      return new SignJWT({ ...standard, iat: nowSeconds - 1, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'test' })
        .sign(key);
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
