import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { DescribeExportCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { beginOperation } from '../../src/lambda/socket-operations.ts';
import { readServiceDefinition } from '../../src/local/host/service-definition.ts';
import { BOUNDED_CALLS } from '../../src/services/bounded-calls.ts';
import type { Principal } from '../../src/services/principal.ts';
import { startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { exportInProgress, writeMove } from '../support/export-moves.ts';

/** As it is, but for the time that a test would have to wait. */
vi.mock('../../src/services/bounded-calls.ts', async (original) => {
  const { BOUNDED_CALLS: bounded } = await original<typeof import('../../src/services/bounded-calls.ts')>();
  return { BOUNDED_CALLS: { ...bounded, requestHandler: { ...bounded.requestHandler, requestTimeout: 1_000 } } };
});

const ID = 'exp_1';

/** Takes every connection and never says a word. */
async function startStalled() {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket.on('close', () => open.delete(socket)).on('error', () => {}));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open,
    connections: () => connections,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

let stalled: Awaited<ReturnType<typeof startStalled>>;
let plane: TestControlPlane;
let ann: Principal;
let token: string;
/** Every account is reached through STS: without it AWS is gone, but for the records. */
beforeAll(async () => {
  stalled = await startStalled();
  plane = await startControlPlane({ AWS_ENDPOINT_URL_STS: stalled.url });
  ann = { issuer: plane.issuer.url, subject: 'ann', name: null, teams: ['platform'], expiresAtSeconds: 1e10 };
  token = await plane.issuer.token('ann', ['platform']);
  await writeMove(plane.outport.table, exportInProgress(ID, 1));
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_STS;
  await plane.close();
  stalled.close();
});

describe('while AWS does not answer', () => {
  test('what is known is still shown, listed and followed', async () => {
    const before = stalled.connections();
    const { status, body } = await plane.query(
      token,
      `{ export(id: "${ID}") { status progress { filesWritten } viewerCanCancel }
         viewer { subject }
         limits(account: "111122223333", region: "eu-central-1") { exports { inUse } }
         auditEvents(first: 1) { ingestedThrough nodes { id } } }`,
    );
    expect({ status, errors: body.errors }).toEqual({ status: 200, errors: undefined });
    expect(body.data.export).toEqual({ status: 'IN_PROGRESS', progress: { filesWritten: 1 }, viewerCanCancel: false });
    expect((await plane.query(token, '{ exports(first: 10) { nodes { id } } }')).body).toMatchObject({ data: {} });
    const query = `subscription { exportUpdated(id: "${ID}") { status } }`;
    const origin = { requestId: 'r', sourceIpAddress: '192.0.2.7', userAgent: null };
    expect(await beginOperation(plane.controlPlane, origin, { query }, ann)).toMatchObject({ kind: 'SUBSCRIBED' });
    expect(stalled.connections()).toBe(before);
  });

  test('whoever asks for an export is told to come again, in time, and no call is left hanging', async () => {
    const before = stalled.connections();
    const { body } = await plane.query(
      token,
      `mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } userErrors { code remedy } } }`,
      { input: { clientToken: 'a', tableArn: tableArnOf('cities'), destination: { bucket: 'lake' } } },
    );
    expect(body.data.exportTable.export).toBeNull();
    expect(new Set(body.data.exportTable.userErrors.map(({ code }: { code: string }) => code))).toEqual(
      new Set(['AWS_UNAVAILABLE']),
    );
    // DynamoDB and S3 each want credentials, and each gives up after its attempts.
    expect(stalled.connections() - before).toBeLessThanOrEqual(2 * BOUNDED_CALLS.maxAttempts);
    await vi.waitFor(() => expect(stalled.open.size).toBe(0));
  });
});

test('whoever may not export, or not there, is refused before any call is made for them', async () => {
  const before = stalled.connections();
  const mallory = await plane.issuer.token('mallory', ['marketing']);
  for (const [who, bucketOwner] of [[mallory], [token, '999988887777']]) {
    const { body } = await plane.query(
      who ?? '',
      'mutation ($input: ExportTableInput!) { exportTable(input: $input) { userErrors { code } } }',
      { input: { clientToken: 'b', tableArn: tableArnOf('cities'), destination: { bucket: 'lake', bucketOwner } } },
    );
    const code = who === mallory ? 'PERMISSION_DENIED' : 'DESTINATION_NOT_ALLOWED';
    expect(body.data.exportTable.userErrors).toEqual([{ code }]);
  }
  expect(stalled.connections()).toBe(before);
});

test('a call of AWS that does not answer is given up long before the function is', async () => {
  const { BOUNDED_CALLS: actual } = await vi.importActual<typeof import('../../src/services/bounded-calls.ts')>(
    '../../src/services/bounded-calls.ts',
  );
  const { functions } = readServiceDefinition('serverless.yml');
  // The console's calls nothing.
  const callers = functions.filter(({ name }) => name !== 'console');
  const shortest = Math.min(...callers.map(({ timeoutSeconds }) => timeoutSeconds));
  expect(actual.maxAttempts * actual.requestHandler.requestTimeout).toBeLessThan(shortest * 1000 * 0.6);
});

describe('a DynamoDB that refuses every call', () => {
  let server: Server;
  let calls = 0;
  let answer: { status: number; type: string };
  let client: DynamoDBClient;
  beforeEach(async () => {
    calls = 0;
    server = createHttpServer((request, response) => {
      calls += 1;
      request.resume();
      const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${answer.type}`, message: 'no' });
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new DynamoDBClient({ maxAttempts: BOUNDED_CALLS.maxAttempts, endpoint });
  });
  afterEach(() => {
    client.destroy();
    server.close();
  });
  const ask = () => client.send(new DescribeExportCommand({ ExportArn: 'x' })).catch((error: Error) => error.name);

  test('for a reason that stays is asked once', async () => {
    answer = { status: 400, type: 'ExportNotFoundException' };
    expect(await ask()).toBe('ExportNotFoundException');
    expect(calls).toBe(1);
  });

  test('because it is overloaded is not overloaded more: a storm of 1,500 calls stays one', async () => {
    answer = { status: 400, type: 'ThrottlingException' };
    const names = await Promise.all(Array.from({ length: 1_500 }, ask));
    expect(new Set(names)).toEqual(new Set(['ThrottlingException']));
    expect(calls).toBeLessThanOrEqual(1_500 * 1.1);
  });
});
