import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientCredentialsToken } from './clientCredentials';

let server: Server;
let tokenUrl: string;
let asked: { readonly authorization: string | undefined; readonly body: string }[];
let answer: { readonly status: number; readonly body: unknown };

beforeAll(async () => {
  server = createServer(async (request, response) => {
    asked.push({ authorization: request.headers.authorization, body: await text(request) });
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});

afterAll(() => server.close());

beforeEach(() => {
  asked = [];
  answer = { status: 200, body: { access_token: 'first', token_type: 'Bearer', expires_in: 300 } };
});

const client = () => ({
  tokenUrl,
  clientId: 'back:stage',
  clientSecret: 's3 crét',
  scope: undefined,
  audience: 'outport',
});

describe('a token by client credentials', () => {
  it('is asked for as RFC 6749 says', async () => {
    await expect(clientCredentialsToken(client())()).resolves.toBe('first');
    const [{ authorization, body } = { authorization: '', body: '' }] = asked;
    expect(Buffer.from(String(authorization).replace('Basic ', ''), 'base64').toString()).toBe(
      'back%3Astage:s3+cr%C3%A9t',
    );
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'client_credentials',
      audience: 'outport',
    });
  });

  it('is asked for once by all who need it, and again a minute before it expires', async () => {
    let now = 0;
    const token = clientCredentialsToken(client(), () => now);
    await expect(Promise.all([token(), token(), token()])).resolves.toEqual(['first', 'first', 'first']);
    answer = { status: 200, body: { access_token: 'second', expires_in: 300 } };
    now = 239_999;
    await expect(token()).resolves.toBe('first');
    now = 240_000;
    await expect(token()).resolves.toBe('second');
    expect(asked).toHaveLength(2);
  });

  it('that was not given is asked for again the next time, and what happened is said without the secret', async () => {
    const token = clientCredentialsToken(client());
    answer = { status: 401, body: { error: 'invalid_client' } };
    const error = await token().catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ServiceUnavailableError', message: expect.stringContaining('answered 401') });
    expect(String(error)).not.toContain('s3');

    answer = { status: 200, body: { no_token: true } };
    await expect(token()).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    answer = { status: 200, body: { access_token: 'at last' } };
    await expect(token()).resolves.toBe('at last');
  });
});
