import { randomUUID } from 'node:crypto';
import { type Message, MessageType } from 'graphql-ws';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createWebsocketHandler, type WebsocketHandler } from '../../src/lambda/websocket-handler.ts';
import type { Sender } from '../../src/services/subscriptions/sender.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';

const CONNECTED_AT = 1_800_000_000_000;

let plane: TestControlPlane;
let handler: WebsocketHandler;
let connectionId: string;
let sent: Message[];
let closed: string[];

/** API Gateway's management API. */
const sender: Sender = {
  async send(_connectionId, message) {
    sent.push(message);
    return 'SENT';
  },
  async close(id) {
    closed.push(id);
  },
};

beforeAll(async () => {
  plane = await startControlPlane();
  handler = createWebsocketHandler(plane.controlPlane, sender);
});
afterAll(() => plane.close());

beforeEach(async () => {
  [connectionId, sent, closed] = [randomUUID(), [], []];
  const headers = { 'Sec-WebSocket-Protocol': 'graphql-transport-ws' };
  await handler({ headers, isBase64Encoded: false, requestContext: contextOf('$connect', 0) });
});

const contextOf = (routeKey: string, sinceConnectedMs: number) => ({
  routeKey,
  connectionId,
  requestId: randomUUID(),
  connectedAt: CONNECTED_AT,
  requestTimeEpoch: CONNECTED_AT + sinceConnectedMs,
  identity: { sourceIp: '192.0.2.7' },
});

const say = (message: Message, sinceConnectedMs: number) =>
  handler({
    body: JSON.stringify(message),
    isBase64Encoded: false,
    requestContext: contextOf('$default', sinceConnectedMs),
  });

const init = async (): Promise<Message> => ({
  type: MessageType.ConnectionInit,
  payload: { authorization: `Bearer ${await plane.issuer.token('ana', [])}` },
});

test('a client has ten seconds for connection_init', async () => {
  await say(await init(), 10_000);

  expect(sent).toEqual([{ type: 'connection_ack' }]);
  expect(closed).toEqual([]);
});

test('one that is later is closed', async () => {
  await say(await init(), 10_001);

  expect(sent).toEqual([]);
  expect(closed).toEqual([connectionId]);
});

test.each([MessageType.Ping, MessageType.Pong] as const)(
  'none is kept open by a %s instead, and everyone may send one later',
  async (type) => {
    await say({ type }, 10_000);
    expect(closed).toEqual([]);
    await say({ type }, 10_001);
    expect(closed).toEqual([connectionId]);

    [closed, sent] = [[], []];
    await say(await init(), 5_000);
    await say({ type }, 60_000);
    expect(closed).toEqual([]);
    expect(sent).toEqual([{ type: 'connection_ack' }, ...(type === MessageType.Ping ? [{ type: 'pong' }] : [])]);
  },
);
