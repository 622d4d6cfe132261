import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGraphqlHandler } from '../../src/lambda/graphql-handler.ts';
import { measureOpenExports } from '../../src/lambda/measure-exports.ts';
import { createMetrics } from '../../src/lambda/metrics.ts';
import { createPublishHandler } from '../../src/lambda/publish-handler.ts';
import { httpApiEvent, startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { exportFailed, exportInProgress } from '../support/export-moves.ts';
import { waitingExport } from '../support/waiting-export.ts';

let plane: TestControlPlane;
const printed: string[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
});
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
  printed.length = 0;
});
afterAll(() => plane.close());

const lines = () => printed.map((line) => JSON.parse(line));
const metrics = () => lines().filter((line) => '_aws' in line);

describe('logs', () => {
  test('have a line for each request, by its id, with nothing of what was sent', async () => {
    const token = await plane.issuer.token('ann', ['platform']);
    const { headers } = await plane.query(token, 'query ($id: ID!) { export(id: $id) { id } }', { id: 'my-secret' });

    expect(lines()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        level: 'INFO',
        message: 'request',
        requestId: headers['x-request-id'],
        statusCode: 200,
        durationMs: expect.any(Number),
      },
    ]);
    expect(printed.join()).not.toContain(token);
    expect(printed.join()).not.toContain('my-secret');
  });

  test('have a line for each move of an export, by its id, and none for what is no move', async () => {
    const sender = { send: async () => 'SENT' as const, close: async () => {} };
    const publish = createPublishHandler(plane.controlPlane, sender, { send: async () => [] }, []);
    const image = (record: object) => marshall({ ...record, kind: 'EXPORT' }, { removeUndefinedValues: true });
    const [before, after] = [image(exportInProgress('exp_1', 1)), image(exportFailed('exp_1', 2))];
    const Records = [
      { eventName: 'MODIFY', dynamodb: { OldImage: before, NewImage: after } },
      { eventName: 'MODIFY', dynamodb: { OldImage: after, NewImage: after } },
    ] as DynamoDBStreamEvent['Records'];
    await publish({ Records }, { awsRequestId: 'r1' });

    const [move, ...rest] = lines();
    expect(move).toMatchObject({
      level: 'INFO',
      message: 'export moved',
      requestId: 'r1',
      exportId: 'exp_1',
      status: 'FAILED',
      version: 2,
    });
    expect(rest).toEqual([expect.objectContaining({ ExportsFailed: 1 })]);
  });
});

describe('metrics', () => {
  test('are in the embedded metric format', () => {
    const at = new Date('2026-11-23T00:00:00.000Z');
    createMetrics('Outport/prod', () => at).put({ Refusals: 1 }, { name: 'code', value: 'TABLE_NOT_FOUND' });

    expect(lines()).toEqual([
      {
        _aws: {
          Timestamp: at.getTime(),
          CloudWatchMetrics: [
            { Namespace: 'Outport/prod', Dimensions: [[], ['code']], Metrics: [{ Name: 'Refusals', Unit: 'Count' }] },
          ],
        },
        Refusals: 1,
        code: 'TABLE_NOT_FOUND',
      },
    ]);
  });

  test('count what is refused, by code, though the answer was not asked for it', async () => {
    const token = await plane.issuer.token('ann', ['platform']);
    const mutation = 'mutation ($input: ExportTableInput!) { exportTable(input: $input) { replayed } }';
    const input = { tableArn: 'no ARN', destination: { bucket: 'b' }, clientToken: 't' };
    await plane.query(token, mutation, { input });
    await plane.query('no token', '{ viewer { subject } }');

    expect(metrics().map(({ code }) => code)).toEqual(expect.arrayContaining(['UNAUTHENTICATED']));
    expect(metrics().length).toBeGreaterThan(1);
    for (const line of metrics()) expect(line.Refusals).toBe(1);
  });

  test('tell what is open, what waits and what is late', () => {
    const now = new Date('2026-11-23T01:00:00.000Z');
    const waiting = waitingExport({ id: 'w', createdAt: '2026-11-23T00:30:00.000Z' });
    const late = { ...exportInProgress('i', 1), deadlineAt: '2026-11-23T00:59:00.000Z' };
    measureOpenExports(
      createMetrics('Outport', () => now),
      [waiting, late],
      now,
    );

    expect(metrics()).toEqual([
      expect.objectContaining({ ExportsInFlight: 1, ExportsQueued: 1, ExportsOverdue: 1, OldestQueuedSeconds: 1800 }),
    ]);
  });
});

describe('GET /health', () => {
  const ask = async (handler = createGraphqlHandler(plane.controlPlane)) => {
    const { statusCode, body } = await handler({ ...httpApiEvent('GET', '', {}), rawPath: '/health' });
    return { statusCode, body: JSON.parse(body ?? '') };
  };

  test('tells anybody that requests are served', async () => {
    expect(await ask()).toEqual({ statusCode: 200, body: { status: 'READY' } });
  });

  test('reads the table once for many who ask', async () => {
    const handler = createGraphqlHandler(plane.controlPlane);
    const send = vi.spyOn(plane.controlPlane.records.client, 'send');
    await Promise.all(Array.from({ length: 20 }, () => ask(handler)));

    expect(send).toHaveBeenCalledTimes(1);
  });

  test('tells what does not answer, and logs why', async () => {
    await plane.dynamodb.send(new DeleteTableCommand({ TableName: plane.settings.OUTPORT_TABLE }));

    expect(await ask()).toEqual({
      statusCode: 503,
      body: { status: 'NOT_READY', reason: 'The records table does not answer.' },
    });
    expect(lines()).toEqual([expect.objectContaining({ level: 'ERROR' })]);
  });
});
