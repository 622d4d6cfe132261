import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';

let plane: TestControlPlane;
let platform: string;

beforeAll(async () => {
  plane = await startControlPlane();
  platform = await plane.issuer.token('ann', ['platform']);
});
afterAll(() => plane.close());
afterEach(() => vi.restoreAllMocks());

const TYPENAME = '{ __typename }';

describe('a token', () => {
  const nowSeconds = () => Math.floor(Date.now() / 1000);
  const BAD_TOKENS: Array<[string, () => Promise<string> | string, RegExp]> = [
    ['that is missing', () => '', /required/],
    ['that is no JWT', () => 'abc', /not a JSON Web Token/],
    ['that has expired', () => plane.issuer.token('ann', [], { exp: nowSeconds() - 60 }), /"exp"/],
    ['that never expires', () => plane.issuer.token('ann', [], { exp: undefined }), /"exp"/],
    ['that names nobody', () => plane.issuer.token('ann', [], { sub: undefined }), /"sub"/],
    ['for another audience', () => plane.issuer.token('ann', [], { aud: 'elsewhere' }), /"aud"/],
    [
      'of an issuer that is not accepted',
      () => plane.issuer.token('ann', [], { iss: 'https://example.com' }),
      /issuer/,
    ],
    [
      'signed with another key',
      async () => plane.issuer.token('ann', ['platform'], {}, (await generateKeyPair('ES256')).privateKey),
      /signature/,
    ],
    [
      'without a signature',
      () =>
        new UnsecuredJWT({ sub: 'ann' })
          .setIssuer(plane.issuer.url)
          .setAudience('outport')
          .setExpirationTime('1h')
          .encode(),
      /not valid/,
    ],
    [
      'signed with a shared secret',
      () =>
        new SignJWT({ sub: 'ann' })
          .setProtectedHeader({ alg: 'HS256', kid: 'test' })
          .setIssuer(plane.issuer.url)
          .setAudience('outport')
          .setExpirationTime('1h')
          .sign(new TextEncoder().encode('a secret of at least 32 characters')),
      /not valid/,
    ],
  ];

  test.each(BAD_TOKENS)('%s is refused before anything is looked at', async (_what, token, message) => {
    const answer = await plane.query(await token(), '{ this is not even GraphQL');
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { errors: [{ message: expect.stringMatching(message), extensions: { code: 'UNAUTHENTICATED' } }] },
    });
    expect(answer.body).not.toHaveProperty('data');
  });

  test('that is good lets in, and the issuer is asked for its keys once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => plane.query(platform, TYPENAME)));
    expect(await plane.query(platform, TYPENAME)).toMatchObject({
      status: 200,
      body: { data: { __typename: 'Query' } },
    });
    expect(plane.issuer.requests.filter((path) => path === '/jwks')).toHaveLength(1);
  });
});

