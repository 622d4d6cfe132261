import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ExportUpdate, OutportBackendClient } from './OutportBackendClient';

const ENTITY = 'resource:default/orders';
const update = (version: number) => ({ id: 'exp_1', version }) as ExportUpdate;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A client of a backend that answers each request in its own way, one after the other. */
async function clientOf(...answers: RequestListener[]) {
  server = createServer((request, response) => answers.shift()?.(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return clientAt(`http://127.0.0.1:${port}`);
}

const clientAt = (baseUrl: string) =>
  new OutportBackendClient({ discoveryApi: { getBaseUrl: async () => baseUrl }, fetchApi: { fetch } });

const telling =
  (...updates: ExportUpdate[]): RequestListener =>
  (_, response) =>
    void response.writeHead(200).write(updates.map((each) => `data: ${JSON.stringify(each)}\n\n`).join(''));

const refusing =
  (statusCode: number, name: string): RequestListener =>
  (_, response) =>
    void response
      .writeHead(statusCode, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { name, message: 'No.' }, response: { statusCode } }));

/** The first updates that are told, or why no more are. */
async function followed(client: OutportBackendClient, count: number) {
  const told: ExportUpdate[] = [];
  for await (const each of client.followExports(ENTITY, new AbortController().signal)) {
    told.push(each);
    if (told.length === count) break;
  }
  return told;
}

describe('exports are followed', () => {
  it('beyond the end of a stream, a cut and a backend that is restarted', async () => {
    const client = await clientOf(
      (request, response) => {
        telling(null, update(1))(request, response);
        response.end();
      },
      (request, response) => {
        telling(null)(request, response);
        setImmediate(() => response.destroy());
      },
      refusing(503, 'ServiceUnavailableError'),
      telling(null, update(2)),
    );
    expect(await followed(client, 5)).toEqual([null, update(1), null, null, update(2)]);
  });

  it('not where that is refused', async () => {
    const client = await clientOf(telling(null), refusing(403, 'NotAllowedError'));
    const signal = new AbortController().signal;
    const updates = client.followExports(ENTITY, signal);
    await updates.next();
    server?.closeAllConnections();
    await expect(updates.next()).rejects.toMatchObject({ name: 'NotAllowedError', message: 'No.' });
  });

  it('not where there has never been a backend', async () => {
    await expect(followed(clientAt('http://127.0.0.1:1'), 1)).rejects.toThrow(TypeError);
    await expect(followed(await clientOf(refusing(503, 'ServiceUnavailableError')), 1)).rejects.toThrow('No.');
  });

  it('until the reader goes', async () => {
    const client = await clientOf(telling(null));
    const gone = new AbortController();
    const updates = client.followExports(ENTITY, gone.signal);
    await updates.next();
    const next = updates.next();
    gone.abort(new Error('gone'));
    await expect(next).rejects.toThrow('gone');
  });

  it('and leave no connection open when the reader wants no more', async () => {
    const closed = new Promise((resolve) => {
      void clientOf((request, response) => {
        response.once('close', resolve);
        telling(null)(request, response);
      }).then((client) => followed(client, 1));
    });
    await closed;
  });
});
