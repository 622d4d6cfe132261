import { once } from 'node:events';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Gateway } from '../../../src/local/host/gateway.ts';
import { HttpApi } from '../../../src/local/host/http-api.ts';
import type { InvocationResult, InvocationTarget } from '../../../src/local/host/invocation.ts';
import { DevelopmentIssuer } from '../../../src/local/host/issuer.ts';
import { WebsocketApi, type WebsocketLimits } from '../../../src/local/host/websocket-api.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const identity = { accountId: '999999999999', apiId: 'websocket', stage: 'local' };
const PROTOCOL = 'graphql-transport-ws';
const accepted: InvocationResult = {
  ok: true,
  payload: { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': PROTOCOL } },
};

interface Event {
  readonly requestContext: { readonly connectionId: string; readonly eventType: string };
  readonly body?: string;
}

const directory = temporaryDirectory();
let gateway: Gateway;
let management: ApiGatewayManagementApiClient;
let events: Event[];
let results: Record<string, InvocationResult | (() => Promise<InvocationResult>)>;
let arrived: () => void;

/** Resolves when events of these types have arrived, in any order. */
async function eventsOf(...types: string[]): Promise<Event[]> {
  while (!types.every((type) => events.some(({ requestContext }) => requestContext.eventType === type))) {
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
  }
  return types.flatMap((type) => events.filter(({ requestContext }) => requestContext.eventType === type));
}

function route(name: string): [string, InvocationTarget] {
  const invoke = async (event: unknown) => {
    events.push(event as Event);
    arrived();
    const result = results[name] ?? accepted;
    return typeof result === 'function' ? result() : result;
  };
  return [name, { name, invoke }];
}

async function serve(limits?: WebsocketLimits) {
  gateway.serve({
    issuer: await DevelopmentIssuer.open(`${directory.path}/key.pem`, `http://${gateway.host}/issuer`),
    http: new HttpApi(identity, new Map()),
    websocket: new WebsocketApi(identity, new Map(['$connect', '$default', '$disconnect'].map(route)), limits),
  });
}

function connect(protocol: string | undefined = PROTOCOL, path = '/local'): WebSocket {
  return new WebSocket(`ws://${gateway.host}${path}`, protocol, { headers: { 'X-Custom': 'Value' } });
}

async function open(): Promise<{ socket: WebSocket; connectionId: string }> {
  const socket = connect();
  await once(socket, 'open');
  return { socket, connectionId: events.at(-1)?.requestContext.connectionId ?? '' };
}

/** The status with which a handshake is refused. */
async function refusal(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  return response.statusCode;
}

beforeEach(async () => {
  events = [];
  results = {};
  arrived = () => undefined;
  gateway = await Gateway.listen(0);
  await serve();
  management = new ApiGatewayManagementApiClient({
    region: 'us-east-1',
    endpoint: `http://${gateway.host}/local`,
    credentials: { accessKeyId: '999999999999', secretAccessKey: 'outport' },
  });
});

afterEach(async () => {
  management.destroy();
  await gateway.close();
});

describe('$connect', () => {
  test('is asked with the headers as the client wrote them', async () => {
    const { socket, connectionId } = await open();

    expect(socket.protocol).toBe(PROTOCOL);
    expect(events).toEqual([
      {
        headers: expect.objectContaining({
          Host: gateway.host,
          'Sec-WebSocket-Protocol': PROTOCOL,
          'X-Custom': 'Value',
        }),
        multiValueHeaders: expect.objectContaining({ 'Sec-WebSocket-Protocol': [PROTOCOL], 'X-Custom': ['Value'] }),
        requestContext: {
          routeKey: '$connect',
          eventType: 'CONNECT',
          extendedRequestId: expect.any(String),
          requestTime: expect.any(String),
          messageDirection: 'IN',
          stage: 'local',
          connectedAt: expect.any(Number),
          requestTimeEpoch: expect.any(Number),
          identity: { userAgent: '', sourceIp: '127.0.0.1' },
          requestId: expect.any(String),
          domainName: gateway.host,
          connectionId,
          apiId: 'websocket',
        },
        isBase64Encoded: false,
      },
    ]);
  });

  test('passes query parameters', async () => {
    await once(connect(PROTOCOL, '/local?a=1&a=2'), 'open');

    expect(events).toMatchObject([
      { queryStringParameters: { a: '2' }, multiValueQueryStringParameters: { a: ['1', '2'] } },
    ]);
  });

  test('refuses the handshake with the status of the function', async () => {
    results.$connect = { ok: true, payload: { statusCode: 401 } };
    expect(await refusal(connect())).toBe(401);
  });

  test('refuses the handshake when the function fails or answers nothing usable', async () => {
    results.$connect = { ok: false, error: { errorType: 'Error', errorMessage: 'bug' } };
    expect(await refusal(connect())).toBe(502);
    results.$connect = { ok: true, payload: null };
    expect(await refusal(connect())).toBe(502);
  });

  test('negotiates no subprotocol that the function has not answered', async () => {
    results.$connect = { ok: true, payload: { statusCode: 200 } };
    const [error] = await once(connect(), 'error');
    expect(error.message).toBe('Server sent no subprotocol');
  });

  test('is asked at the stage only', async () => {
    expect(await refusal(connect(PROTOCOL, '/other'))).toBe(403);
    expect(events).toEqual([]);
  });
});

describe('messages', () => {
  test('reach $default in order, one at a time', async () => {
    const { socket } = await open();
    let running = 0;
    let most = 0;
    results.$default = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return accepted;
    };
    for (const text of ['one', 'two', 'three']) socket.send(text);
    socket.close();
    await eventsOf('DISCONNECT');

    const messages = await eventsOf('MESSAGE');
    expect(messages.map(({ body }) => body)).toEqual(['one', 'two', 'three']);
    expect(messages[0]).toMatchObject({
      requestContext: { routeKey: '$default', messageId: expect.any(String), messageDirection: 'IN' },
      isBase64Encoded: false,
    });
    expect(messages[0]).not.toHaveProperty('headers');
    expect(most).toBe(1);
  });

  test('are answered by API Gateway itself when the function fails', async () => {
    const { socket, connectionId } = await open();
    results.$default = { ok: false, error: { errorType: 'Error', errorMessage: 'bug' } };
    socket.send('x');
    const [data] = await once(socket, 'message');

    expect(JSON.parse(String(data))).toEqual({
      message: 'Internal server error',
      connectionId,
      requestId: expect.any(String),
    });
  });

  test('over 128 KB close the connection', async () => {
    const { socket } = await open();
    socket.send('x'.repeat(128 * 1024 + 1));
    const [code] = await once(socket, 'close');

    expect(code).toBe(1009);
    expect(await eventsOf('DISCONNECT')).toHaveLength(1);
  });
});

