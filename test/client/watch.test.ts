import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import {
  createOutportClient,
  NoSuchExportError,
  type OutportClient,
  type OutportClientOptions,
  TimedOutError,
} from '../../src/client/index.ts';
import { watchExport, watchExports } from '../../src/client/watch.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { allOf } from '../support/all-of.ts';
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts';
import { exportCompleted, exportFailed, exportInProgress, recordsTableOf, writeMove } from '../support/export-moves.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';

let outport: OutportProcess;
let proxy: CuttableProxy;
let records: RecordsTable;
const clients: OutportClient[] = [];

beforeAll(async () => {
  outport = await startOutport();
  records = recordsTableOf(outport);
  proxy = await startCuttableProxy(outport.graphqlUrl);
});
afterEach(() => {
  proxy.setReachable(true);
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  records.client.destroy();
  await proxy.close();
  await outport.stop();
});

/** A client whose every connection goes through the proxy. */
function clientOf(options: Partial<OutportClientOptions> = {}): OutportClient {
  const client = createOutportClient({
    url: proxy.through(outport.graphqlUrl),
    webSocketUrl: proxy.through(outport.websocketUrl),
    webSocket: WebSocket,
    token: outport.token,
    ...options,
  });
  clients.push(client);
  return client;
}

const versionsOf = (updates: ReadonlyArray<{ readonly version: number }>) => updates.map(({ version }) => version);

/** Follows an export that changes as it is read: each version is written when the one before was told. */
async function followMoves(client: OutportClient, id: string, cutsBefore: ReadonlySet<number>, last: number) {
  await writeMove(records, exportInProgress(id, 1));
  const told: number[] = [];
  for await (const { version } of client.watchExport(id)) {
    told.push(version);
    if (version === last) continue;
    if (cutsBefore.has(version + 1)) proxy.cut();
    const next = version + 1;
    await writeMove(records, next === last ? exportCompleted(id, next) : exportInProgress(id, next));
  }
  return told;
}

describe('watchExport', () => {
  test('tells each version once and in order, over whatever cuts there are', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 2, max: 6 }), { maxLength: 4 }), async (cuts) => {
        run += 1;
        const told = await followMoves(clientOf(), `exp_cut${run}`, new Set(cuts), 6);
        expect(told).toEqual([1, 2, 3, 4, 5, 6]);
      }),
      { numRuns: 6 },
    );
  });

  test('goes on after a version, and ends at once with an export that has ended', async () => {
    await writeMove(records, exportCompleted('exp_done', 7));

    expect(versionsOf(await allOf(clientOf().watchExport('exp_done', { after: 3 })))).toEqual([7]);
    expect(versionsOf(await allOf(clientOf().watchExport('exp_done', { after: 7 })))).toEqual([]);
  });

  test('asks where there is no WebSocket API', async () => {
    expect(await followMoves(clientOf({ webSocketUrl: undefined }), 'exp_asked', new Set(), 3)).toEqual([1, 2, 3]);
  });

  test('asks where no WebSocket comes about', async () => {
    const client = clientOf({ webSocketUrl: 'ws://127.0.0.1:1/', url: outport.graphqlUrl });

    expect(await followMoves(client, 'exp_blocked', new Set(), 4)).toEqual([1, 2, 3, 4]);
  });

  test('asks with a token that only the WebSocket API refuses', async () => {
    const tokens = ['forged', outport.token];
    const client = clientOf({ token: () => tokens.shift() ?? outport.token });

    expect(await followMoves(client, 'exp_refused', new Set(), 3)).toEqual([1, 2, 3]);
  });

  test('waits for an Outport that comes back', async () => {
    await writeMove(records, exportInProgress('exp_away', 1));
    const watching = clientOf().watchExport('exp_away');
    expect((await watching.next()).value).toMatchObject({ version: 1 });
    const next = watching.next();
    proxy.setReachable(false);
    await writeMove(records, exportCompleted('exp_away', 2));
    proxy.setReachable(true);

    expect((await next).value).toMatchObject({ version: 2, status: 'COMPLETED' });
    expect((await watching.next()).done).toBe(true);
  });

  test('outlasts the end of an Outport that is killed and started again', async () => {
    await writeMove(records, exportInProgress('exp_killed', 1));
    let refused = 0;
    const client = clientOf({
      url: outport.graphqlUrl,
      webSocketUrl: outport.websocketUrl,
      fetch: (...args) =>
        fetch(...args).catch((error: unknown) => {
          refused += 1;
          throw error;
        }),
    });
    const watching = client.watchExport('exp_killed');
    expect((await watching.next()).value).toMatchObject({ version: 1 });
    const next = watching.next();
    await outport.kill('SIGKILL');
    // A request is tried five times.
    await vi.waitUntil(() => refused > 5, { timeout: 60_000 });
    await outport.restart();
    await writeMove(records, exportInProgress('exp_killed', 2));
    expect((await next).value).toMatchObject({ version: 2 });
    await writeMove(records, exportCompleted('exp_killed', 3));

    expect(versionsOf(await allOf(watching))).toEqual([3]);
  }, 90_000);

  test('gives up at once on an Outport that has never answered', async () => {
    const client = clientOf({ url: 'http://127.0.0.1:1/graphql', webSocketUrl: undefined });

    await expect(allOf(client.watchExport('exp_nowhere'))).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  test('knows no export that is not there', async () => {
    await expect(allOf(clientOf().watchExport('exp_none'))).rejects.toBeInstanceOf(NoSuchExportError);
  });

  test('stops with its signal', async () => {
    await writeMove(records, exportInProgress('exp_stopped', 1));
    const stop = new AbortController();
    const reading = allOf(
      (async function* () {
        for await (const update of clientOf().watchExport('exp_stopped', { signal: stop.signal })) {
          yield update;
          stop.abort(new Error('enough'));
        }
      })(),
    );

    await expect(reading).rejects.toThrow('enough');
  });
});

