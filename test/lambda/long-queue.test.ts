import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExport, readExport } from '../../src/records/export-records.ts';
import { exportTable } from '../../src/services/export-table.ts';
import type { Outport } from '../../src/services/outport.ts';
import { preflight } from '../../src/services/preflight.ts';
import { joinQueue, placeOf, readPlaces, readTurns } from '../../src/services/queue.ts';
import { startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { waitingExport } from '../support/waiting-export.ts';

const SCOPE = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };
const PEOPLE = 3;
/** What waits at first, and later: each more than a query reads. */
const SHORT = 90;
const LONG = 450;
let plane: TestControlPlane;
let cost: { calls: number; items: number };
/**
 * What `plane.outport` does, with its calls to the records table counted, but for those of the audit: whether it reads the end of a
 * chain depends on when this process has last written to it.
 */
let counted: Outport;
beforeAll(async () => {
  plane = await startControlPlane({
    OUTPORT_QUOTAS: JSON.stringify([{ team: 'held', maxExports: 0 }]),
  });
  await plane.createTable('cities');
  await plane.createBucket('exports');
  const client = new DynamoDBClient();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      if (JSON.stringify(args.input).includes('AUDIT')) return result;
      cost.calls += 1;
      if ('Count' in result.output) cost.items += Number(result.output.Count);
      return result;
    },
    { step: 'initialize', name: 'count' },
  );
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  counted = { ...plane.outport, table: { client: documents, name: plane.outport.table.name } };
});
afterAll(() => plane.close());

let queued = 0;
/** Exports of a team that its quota holds back, asked for by some of its people in turn. */
async function queueUpTo(length: number): Promise<void> {
  for (; queued < length; queued += 1) {
    const createdAt = new Date(Date.now() - 3_600_000 + queued).toISOString();
    const subject = `held-${queued % PEOPLE}`;
    const record = waitingExport({
      id: `exp_${queued}`,
      team: 'held',
      subject,
      createdAt,
      tableArn: tableArnOf('cities'),
    });
    expect(await joinQueue(plane.outport, record, 1_000)).toBeNull();
    expect(await createExport(plane.outport.table, record)).toBe(true);
  }
}

async function costOf(work: () => Promise<unknown>): Promise<typeof cost> {
  cost = { calls: 0, items: 0 };
  await work();
  return cost;
}

const member = (team: string) => ({ ...ANN, subject: `${team}-0`, teams: [team, 'platform'] });
const input = () => ({
  clientToken: randomUUID(),
  tableArn: tableArnOf('cities'),
  exportFormat: 'ION' as const,
  destination: { bucket: 'exports' },
});

/** Everything that has to do with the queue, with what it comes to. */
const WORK: Readonly<Record<string, () => Promise<unknown>>> = {
  'a request that has to wait': async () => {
    const { export: record } = await exportTable(counted, member('held'), ORIGIN, input());
    expect(record).toMatchObject({ status: 'QUEUED' });
  },
  'a request that is let in past those who are held back': async () => {
    const { export: record } = await exportTable(counted, member('free'), ORIGIN, input());
    expect(record).toMatchObject({ status: 'IN_PROGRESS' });
  },
  'a preflight': () => preflight(counted, member('held'), ORIGIN, input()),
  'a place': async () => {
    const last = await readExport(counted.table, `exp_${queued - 1}`);
    if (last?.status !== 'QUEUED' || last.admittedAt !== null) throw new Error('it does not wait');
    expect(placeOf(await readPlaces(counted, SCOPE), { ...last, admittedAt: null })).toBe(queued);
  },
  'a look for whose turn it is': async () => expect(await readTurns(counted)).toEqual([]),
};

test('what asking, telling places and letting in costs does not depend on how many wait', async () => {
  const costs: Array<Map<string, typeof cost>> = [];
  for (const length of [SHORT, LONG]) {
    await queueUpTo(length);
    const measured = new Map<string, typeof cost>();
    for (const [name, work] of Object.entries(WORK)) measured.set(name, await costOf(work));
    costs.push(measured);
  }
  const [short, long] = costs;
  for (const [name, { calls, items }] of long ?? []) {
    expect([name, calls, items]).toEqual([name, short?.get(name)?.calls, short?.get(name)?.items]);
  }
}, 120_000);