describe('$disconnect', () => {
  test('is told why', async () => {
    const { socket, connectionId } = await open();
    socket.close(4000, 'enough');

    expect(await eventsOf('DISCONNECT')).toMatchObject([
      {
        requestContext: {
          routeKey: '$disconnect',
          connectionId,
          disconnectStatusCode: 4000,
          disconnectReason: 'enough',
        },
      },
    ]);
  });

  test('follows an idle connection and one that is too old', async () => {
    await serve({ idleTimeoutMs: 20, maxConnectionMs: 60_000 });
    const [idle] = await once((await open()).socket, 'close');
    await serve({ idleTimeoutMs: 60_000, maxConnectionMs: 20 });
    const [old] = await once((await open()).socket, 'close');

    expect([idle, old]).toEqual([1001, 1001]);
  });
});

describe('management API', () => {
  test('posts to a connection', async () => {
    const { socket, connectionId } = await open();
    const message = once(socket, 'message');
    await management.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from('hello é') }));

    expect(String((await message)[0])).toBe('hello é');
  });

  test('describes a connection', async () => {
    const { connectionId } = await open();
    const description = await management.send(new GetConnectionCommand({ ConnectionId: connectionId }));

    expect(description).toMatchObject({
      ConnectedAt: expect.any(Date),
      LastActiveAt: expect.any(Date),
      Identity: { SourceIp: '127.0.0.1', UserAgent: '' },
    });
  });

  test('closes a connection, which is gone from then on', async () => {
    const { socket, connectionId } = await open();
    const closed = once(socket, 'close');
    await management.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
    await closed;
    await eventsOf('DISCONNECT');

    const post = new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from('x') });
    await expect(management.send(post)).rejects.toBeInstanceOf(GoneException);
  });

  test('gives up a connection whose client does not read', async () => {
    const { socket, connectionId } = await open();
    socket.pause();
    const post = new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.alloc(128 * 1024, 'x') });
    const posts = await Promise.allSettled(Array.from({ length: 200 }, () => management.send(post)));

    expect(posts.at(-1)).toMatchObject({ status: 'rejected', reason: expect.any(GoneException) });
    expect(await eventsOf('DISCONNECT')).toHaveLength(1);
    socket.terminate();
  });

  test('knows no connection that never was', async () => {
    const get = new GetConnectionCommand({ ConnectionId: 'none' });
    await expect(management.send(get)).rejects.toBeInstanceOf(GoneException);
  });

  test('answers signed calls only', async () => {
    const { connectionId } = await open();
    const url = `http://${gateway.host}/local/@connections/${connectionId}`;

    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(403);
  });
});
