import { stat } from 'node:fs/promises';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Gateway } from '../../../src/local/host/gateway.ts';
import { HttpApi } from '../../../src/local/host/http-api.ts';
import { DevelopmentIssuer } from '../../../src/local/host/issuer.ts';
import { WebsocketApi } from '../../../src/local/host/websocket-api.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const identity = { accountId: '999999999999', apiId: 'any', stage: 'local' };
const directory = temporaryDirectory();
let gateway: Gateway;
let issuer: DevelopmentIssuer;

beforeAll(async () => {
  gateway = await Gateway.listen(0);
  issuer = await DevelopmentIssuer.open(`${directory.path}/key.pem`, `http://${gateway.host}/issuer`);
  gateway.serve({
    issuer,
    http: new HttpApi(identity, new Map()),
    websocket: new WebsocketApi(identity, new Map()),
  });
});

afterAll(() => gateway.close());

/** The body of a reply, of which a test says which strings it expects. */
const json = async (reply: Response | Promise<Response>): Promise<Record<string, string>> =>
  (await (await reply).json()) as Record<string, string>;

const ask = (body: unknown, contentType = 'application/json') =>
  fetch(`${issuer.url}/token`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('DevelopmentIssuer', () => {
  test('mints tokens that its published keys verify', async () => {
    const discovery = await json(fetch(`${issuer.url}/.well-known/openid-configuration`));
    const { access_token: token = '' } = await json(ask({ subject: 'ana', name: 'Ana', teams: ['data'] }));
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(discovery.jwks_uri ?? '')), {
      issuer: discovery.issuer,
      audience: 'outport',
    });

    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({ sub: 'ana', name: 'Ana', teams: ['data'] });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(12 * 60 * 60);
  });

  test('publishes no private key', async () => {
    const { keys } = await json(fetch(`${issuer.url}/jwks`));
    expect(keys).toEqual([expect.not.objectContaining({ d: expect.anything() })]);
  });

  test('keeps its key, readable by its owner only', async () => {
    const again = await DevelopmentIssuer.open(`${directory.path}/key.pem`, issuer.url);
    await expect(
      jwtVerify(await again.mint({ subject: 'ana' }), createRemoteJWKSet(new URL(`${issuer.url}/jwks`))),
    ).resolves.toBeDefined();
    expect((await stat(`${directory.path}/key.pem`)).mode & 0o777).toBe(0o600);
  });

  test('mints a token that has expired when it is asked for one', async () => {
    const { access_token: token = '' } = await json(ask({ subject: 'ana', expiresInSeconds: -60 }));
    expect(Number(decodeJwt(token).exp)).toBeLessThan(Date.now() / 1000);
  });

  test('takes JSON only, so that no web page can ask for a token', async () => {
    expect((await ask('{"subject":"ana"}', 'text/plain')).status).toBe(415);
  });

  test.each([
    ['{', 'The body is not JSON'],
    [[], 'The body must be an object'],
    [{}, 'subject must be a string that is not empty'],
    [{ subject: 'a', teams: 'x' }, 'teams must be a list of at most 100 strings'],
    [{ subject: 'a', name: 1 }, 'name must be a string'],
    [{ subject: 'a', expiresInSeconds: 1e9 }, 'expiresInSeconds must be an integer of at most 604800'],
    [{ subject: 'a', admin: true }, 'Unknown: admin'],
  ])('refuses %j', async (body, message) => {
    const reply = await ask(body);
    expect(reply.status).toBe(400);
    expect(await json(reply)).toEqual({ message });
  });

  test('knows no other path', async () => {
    expect((await fetch(`${issuer.url}/userinfo`)).status).toBe(404);
  });
});
