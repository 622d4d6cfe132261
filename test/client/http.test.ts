import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createOutportClient, TransportError } from '../../src/client/index.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const ANSWERED: Answer = (response) => response.end('{"data":{"viewer":{"subject":"ana"}}}');

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end('{"message":"Service Unavailable"}');

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that gives one answer after the other, the last for ever. */
async function serve(...answers: readonly Answer[]) {
  const received: IncomingMessage[] = [];
  const started = createServer((request, response) => {
    received.push(request);
    (answers[received.length - 1] ?? answers.at(-1))?.(response, request);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`;
  return { client: createOutportClient({ url, token: 't', headers: { 'user-agent': 'tests' } }), received };
}

describe('a query', () => {
  test('is sent again after a failure on the way', async () => {
    const { client, received } = await serve(status(503), (response) => response.destroy(), ANSWERED);

    expect(await client.request('{ viewer { subject } }')).toEqual({ viewer: { subject: 'ana' } });
    expect(received).toHaveLength(3);
    expect(received[0]?.headers).toMatchObject({ authorization: 'Bearer t', 'user-agent': 'tests' });
  });

  test('is not sent again before the server said', async () => {
    const times: number[] = [];
    const note = (answer: Answer): Answer => {
      return (response, request) => {
        times.push(performance.now());
        answer(response, request);
      };
    };
    const { client } = await serve(note(status(429, { 'retry-after': '1' })), note(ANSWERED));
    await client.request('{ viewer { subject } }');

    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(990);
  });

  test('is given up when the server asks for more patience than a minute', async () => {
    const { client, received } = await serve(status(503, { 'retry-after': '3600' }));

    await expect(client.request('{ viewer { subject } }')).rejects.toMatchObject({ retryAfterSeconds: 3600 });
    expect(received).toHaveLength(1);
  });

  test('is given up after five tries', async () => {
    const { client, received } = await serve(status(502));

    await expect(client.request('{ viewer { subject } }')).rejects.toBeInstanceOf(TransportError);
    expect(received).toHaveLength(5);
  });

  test('is not sent again to what is no GraphQL API', async () => {
    const { client, received } = await serve((response) => response.end('<html>'));

    await expect(client.request('{ viewer { subject } }')).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      message: expect.stringContaining('answered 200, not as a GraphQL API does: <html>'),
    });
    expect(received).toHaveLength(1);
  });

  test('ends with its signal, also while it waits', async () => {
    const stop = new AbortController();
    const { client } = await serve((response) => {
      response.writeHead(503, { 'retry-after': '30' }).end();
      setImmediate(() => stop.abort(new Error('enough')));
    });

    await expect(client.request('{ viewer { subject } }', {}, { signal: stop.signal })).rejects.toThrow('enough');
  });
});

describe('a mutation of unknown effect', () => {
  test('is not sent again when nobody knows what became of it', async () => {
    const { client, received } = await serve((response) => response.destroy());

    await expect(client.request('mutation { somethingElse }')).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(received).toHaveLength(1);
  });

  test('is sent again when it was put off, or may be', async () => {
    const rateLimited: Answer = (response) =>
      response.writeHead(429).end('{"errors":[{"message":"later","extensions":{"code":"RATE_LIMITED"}}]}');
    const { client, received } = await serve(rateLimited, status(500), ANSWERED);

    expect(await client.request('mutation { again }', {}, { repeatable: true })).toEqual({
      viewer: { subject: 'ana' },
    });
    expect(received).toHaveLength(3);
  });
});

test('an address where nothing is says so', async () => {
  const client = createOutportClient({ url: 'http://127.0.0.1:1/graphql', token: 't' });

  await expect(client.request('mutation { x }')).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/graphql cannot be reached: .+/),
  });
});
