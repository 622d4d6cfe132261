import { randomUUID } from 'node:crypto';
import { paginateListExports } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readExport, readOpenExports } from '../../src/records/export-records.ts';
import { readLedger } from '../../src/records/ledger.ts';
import { readQueues } from '../../src/records/queue-tickets.ts';
import { cancelExport } from '../../src/services/cancel-export.ts';
import { exportIdOf } from '../../src/services/export-id.ts';
import { exportTable } from '../../src/services/export-table.ts';
import type { Outport } from '../../src/services/outport.ts';
import { dropLostTickets } from '../../src/services/queue.ts';
import { reconcileOpenExports } from '../../src/services/reconcile.ts';
import { takeSlot } from '../../src/services/slots.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { Crash, crashingAt } from '../support/crash.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { reconcileAllAccounts, testRun } from '../support/reconcile-run.ts';
import { waitingExport } from '../support/waiting-export.ts';

const SCOPE = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };
const MAX_EXPORTS = 2;

let plane: TestControlPlane;
let outport: Outport;
let tableArn: string;
beforeAll(async () => {
  plane = await startControlPlane({ OUTPORT_MAX_EXPORTS: String(MAX_EXPORTS) });
  outport = plane.outport;
  tableArn = await plane.createTable('cities');
  await plane.createBucket('exports');
});
afterAll(() => plane.close());

const member = (team: string) => ({ ...ANN, subject: team, teams: ['platform', team] });

const ask = (at: Outport, team: string, clientToken: string, whenFull: 'QUEUE' | 'REFUSE') =>
  exportTable(at, member(team), ORIGIN, {
    clientToken,
    tableArn,
    exportFormat: 'DYNAMODB_JSON',
    destination: { bucket: 'exports' },
    whenFull,
  });

const later = (milliseconds: number): Outport => ({ ...outport, now: () => new Date(Date.now() + milliseconds) });

/** Whether it died. */
async function dies(life: Promise<unknown>): Promise<boolean> {
  try {
    await life;
    return false;
  } catch (error) {
    if (error instanceof Crash) return true;
    throw error;
  }
}

const slots = async () => Object.keys((await readLedger(outport.table, SCOPE)).exports);

async function runningUpstream(): Promise<number> {
  let running = 0;
  for await (const { ExportSummaries = [] } of paginateListExports(
    { client: plane.dynamodb },
    { TableArn: tableArn },
  )) {
    running += ExportSummaries.filter(({ ExportStatus }) => ExportStatus === 'IN_PROGRESS').length;
  }
  return running;
}

/** What reconcile does over the next hour. */
async function tidyUp(): Promise<void> {
  await reconcileOpenExports(later(10_000), testRun);
  await reconcileAllAccounts(later(3_600_000));
  expect(await readOpenExports(outport.table)).toEqual([]);
  expect(await slots()).toEqual([]);
  expect(await readQueues(outport.table, SCOPE)).toEqual([]);
}

test('a process that dies at any moment of a request that would rather be refused leaks no slot', async () => {
  for (let point = 1; ; point += 1) {
    const clientToken = randomUUID();
    const died = await dies(ask(crashingAt(point, outport), 'red', clientToken, 'REFUSE'));
    await tidyUp();
    const record = await readExport(outport.table, exportIdOf('https://id.example', 'red', clientToken));
    expect([undefined, 'COMPLETED'], `moment ${point}`).toContain(record?.status);
    if (!died) break;
    // Whoever asks again is given the export of the first, or one of their own.
    expect(await ask(outport, 'red', clientToken, 'REFUSE')).toMatchObject({
      export: expect.anything(),
      userErrors: [],
    });
    await tidyUp();
  }
}, 240_000);

test('a process that dies at any moment of a request that has to wait leaves one place, and no other for long', async () => {
  const OTHERS = ['other_1', 'other_2'].map((id) => waitingExport({ id, team: 'others', subject: id, tableArn }));
  for (let point = 1; ; point += 1) {
    for (const other of OTHERS) expect(await takeSlot(outport, other)).toBeNull();
    const clientToken = randomUUID();
    const died = await dies(ask(crashingAt(point, outport), 'red', clientToken, 'QUEUE'));
    const { export: record } = await ask(outport, 'red', clientToken, 'QUEUE');
    expect(record, `moment ${point}`).toMatchObject({ status: 'QUEUED' });
    await dropLostTickets(later(600_000), SCOPE);
    expect(await readQueues(outport.table, SCOPE)).toMatchObject([{ owner: 'team:platform', tickets: { size: 1 } }]);
    await cancelExport(outport, member('red'), ORIGIN, record?.id ?? '');
    expect(await readQueues(outport.table, SCOPE)).toEqual([]);
    await tidyUp();
    if (!died) break;
  }
}, 240_000);

test('however requests, cancellations and reconciles are mixed and wherever they die, no more run than may', async () => {
  const life = fc.record({
    does: fc.constantFrom('QUEUE', 'QUEUE', 'REFUSE', 'CANCEL', 'RECONCILE'),
    team: fc.constantFrom('red', 'blue'),
    export: fc.nat(3),
    crashAt: fc.integer({ min: 1, max: 80 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 4, maxLength: 10 }), async (lives) => {
      const clientTokens = Array.from({ length: 4 }, () => randomUUID());
      const running: number[] = [];
      await Promise.all(
        lives.map(async ({ does, team, export: n, crashAt }) => {
          const at = crashingAt(crashAt, does === 'RECONCILE' ? later(10_000) : outport);
          const clientToken = clientTokens[n] ?? '';
          const id = exportIdOf('https://id.example', team, clientToken);
          if (does === 'CANCEL') await dies(cancelExport(at, member(team), ORIGIN, id));
          else if (does === 'RECONCILE') {
            await dies(reconcileOpenExports(at, { ...testRun, remainingMs: rounds(2), report: () => {} }));
          } else await dies(ask(at, team, clientToken, does));
          running.push(await runningUpstream(), (await slots()).length);
        }),
      );
      expect(Math.max(...running)).toBeLessThanOrEqual(MAX_EXPORTS);
      await tidyUp();
    }),
    { numRuns: 12 },
  );
}, 240_000);

/** The time of a run that is over when it was looked at so often. */
function rounds(looks: number): () => number {
  let left = looks;
  return () => {
    left -= 1;
    return left < 0 ? 0 : 1_000;
  };
}