describe('waitForExport', () => {
  test('fails with the export that failed', async () => {
    await writeMove(records, exportFailed('exp_failed', 2));

    await expect(clientOf().waitForExport('exp_failed')).rejects.toMatchObject({
      name: 'ExportEndedError',
      code: 'S3_NO_SUCH_BUCKET',
      remedy: 'Create the bucket.',
      export: { id: 'exp_failed', status: 'FAILED' },
    });
  });

  test('says how far it was when the time is up', async () => {
    await writeMove(records, exportInProgress('exp_slow', 4));
    const waiting = clientOf().waitForExport('exp_slow', { timeoutMs: 2_000 });

    await expect(waiting).rejects.toBeInstanceOf(TimedOutError);
    await expect(waiting).rejects.toMatchObject({ code: 'TIMED_OUT', export: { version: 4 } });
  });
});

describe('watchExports', () => {
  test('tells when to read the list, at the beginning and after a cut, and changes between', async () => {
    const watching = clientOf().watchExports({ tableArn: exportInProgress('x', 1).tableArn });
    expect((await watching.next()).value).toBeNull();
    await writeMove(records, exportInProgress('exp_listed', 1));
    expect((await watching.next()).value).toMatchObject({ id: 'exp_listed', version: 1 });
    proxy.cut();
    expect((await watching.next()).value).toBeNull();
    expect((await watching.next()).value).toBeNull();
    await writeMove(records, exportInProgress('exp_listed', 2));

    expect((await watching.next()).value).toMatchObject({ id: 'exp_listed', version: 2 });
    await watching.return();
  });
});

describe('a subscription that tells nothing, over a connection that lives', () => {
  const told: string[] = [];
  let isSubscribed = false;
  const subscriber = {
    async *subscribe(_document: unknown, _variables: unknown, until?: AbortSignal): AsyncGenerator<never, void> {
      isSubscribed = true;
      await new Promise((_, reject) => until?.addEventListener('abort', () => reject(until.reason)));
    },
    close: () => undefined,
  };
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    expect(isSubscribed).toBe(true);
  });

  test('is not waited for longer than a minute', async () => {
    const answers = [exportInProgress('exp_silent', 1), exportCompleted('exp_silent', 2)];
    const request = async () => ({ export: answers.shift() }) as never;
    const following = (async () => {
      for await (const { status } of watchExport({ subscriber, request }, 'exp_silent', 0, undefined))
        told.push(status);
    })();

    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual(['IN_PROGRESS']);
    await vi.advanceTimersByTimeAsync(60_000);
    await following;

    expect(told).toEqual(['IN_PROGRESS', 'COMPLETED']);
  });

  test('has the list read every minute', async () => {
    const left = new AbortController();
    const updates = watchExports({ subscriber, request: vi.fn() }, undefined, left.signal);

    for (let minute = 0; minute < 2; minute += 1) {
      const update = updates.next();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await update).toEqual({ done: false, value: null });
    }
    const last = updates.next();
    left.abort(new Error('no longer wanted'));
    await expect(last).rejects.toThrow('no longer wanted');
  });
});

test('subscribe without a WebSocket says what is missing', () => {
  const client = clientOf({ webSocketUrl: undefined });

  expect(() => client.subscribe('subscription { exportsUpdated { id } }', {})).toThrow('no WebSocket');
});
