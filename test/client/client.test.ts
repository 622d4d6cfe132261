import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import {
  createOutportClient,
  NotAuthenticatedError,
  NotPermittedError,
  type OutportClientOptions,
  OutportError,
  RefusedError,
  ViewerDocument,
} from '../../src/client/index.ts';
import { allOf } from '../support/all-of.ts';
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts';
import { createOrders, LAKE } from '../support/orders.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';

let outport: OutportProcess;
let proxy: CuttableProxy;
let tableArn: string;

beforeAll(async () => {
  outport = await startOutport();
  proxy = await startCuttableProxy(outport.graphqlUrl);
  ({ tableArn } = await createOrders(outport));
});
afterAll(async () => {
  await proxy.close();
  await outport.stop();
});

const clientOf = (options: Partial<OutportClientOptions> = {}) =>
  createOutportClient({
    url: outport.graphqlUrl,
    token: outport.token,
    webSocketUrl: outport.websocketUrl,
    webSocket: WebSocket,
    ...options,
  });

const request = () => ({ tableArn, destination: { bucket: LAKE } });

describe('exportTable', () => {
  test('starts an export, which waitForExport sees COMPLETED', async () => {
    const client = clientOf();
    const { export: started, replayed, clientToken } = await client.exportTable(request());
    const statuses: string[] = [];
    const ended = await client.waitForExport(started.id, { onUpdate: ({ status }) => statuses.push(status) });

    expect(replayed).toBe(false);
    expect(clientToken).toMatch(/^[0-9a-f]{32}$/);
    expect(ended).toMatchObject({ id: started.id, status: 'COMPLETED', itemCount: 3, clientToken });
    expect(statuses.at(-1)).toBe('COMPLETED');
    expect(await client.export(started.id)).toEqual(ended);
  });

  test('asks once when the answer is lost on the way', async () => {
    const client = clientOf({ url: proxy.through(outport.graphqlUrl) });
    proxy.loseAnswers(2);
    const { export: started, replayed, clientToken } = await client.exportTable(request());

    expect(replayed).toBe(true);
    const exports = await allOf(clientOf().exports({ tableArn }));
    expect(exports.filter((each) => each.clientToken === clientToken).map(({ id }) => id)).toEqual([started.id]);
  });

  test('says everything that is wrong with a request', async () => {
    const asking = clientOf().exportTable({ tableArn: 'orders', destination: { bucket: 'Not a bucket' } });
    const error = await asking.catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(RefusedError);
    expect(error).not.toBeInstanceOf(NotPermittedError);
    expect(error).toMatchObject({
      code: 'INVALID_TABLE_ARN',
      retryable: false,
      remedy: expect.stringContaining('ARN'),
      userErrors: [
        { code: 'INVALID_TABLE_ARN' },
        { code: 'INVALID_BUCKET', field: ['input', 'destination', 'bucket'] },
      ],
    });
  });

  test('says what is not permitted', async () => {
    const token = await outport.mint({ subject: 'eve', teams: ['marketing'] });
    const asking = clientOf({ token }).exportTable(request());

    await expect(asking).rejects.toBeInstanceOf(NotPermittedError);
    await expect(asking).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      remedy: expect.stringContaining('policy'),
    });
  });
});

describe('other mutations', () => {
  test('are refused with the export they are about', async () => {
    const client = clientOf();
    const { export: started } = await client.exportTable(request());
    const { id } = await client.waitForExport(started.id);

    await expect(client.cancelExport(id)).rejects.toMatchObject({ code: 'EXPORT_NOT_CANCELABLE', export: { id } });
    await expect(client.retryExport(id)).rejects.toMatchObject({ code: 'EXPORT_NOT_FAILED' });
    expect(await client.verifyExport(id, { deep: true })).toMatchObject({ id, verification: { deep: true } });
  });
});

describe('lists', () => {
  test('are read page after page', async () => {
    const client = clientOf();
    for (let made = 0; made < 3; made += 1) await client.exportTable(request());
    const options = { pageSize: 2, orderBy: 'CREATED_AT_ASC' } as const;
    const exports = await allOf(client.exports({ tableArn }, options));
    const times = exports.map(({ createdAt }) => createdAt);

    expect(exports.length).toBeGreaterThan(2);
    expect(times).toEqual(times.toSorted());
    expect(new Set(exports.map(({ id }) => id)).size).toBe(exports.length);
  });

  test('are read no further than they are asked for', async () => {
    const requests: string[] = [];
    const client = clientOf({
      fetch: (...args) => {
        requests.push('page');
        return fetch(...args);
      },
    });
    for await (const { eventName } of client.auditEvents({ tableArn }, { pageSize: 1 })) {
      expect(eventName).toBeTypeOf('string');
      break;
    }

    expect(requests).toHaveLength(1);
  });
});

describe('tokens', () => {
  test('that are not taken are an error of their own', async () => {
    const asking = clientOf({ token: 'forged' }).export('exp_x');

    await expect(asking).rejects.toBeInstanceOf(NotAuthenticatedError);
    await expect(asking).rejects.toMatchObject({ code: 'UNAUTHENTICATED', remedy: expect.stringContaining('sign in') });
  });

  test('are asked for again when they have expired', async () => {
    const tokens = [await outport.mint({ subject: 'ana', expiresInSeconds: -60 }), outport.token];
    const client = clientOf({ token: () => tokens.shift() ?? 'none is left' });

    expect(await client.request(ViewerDocument)).toMatchObject({ viewer: { subject: 'developer' } });
  });
});

test('a document that does not fit the schema is not sent again', async () => {
  const asking = clientOf().request('{ nonsense }');

  await expect(asking).rejects.toBeInstanceOf(OutportError);
  await expect(asking).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED', retryable: false });
});
