import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPostWebhook, type Posted } from '../../../src/services/webhooks/post.ts';
import {
  startWebhookReceiver,
  verified,
  WEBHOOK_SECRET,
  type WebhookReceiver,
} from '../../support/webhook-receiver.ts';

const EVENT = { id: 'exp_1/2', body: '{"specversion":"1.0"}' };
const SECRET = Buffer.from(WEBHOOK_SECRET.slice('whsec_'.length), 'base64');

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhookReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answerWith(() => 204);
});

const postTo = (url: string, { allowLocal = false } = {}): Promise<Posted> =>
  createPostWebhook({ allowLocal })(
    { name: 'portal', url, team: null, statuses: null, secrets: [SECRET] },
    EVENT,
    new Date(),
  );

describe('an event', () => {
  test('is sent as it is, signed', async () => {
    expect(await postTo(receiver.url, { allowLocal: true })).toEqual({ outcome: 'TAKEN' });

    const [request] = receiver.received;
    expect(request).toMatchObject({
      body: EVENT.body,
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8', 'webhook-id': 'exp_1/2' },
    });
    expect(request && verified(request)).toEqual({ specversion: '1.0' });
  });

  test.each([
    [500, 'REFUSED', 'it answered 500'],
    [410, 'GONE', 'it answered 410'],
    [307, 'REFUSED', 'it answered 307, and redirects are not followed'],
    [null, 'REFUSED', 'socket hang up'],
  ] as const)('that is answered by %s is %s', async (status, outcome, problem) => {
    receiver.answerWith(() => status);

    expect(await postTo(receiver.url, { allowLocal: true })).toEqual({ outcome, problem });
    expect(receiver.received).toHaveLength(1);
  });

  test('that nobody answers is given up', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort());

    expect(await postTo(`http://127.0.0.1:${Object(address).port}`, { allowLocal: true })).toEqual({
      outcome: 'REFUSED',
      problem: 'no answer within 10 seconds',
    });
    expect(timeout).toHaveBeenCalledWith(10_000);
    timeout.mockRestore();
    silent.close();
  });
});

describe('nothing is sent', () => {
  const lookup = dns.lookup;
  let connections = 0;
  const listener = createServer(() => {
    connections += 1;
  });
  let port: number;
  beforeAll(async () => {
    // On every address of the machine.
    await new Promise<void>((resolve) => listener.listen(0, resolve));
    port = Object(listener.address()).port;
  });
  afterEach(() => {
    dns.lookup = lookup;
    syncBuiltinESMExports();
  });
  afterAll(() => listener.close());

  /** Has a name mean one address after another. */
  function resolveTo(...answers: string[][]) {
    let lookups = 0;
    const answer = (...[, , done]: [string, object, (error: null, addresses: dns.LookupAddress[]) => void]) => {
      const addresses = answers[lookups] ?? [];
      lookups += 1;
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
    Object.assign(dns, { lookup: answer });
    syncBuiltinESMExports();
    return () => lookups;
  }

  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '169.254.170.2',
    '224.0.0.1',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::7f00:1]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[2002:7f00:1::]',
    'localhost',
  ])('to %s', async (host) => {
    const posted = await postTo(`https://${host}:${port}/`);

    expect(posted).toMatchObject({ outcome: 'REFUSED', problem: expect.stringContaining('not allowed') });
    expect(connections).toBe(0);
  });

  test('to 127.0.0.1 unless that is allowed, nor to other addresses of the machine then', async () => {
    expect(await postTo(receiver.url)).toMatchObject({ problem: expect.stringContaining('not allowed') });
    expect(await postTo(`http://[::1]:${port}/`, { allowLocal: true })).toMatchObject({
      problem: expect.stringContaining('not allowed'),
    });
    expect(receiver.received).toEqual([]);
  });

  test('to a name that means a private address among others', async () => {
    resolveTo(['93.184.215.14', '10.0.0.1']);

    expect(await postTo(`https://portal.example:${port}/`)).toMatchObject({
      problem: expect.stringContaining('10.0.0.1'),
    });
  });

  test('to a name that means another address at the next lookup: there is only one', async () => {
    const lookups = resolveTo(['127.0.0.1'], ['93.184.215.14']);

    expect(await postTo(`https://portal.example:${port}/`)).toMatchObject({
      problem: expect.stringContaining('127.0.0.1'),
    });
    expect(lookups()).toBe(1);
    expect(connections).toBe(0);
  });
});
