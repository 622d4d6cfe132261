import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Gateway } from '../../../src/local/host/gateway.ts';
import { HttpApi, httpReply, MAX_BODY_BYTES } from '../../../src/local/host/http-api.ts';
import type { InvocationResult } from '../../../src/local/host/invocation.ts';
import { DevelopmentIssuer } from '../../../src/local/host/issuer.ts';
import { WebsocketApi } from '../../../src/local/host/websocket-api.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const identity = { accountId: '999999999999', apiId: 'http', stage: '$default' };
const directory = temporaryDirectory();
let gateway: Gateway;
let events: unknown[];
let result: InvocationResult;

beforeAll(async () => {
  gateway = await Gateway.listen(0);
  const target = {
    name: 'example',
    invoke: async (event: unknown) => {
      events.push(event);
      return result;
    },
  };
  gateway.serve({
    issuer: await DevelopmentIssuer.open(`${directory.path}/key.pem`, `http://${gateway.host}/issuer`),
    http: new HttpApi(
      identity,
      new Map([
        ['POST /graphql', target],
        ['GET /files/{path+}', target],
        ['GET /files/old/{name+}', target],
      ]),
    ),
    websocket: new WebsocketApi(identity, new Map()),
  });
});

beforeEach(() => {
  events = [];
  result = { ok: true, payload: { statusCode: 200, body: 'ok' } };
});

afterAll(() => gateway.close());

describe('HttpApi', () => {
  test('sends the event of payload format 2.0', async () => {
    await fetch(`http://${gateway.host}/graphql?a=1&a=2&b=%20`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'X-Custom': 'Value',
        cookie: 'one=1; two=2',
        'user-agent': 'tester',
      },
      body: '{"query":"{ é }"}',
    });

    const port = gateway.host.split(':')[1];
    expect(events).toEqual([
      {
        version: '2.0',
        routeKey: 'POST /graphql',
        rawPath: '/graphql',
        rawQueryString: 'a=1&a=2&b=%20',
        cookies: ['one=1', 'two=2'],
        headers: expect.objectContaining({
          host: gateway.host,
          'content-type': 'application/json; charset=utf-8',
          'x-custom': 'Value',
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-port': port,
          'x-forwarded-proto': 'http',
        }),
        queryStringParameters: { a: '1,2', b: ' ' },
        requestContext: {
          accountId: '999999999999',
          apiId: 'http',
          domainName: gateway.host,
          domainPrefix: '127',
          http: { method: 'POST', path: '/graphql', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'tester' },
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          routeKey: 'POST /graphql',
          stage: '$default',
          time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
          timeEpoch: expect.any(Number),
        },
        body: '{"query":"{ é }"}',
        isBase64Encoded: false,
      },
    ]);
    expect(events[0]).not.toHaveProperty('headers.cookie');
  });

  test('encodes bodies that are not text', async () => {
    await fetch(`http://${gateway.host}/graphql`, { method: 'POST', body: new Uint8Array([1, 2, 255]) });

    expect(events).toMatchObject([{ body: 'AQL/', isBase64Encoded: true }]);
  });

  test('answers 404 to other routes without invoking anything', async () => {
    const replies = await Promise.all([
      fetch(`http://${gateway.host}/other`, { method: 'POST' }),
      fetch(`http://${gateway.host}/graphql`),
    ]);

    for (const reply of replies) {
      expect(reply.status).toBe(404);
      expect(await reply.json()).toEqual({ message: 'Not Found' });
    }
    expect(events).toEqual([]);
  });

  test.each([
    ['/files/a', 'GET /files/{path+}', { path: 'a' }],
    ['/files/a/b?c=d', 'GET /files/{path+}', { path: 'a/b' }],
    ['/files/old/a', 'GET /files/old/{name+}', { name: 'a' }],
    ['/files/old', 'GET /files/{path+}', { path: 'old' }],
  ])('takes the rest of a path for a greedy parameter: %s', async (path, routeKey, pathParameters) => {
    await fetch(`http://${gateway.host}${path}`);

    expect(events).toEqual([expect.objectContaining({ routeKey, pathParameters })]);
  });

  test('has no greedy parameter that stands for nothing', async () => {
    expect((await fetch(`http://${gateway.host}/files/`)).status).toBe(404);
  });

  test('answers 413 to a body over the limit', async () => {
    const body = Buffer.alloc(MAX_BODY_BYTES + 1);
    const status = await new Promise((resolve, reject) => {
      const post = request(`http://${gateway.host}/graphql`, { method: 'POST' }, (reply) => resolve(reply.statusCode));
      post.on('error', reject);
      post.write(body);
    });

    expect(status).toBe(413);
    expect(events).toEqual([]);
  });

  test.each(['//', '/%', '*', '/graphql?%', 'http://other/graphql'])('survives the target %s', async (target) => {
    const socket = connect(Number(gateway.host.split(':')[1]), '127.0.0.1');
    socket.end(`GET ${target} HTTP/1.1\r\nHost: ${gateway.host}\r\nConnection: close\r\n\r\n`);
    let reply = '';
    for await (const chunk of socket) reply += chunk;

    expect(reply).toMatch(/^HTTP\/1.1 404 /);
  });

  test('refuses a name by which a web page could reach it', async () => {
    const status = await new Promise((resolve) => {
      request(`http://${gateway.host}/graphql`, { headers: { host: 'evil.example' } }, (reply) =>
        resolve(reply.statusCode),
      ).end();
    });

    expect(status).toBe(403);
  });
});

describe('httpReply', () => {
  const of = (payload: unknown) => httpReply({ ok: true, payload });

  test('takes status, headers, cookies and body from the function', () => {
    expect(
      of({ statusCode: 201, headers: { 'X-One': 1 }, cookies: ['a=b'], body: 'aGk=', isBase64Encoded: true }),
    ).toEqual({
      status: 201,
      headers: { 'content-type': 'text/plain;charset=UTF-8', 'x-one': '1', 'set-cookie': ['a=b'] },
      body: Buffer.from('hi'),
    });
  });

  test('infers a reply from a result without a status', () => {
    const headers = { 'content-type': 'application/json' };
    expect(of({ hello: 1 })).toEqual({ status: 200, headers, body: '{"hello":1}' });
    expect(of('text')).toEqual({ status: 200, headers, body: 'text' });
  });

  test.each([
    ['a function that failed', { ok: false, error: { errorType: 'Error', errorMessage: 'secret' } }],
    ['a status that is none', { ok: true, payload: { statusCode: 'x' } }],
    ['headers that are none', { ok: true, payload: { statusCode: 200, headers: 'x' } }],
  ] as const)('hides %s behind a 500', (_name, failed) => {
    expect(httpReply(failed)).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });
});
