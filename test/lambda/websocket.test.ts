import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { DeleteCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createConnection, exportTopic, reserveConnection } from '../../src/records/connections.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { exportFailed, exportInProgress, recordsTableOf, writeMove } from '../support/export-moves.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';

const PROTOCOL = 'graphql-transport-ws';
const FOLLOW = 'subscription ($id: ID!) { exportUpdated(id: $id) { id status version } }';

interface Followed {
  readonly exportUpdated: { readonly id: string; readonly status: string; readonly version: number };
}

let outport: OutportProcess;
let records: RecordsTable;
const clients: Client[] = [];
const sockets: WebSocket[] = [];

beforeAll(async () => {
  outport = await startOutport();
  records = recordsTableOf(outport);
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  for (const socket of sockets.splice(0)) socket.terminate();
});

afterAll(async () => {
  records.client.destroy();
  await outport.stop();
});

/** The client that most people use, against the server as it is. */
function connect(options: Partial<Parameters<typeof createClient>[0]> = {}): Client {
  const client = createClient({
    url: outport.websocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${outport.token}` },
    retryAttempts: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

const follow = (client: Client, id: string) => client.iterate<Followed>({ query: FOLLOW, variables: { id } });

type Update = Awaited<ReturnType<ReturnType<typeof follow>['next']>>;

const versionOf = (update: Update): number | undefined =>
  update.done ? undefined : update.value.data?.exportUpdated.version;

/** A socket that says what no client would. Messages are kept until somebody asks for the next. */
class RawSocket {
  readonly #received: string[] = [];
  readonly #socket = new WebSocket(outport.websocketUrl, PROTOCOL);
  #wake = () => {};

  constructor() {
    sockets.push(this.#socket);
    this.#socket.on('message', (data) => {
      this.#received.push(String(data));
      this.#wake();
    });
  }

  static async open(): Promise<RawSocket> {
    const raw = new RawSocket();
    await once(raw.#socket, 'open');
    return raw;
  }

  /** Opens and initialises a connection. */
  static async acknowledged(token = outport.token): Promise<RawSocket> {
    const raw = await RawSocket.open();
    raw.say({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    expect(await raw.hear()).toEqual({ type: 'connection_ack' });
    return raw;
  }

  say(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async hear(): Promise<unknown> {
    while (this.#received.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return JSON.parse(this.#received.shift() ?? '');
  }

  /** Resolves when the server has closed the connection; with what it had said that nobody asked for. */
  async closed(): Promise<string[]> {
    if (this.#socket.readyState !== WebSocket.CLOSED) await once(this.#socket, 'close');
    return this.#received;
  }

  drop(): void {
    this.#socket.terminate();
  }
}

const subscribe = (id: string, exportId: string) => ({
  type: 'subscribe',
  id,
  payload: { query: FOLLOW, variables: { id: exportId } },
});

/** What is stored of connections and subscriptions. */
async function stored(kind: 'CONNECTION' | 'SUBSCRIPTION') {
  const { Items = [] } = await records.client.send(new ScanCommand({ TableName: records.name, ConsistentRead: true }));
  return Items.filter((item) => item.kind === kind);
}

/** A connection that has heard the snapshot of a new export, by its subscription `a`. */
async function subscribed() {
  const id = randomUUID();
  await writeMove(records, exportInProgress(id, 1));
  const raw = await RawSocket.acknowledged();
  raw.say(subscribe('a', id));
  await raw.hear();
  return { id, raw };
}

async function subscribersOf(exportId: string) {
  const { Items = [] } = await records.client.send(
    new QueryCommand({
      TableName: records.name,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :topic AND begins_with(sk, :subscription)',
      ExpressionAttributeValues: { ':topic': exportTopic(exportId), ':subscription': 'SUBSCRIPTION#' },
    }),
  );
  return Items;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('following an export', () => {
  test('begins with a snapshot, goes on with every move, and completes when the export has ended', async () => {
    const id = randomUUID();
    await writeMove(records, exportInProgress(id, 3));
    const updates = follow(connect(), id);

    expect((await updates.next()).value?.data).toEqual({ exportUpdated: { id, status: 'IN_PROGRESS', version: 3 } });
    await writeMove(records, exportInProgress(id, 4));
    expect(versionOf(await updates.next())).toBe(4);
    await writeMove(records, exportFailed(id, 5));
    expect((await updates.next()).value?.data).toEqual({ exportUpdated: { id, status: 'FAILED', version: 5 } });
    expect((await updates.next()).done).toBe(true);
    await until(async () => (await subscribersOf(id)).length === 0);
  });

  test('of one that has ended is a snapshot only', async () => {
    const id = randomUUID();
    await writeMove(records, exportFailed(id, 7));
    const updates = follow(connect(), id);

    expect(versionOf(await updates.next())).toBe(7);
    expect((await updates.next()).done).toBe(true);
    await until(async () => (await subscribersOf(id)).length === 0);
  });

  test('tells every subscriber, each what it selected', async () => {
    const id = randomUUID();
    await writeMove(records, exportInProgress(id, 1));
    const client = connect();
    const versions = follow(client, id);
    const aliased = client.iterate<{ moved: { status: string } }>({
      query: `subscription { moved: exportUpdated(id: "${id}") { status } }`,
    });
    const other = follow(connect(), id);
    await Promise.all([versions.next(), aliased.next(), other.next()]);
    await writeMove(records, exportInProgress(id, 2));

    expect(versionOf(await versions.next())).toBe(2);
    expect((await aliased.next()).value?.data).toEqual({ moved: { status: 'IN_PROGRESS' } });
    expect(versionOf(await other.next())).toBe(2);
  });

  test('misses and repeats nothing, and turns nothing around, however moves race its beginning', async () => {
    const client = connect();
    const exports = Array.from({ length: 12 }, () => randomUUID());
    await Promise.all(
      exports.map(async (id, n) => {
        await writeMove(records, exportInProgress(id, 1));
        const moves = async () => {
          for (let version = 2; version <= 20; version += 1) await writeMove(records, exportInProgress(id, version));
          await writeMove(records, exportFailed(id, 21));
        };
        // Some begin before the moves, some among them.
        const moving = n % 2 === 0 ? moves() : undefined;
        const updates = follow(client, id);
        const heard = [versionOf(await updates.next()) ?? 0];
        const moved = moving ?? moves();
        for (let next = await updates.next(); !next.done; next = await updates.next()) heard.push(versionOf(next) ?? 0);
        await moved;

        expect(heard).toEqual([...new Set(heard)].sort((a, b) => a - b));
        expect(heard.at(-1)).toBe(21);
      }),
    );
  });

  test('goes on from the version that was seen, when the client comes back', async () => {
    const id = randomUUID();
    await writeMove(records, exportInProgress(id, 4));
    const comeBack = (after: number) =>
      connect().iterate<Followed>({
        query: `subscription { exportUpdated(id: "${id}", after: ${after}) { version } }`,
      });
    const missedOne = comeBack(3);
    expect(versionOf(await missedOne.next())).toBe(4);
    const missedNone = comeBack(4);
    const first = missedNone.next();
    await until(async () => (await subscribersOf(id)).every(({ lastVersion }) => lastVersion === 4));
    await writeMove(records, exportFailed(id, 5));

    expect(versionOf(await first)).toBe(5);
    expect((await missedNone.next()).done).toBe(true);
    expect((await comeBack(5).next()).done).toBe(true);
  });

  test('resumes with a snapshot after the connection broke', async () => {
    const id = randomUUID();
    await writeMove(records, exportInProgress(id, 1));
    let broken: WebSocket | undefined;
    const client = connect({
      retryAttempts: 5,
      retryWait: async () => {
        await writeMove(records, exportInProgress(id, 2));
      },
      on: {
        opened: (socket) => {
          broken ??= socket as WebSocket;
        },
      },
    });
    const updates = follow(client, id);
    await updates.next();
    broken?.terminate();

    expect(versionOf(await updates.next())).toBe(2);
    await writeMove(records, exportFailed(id, 3));
    expect(versionOf(await updates.next())).toBe(3);
  });

  test('survives a restart of the server', async () => {
    const id = randomUUID();
    await writeMove(records, exportInProgress(id, 1));
    let restarted = () => {};
    const restart = new Promise<void>((resolve) => {
      restarted = resolve;
    });
    const updates = follow(connect({ retryAttempts: 1, shouldRetry: () => true, retryWait: () => restart }), id);
    await updates.next();
    await outport.kill('SIGKILL');
    await outport.restart();
    restarted();
    expect(versionOf(await updates.next())).toBe(1);
    await writeMove(records, exportFailed(id, 2));

    expect(versionOf(await updates.next())).toBe(2);
    // Of the connection that died with the process, the first message to it leaves nothing.
    await until(async () => (await subscribersOf(id)).length === 0);
  });

  test('stops when the client completes', async () => {
    const { id, raw } = await subscribed();
    raw.say({ type: 'complete', id: 'a' });
    await until(async () => (await subscribersOf(id)).length === 0);
    await writeMove(records, exportInProgress(id, 2));
    raw.say(subscribe('a', id));

    expect(await raw.hear()).toMatchObject({
      type: 'next',
      id: 'a',
      payload: { data: { exportUpdated: { version: 2 } } },
    });
  });

  test('leaves nothing behind when the client goes', async () => {
    const { id, raw } = await subscribed();
    const [subscription] = await subscribersOf(id);
    raw.drop();

    await until(async () => (await subscribersOf(id)).length === 0);
    await until(async () => {
      const connections = await stored('CONNECTION');
      return !connections.some(({ connectionId }) => connectionId === subscription?.connectionId);
    });
  });

  test('of an export that is not there, or not for the viewer, is refused alike', async () => {
    const id = randomUUID();
    await writeMove(records, exportInProgress(id, 1));
    const stranger = await RawSocket.acknowledged(await outport.mint({ subject: 'eve', teams: [] }));
    stranger.say(subscribe('hidden', id));
    stranger.say(subscribe('absent', randomUUID()));
    const [hidden, absent] = [await stranger.hear(), await stranger.hear()];

    expect(hidden).toMatchObject({ type: 'error', id: 'hidden', payload: [{ extensions: { code: 'NOT_FOUND' } }] });
    expect({ ...(absent as object), id: 'hidden' }).toEqual(hidden);
    expect(await subscribersOf(id)).toEqual([]);
  });

  test('with a token that has expired is refused', async () => {
    const id = randomUUID();
    await writeMove(records, exportInProgress(id, 1));
    // Within the tolerance for clocks when the connection begins, expired when something is to be told.
    const raw = await RawSocket.acknowledged(await outport.mint({ subject: 'ana', expiresInSeconds: -1 }));
    raw.say(subscribe('a', id));

    expect(await raw.hear()).toMatchObject({
      type: 'error',
      id: 'a',
      payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('is limited to 50 exports a connection', async () => {
    const id = randomUUID();
    await writeMove(records, exportInProgress(id, 1));
    const raw = await RawSocket.acknowledged();
    for (let n = 0; n < 50; n += 1) {
      raw.say(subscribe(`s${n}`, id));
      await raw.hear();
    }
    raw.say(subscribe('one too many', id));

    expect(await raw.hear()).toMatchObject({
      type: 'error',
      id: 'one too many',
      payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    });
  });
});

describe('following a list', () => {
  const LISTED = 'subscription ($filter: ExportFilter) { exportsUpdated(filter: $filter) { id version status } }';
  type Listed = { readonly exportsUpdated: Followed['exportUpdated'] | null };
  const followAll = (client: Client, filter: Record<string, unknown> = {}) =>
    client.iterate<Listed>({ query: LISTED, variables: { filter } });
  const told = ({ value }: { value?: { data?: Listed | null } }) => value?.data?.exportsUpdated;

  test('tells when it listens, then each version of every export that fits, in order', async () => {
    const team = randomUUID();
    const updates = followAll(connect(), { team });
    expect(told(await updates.next())).toBeNull();
    const ids = [randomUUID(), randomUUID()];
    await Promise.all(
      ids.map(async (id) => {
        await writeMove(records, { ...exportInProgress(id, 1), team: 'another' });
        for (const version of [1, 2]) await writeMove(records, { ...exportInProgress(id, version), team });
        await writeMove(records, { ...exportFailed(id, 3), team });
      }),
    );

    const heard = new Map<string, number[]>();
    while ([...heard.values()].filter((versions) => versions.at(-1) === 3).length < ids.length) {
      const { id = '', version = 0 } = told(await updates.next()) ?? {};
      heard.set(id, [...(heard.get(id) ?? []), version]);
    }
    expect([...heard.keys()].sort()).toEqual([...ids].sort());
    for (const versions of heard.values()) expect(versions).toEqual([...new Set(versions)].sort());
  });

  test.each([
    ['table', { tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/others' }],
    ['status', { status: 'QUEUED' }],
    ['person', { requestedBy: { subject: 'ben' } }],
    ['time', { createdFrom: '2026-11-23T00:00:00.001Z' }],
  ])('leaves out what does not fit by %s', async (_name, narrow) => {
    const [team, id] = [randomUUID(), randomUUID()];
    const [narrowed, all] = [followAll(connect(), { team, ...narrow }), followAll(connect(), { team })];
    await Promise.all([narrowed.next(), all.next()]);
    await writeMove(records, { ...exportInProgress(id, 1), team });
    expect(told(await all.next())?.id).toBe(id);
    const fitting = {
      ...exportInProgress(id, 2),
      team,
      tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/others',
      requestedBy: { issuer: outport.issuer, subject: 'ben', name: null, teams: ['data'] },
      createdAt: '2026-11-24T00:00:00.000Z',
    };
    const { exportArn, startTime, progress, ...facts } = fitting;
    await writeMove(records, { ...facts, status: 'QUEUED', admittedAt: null });

    expect(told(await narrowed.next())?.version).toBe(2);
  });

  test('tells each follower only of what they may see', async () => {
    const [mine, theirs, team] = [randomUUID(), randomUUID(), randomUUID()];
    const authorization = `Bearer ${await outport.mint({ subject: 'eve', teams: ['sales'] })}`;
    const eve = followAll(connect({ connectionParams: { authorization } }), { team });
    const platform = followAll(connect(), { team });
    await Promise.all([eve.next(), platform.next()]);
    await writeMove(records, { ...exportInProgress(theirs, 1), team });
    const requestedBy = { issuer: outport.issuer, subject: 'eve', name: null, teams: ['sales'] };
    await writeMove(records, { ...exportInProgress(mine, 1), team, requestedBy });

    expect(told(await eve.next())?.id).toBe(mine);
    expect([told(await platform.next())?.id, told(await platform.next())?.id]).toEqual([theirs, mine]);
  });
});

test('closes a connection that it has given up, when its client next speaks', async () => {
  const { id, raw } = await subscribed();
  const [subscription] = await subscribersOf(id);
  const Key = { pk: `CONNECTION#${subscription?.connectionId}`, sk: 'CONNECTION' };
  await records.client.send(new DeleteCommand({ TableName: records.name, Key }));
  raw.say({ type: 'ping' });

  expect(await raw.closed()).toEqual([]);
});

test('a person has 100 connections at most, of which those that are gone do not count', async () => {
  const person = { issuer: outport.issuer, subject: 'many' };
  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  for (let n = 0; n < 100; n += 1) {
    await createConnection(records, { connectionId: `open-${n}`, expiresAt });
    expect(await reserveConnection(records, `open-${n}`, person, 100)).toBe(true);
  }
  const token = await outport.mint({ subject: person.subject });
  const refused = await RawSocket.open();
  refused.say({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  expect(await refused.closed()).toEqual([]);

  // API Gateway did not tell that it ended, and DynamoDB has deleted its record.
  const Key = { pk: 'CONNECTION#open-7', sk: 'CONNECTION' };
  await records.client.send(new DeleteCommand({ TableName: records.name, Key }));
  await RawSocket.acknowledged(token);
});

describe('other operations', () => {
  test('are executed and completed', async () => {
    const raw = await RawSocket.acknowledged();
    raw.say({ type: 'subscribe', id: 'q', payload: { query: '{ exports(first: 1) { nodes { id } } }' } });

    expect(await raw.hear()).toEqual({
      type: 'next',
      id: 'q',
      payload: {
        data: { exports: { nodes: [] } },
        extensions: { cost: { requested: 5, limit: 5_000 } },
      },
    });
    expect(await raw.hear()).toEqual({ type: 'complete', id: 'q' });
  });

  test.each([
    ['{', undefined, 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['query a { __typename } query b { __typename }', 'c', 'OPERATION_RESOLUTION_FAILURE'],
    [FOLLOW, undefined, undefined],
  ])('are refused with what is wrong with them: %s', async (query, operationName, code) => {
    const raw = await RawSocket.acknowledged();
    raw.say({ type: 'subscribe', id: 'x', payload: { query, operationName } });

    const refusal = await raw.hear();
    expect(refusal).toMatchObject({ type: 'error', id: 'x', payload: [{ message: expect.any(String) }] });
    if (code) expect(refusal).toMatchObject({ payload: [{ extensions: { code } }] });
  });
});

describe('the protocol', () => {
  test('is spoken as a subprotocol, and nothing else is', async () => {
    for (const subprotocols of [[], ['graphql-ws']]) {
      const socket = new WebSocket(outport.websocketUrl, subprotocols).on('error', () => {});
      const [, response] = await once(socket, 'unexpected-response');
      expect(response.statusCode).toBe(400);
    }
  });

  test('answers pings, before and after the beginning', async () => {
    const raw = await RawSocket.open();
    raw.say({ type: 'ping', payload: { n: 1 } });
    expect(await raw.hear()).toEqual({ type: 'pong', payload: { n: 1 } });
  });

  test('takes the completion of what was never begun', async () => {
    const raw = await RawSocket.acknowledged();
    raw.say({ type: 'complete', id: 'constructor' });
    raw.say({ type: 'ping' });
    expect(await raw.hear()).toEqual({ type: 'pong' });
  });

  test.each([
    ['no JSON', 'hello'],
    ['no message', '{"type":"greet"}'],
    ['a message of the server', { type: 'next', id: '1', payload: {} }],
    ['an id that is too long', subscribe('x'.repeat(129), 'any')],
    ['a message that is too long', { type: 'ping', payload: { text: 'x'.repeat(15_000) } }],
  ])('closes the connection for %s', async (_name, message) => {
    const raw = await RawSocket.acknowledged();
    raw.say(message);
    expect(await raw.closed()).toEqual([]);
  });

  test('closes the connection for a subscription before the acknowledgement', async () => {
    const raw = await RawSocket.open();
    raw.say(subscribe('a', 'any'));
    expect(await raw.closed()).toEqual([]);
  });

  test.each([
    ['no token', undefined],
    ['no bearer token', { authorization: 'Basic YTpi' }],
    ['a forged token', { authorization: 'Bearer a.b.c' }],
  ])('closes the connection for a beginning with %s', async (_name, payload) => {
    const raw = await RawSocket.open();
    raw.say({ type: 'connection_init', payload });
    expect(await raw.closed()).toEqual([]);
  });

  test('closes the connection for a second beginning', async () => {
    const raw = await RawSocket.acknowledged();
    raw.say({ type: 'connection_init', payload: { authorization: `Bearer ${outport.token}` } });
    expect(await raw.closed()).toEqual([]);
  });

  test('closes the connection for an id used twice', async () => {
    const { id, raw } = await subscribed();
    raw.say(subscribe('a', id));
    expect(await raw.closed()).toEqual([]);
  });
});