describe('a document', () => {
  const nested = (levels: number) => {
    const fields = ['exports(first: 1)', 'edges', 'node', 'destination', 'encryption'];
    // No valid query is so deep yet: limits are checked before the fields are looked up.
    const path = Array.from({ length: levels }, (_, level) => fields[level] ?? `x${level}`);
    return path.reduceRight((inner, field) => `{ ${field} ${inner} }`, '');
  };
  const reasons = async (query: string) => {
    const { status, body } = await plane.query(platform, query);
    return {
      status,
      codes: body.errors?.map((error: { extensions: Record<string, string> }) => error.extensions.code),
      reasons: body.errors?.flatMap((error: { extensions: Record<string, string> }) => error.extensions.reason ?? []),
    };
  };

  test('of 10 levels is not too deep, of 11 is', async () => {
    expect((await reasons(nested(10))).reasons).toEqual([]);
    expect(await reasons(nested(11))).toMatchObject({ status: 400, reasons: ['QUERY_TOO_DEEP'] });
    expect((await reasons(nested(11))).codes).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test('may have 15 aliases, not 16', async () => {
    const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, n) => `a${n}: __typename`).join(' ')} }`;
    expect(await reasons(aliases(15))).toMatchObject({ status: 200 });
    expect(await reasons(aliases(16))).toMatchObject({ status: 400, reasons: ['TOO_MANY_ALIASES'] });
  });

  test('may have 1,000 tokens, not 1,001', async () => {
    // So many times the same field is too much for graphql-js' own validation, which comes later.
    expect((await reasons(`{ ${'__typename '.repeat(998)} }`)).codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect((await reasons(`{ ${'__typename '.repeat(999)} }`)).codes).toEqual(['GRAPHQL_PARSE_FAILED']);
  });

  test.each([0, -1, 101, 1000])('with a page of %i is refused', async (first) => {
    const { status, body } = await plane.query(platform, `{ exports(first: ${first}) { nodes { id } } }`);
    expect({ status, ...body.errors[0] }).toMatchObject({
      status: 400,
      message: `"first" must be between 1 and 100, not ${first}.`,
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  test('without a page size is refused', async () => {
    expect(await reasons('{ exports { nodes { id } } }')).toMatchObject({
      status: 400,
      codes: ['GRAPHQL_VALIDATION_FAILED'],
    });
  });

  test('with a typo is told nothing about the schema', async () => {
    const { body } = await plane.query(platform, '{ exprts(first: 1) { nodes { id } } }');
    expect(body.errors[0].message).toBe('Cannot query field "exprts" on type "Query".');
  });

  test('that introspects is refused unless configured', async () => {
    expect(await reasons('{ __schema { queryType { name } } }')).toMatchObject({ status: 400 });
  });
});

describe('an HTTP request', () => {
  const authorization = () => ({ authorization: `Bearer ${platform}` });

  test.each([
    ['a batch', () => plane.send(`[{"query":"${TYPENAME}"}]`, authorization()), 400],
    ['no JSON', () => plane.send('{', authorization()), 400],
    ['no query', () => plane.send('{}', authorization()), 400],
    [
      'a form',
      () => plane.send('query=x', { ...authorization(), 'content-type': 'application/x-www-form-urlencoded' }),
      415,
    ],
    ['text', () => plane.send('{}', { ...authorization(), 'content-type': 'text/plain' }), 415],
    ['a body of 15,001 bytes', () => plane.send(' '.repeat(15_001), authorization()), 413],
    ['GET', () => plane.send('', authorization(), 'GET'), 405],
  ])('%s is refused', async (_what, send, status) => {
    expect(await send()).toMatchObject({ status, body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] } });
  });

  test('that meets a failure of ours is told where to find it, and no more', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    // Counting the request, where it is not counted yet, is the only thing that still works.
    vi.spyOn(plane.outport.table.client, 'send').mockImplementation((command) =>
      command instanceof UpdateCommand ? Promise.resolve() : Promise.reject(new Error('secret detail')),
    );

    const { status, headers, body } = await plane.query(platform, '{ exports(first: 1) { nodes { id } } }');

    expect(status).toBe(200);
    expect(body.errors).toEqual([
      {
        message: 'Internal server error',
        locations: expect.anything(),
        path: ['exports'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: headers['x-request-id'] },
      },
    ]);
    expect(log.mock.calls.map(([line]) => JSON.parse(String(line)))).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        requestId: headers['x-request-id'],
        message: 'secret detail',
        stack: expect.stringContaining('secret detail'),
      }),
    );
  });

  test('while the issuer cannot be reached is told to come again, not that its token is wrong', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
    const gone = 'http://127.0.0.1:9';
    const issuers = JSON.stringify([{ issuer: gone, audience: 'outport' }]);
    const other = await startControlPlane({ OUTPORT_ISSUERS: issuers });
    try {
      const answer = await other.query(await plane.issuer.token('ann', [], { iss: gone }), TYPENAME);
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'retry-after': '30' },
        body: { errors: [{ extensions: { code: 'ISSUER_UNAVAILABLE' } }] },
      });
    } finally {
      await other.close();
    }
  });
});
