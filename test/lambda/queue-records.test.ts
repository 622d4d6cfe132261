import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createExport, type WaitingExport } from '../../src/records/export-records.ts';
import { ownersOf, queueOwnerOf } from '../../src/records/owners.ts';
import { dropTickets, readQueues, takeTicket, ticketOf } from '../../src/records/queue-tickets.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { readLanes } from '../../src/records/waiting-exports.ts';
import { groupBy } from '../../src/services/group-by.ts';
import { inParallel } from '../../src/services/in-parallel.ts';
import { dropLostTickets } from '../../src/services/queue.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { waitingExport } from '../support/waiting-export.ts';

const HERE = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };
const THERE = { ...HERE, region: 'eu-west-1' };
const NOW = new Date('2026-11-28T12:00:00.000Z');

let plane: TestControlPlane;
let table: RecordsTable;
beforeAll(async () => {
  plane = await startControlPlane();
  table = plane.outport.table;
});
afterAll(() => plane.close());

/** Each test has an account of its own. */
let account = 100_000_000_000;
beforeEach(() => {
  account += 1;
});

const scopeOf = (scope: typeof HERE) => ({ ...scope, account: String(account) });

function waiting(n: number, facts: { team?: string; subject?: string; scope?: typeof HERE; ageMs?: number } = {}) {
  const { scope = HERE, ageMs = n, ...owners } = facts;
  return waitingExport({
    id: `exp_${account}-${n}`,
    tableArn: `arn:aws:dynamodb:${scope.region}:${account}:table/orders`,
    createdAt: new Date(NOW.getTime() - ageMs).toISOString(),
    ...owners,
  });
}

const EXPIRY = { max: 1_000, expiresAt: new Date(NOW.getTime() + 60_000) };

test('lanes have everybody who waits, those of the same owners together and the oldest first', async () => {
  const all = Array.from({ length: 190 }, (_, n) => {
    // Lanes of one, of a few, and of more than a query reads.
    const [team, subject] = n % 3 === 0 ? ['long', 'x'] : n % 7 === 0 ? ['short', `p${n % 5}`] : [`t${n % 40}`, 'y'];
    return waiting(n, { team, subject, scope: n % 11 === 0 ? THERE : HERE });
  });
  await inParallel(all, 8, async (record) => void (await createExport(table, record)));
  for (const scope of [HERE, THERE]) {
    const lanes = await Promise.all((await readLanes(table, scopeOf(scope))).map(drained));
    const expected = all.filter(({ tableArn }) => tableArn.includes(scope.region)).toSorted(byAge);
    const together = [...groupBy(expected, (record) => ownersOf(record).join()).values()];
    const sorted = (queues: ReadonlyArray<readonly WaitingExport[]>) =>
      queues.map((queue) => queue.map(({ id }) => id)).sort();
    expect(sorted(lanes)).toEqual(sorted(together));
  }
  for (const held of ['team:long', 'team:t1'] as const) {
    const others = (await readLanes(table, scopeOf(HERE), (owner) => owner === held)).map(drained);
    const expected = all.filter((record) => record.tableArn.includes(HERE.region) && queueOwnerOf(record) !== held);
    expect(
      (await Promise.all(others))
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(expected.map(({ id }) => id).sort());
  }
  const heads = await Promise.all((await readLanes(table, null)).map((lane) => lane.head()));
  expect(heads.filter((head) => head?.tableArn.includes(String(account)))).toHaveLength(
    new Set(all.map((record) => `${record.tableArn} ${ownersOf(record)}`)).size,
  );
});

const byAge = (a: WaitingExport, b: WaitingExport) => (a.createdAt < b.createdAt ? -1 : 1);

async function drained(lane: Awaited<ReturnType<typeof readLanes>>[number]): Promise<WaitingExport[]> {
  const queue: WaitingExport[] = [];
  for (let head = await lane.head(); head; head = await lane.head()) {
    queue.push(head);
    lane.shift();
  }
  return queue;
}

test('a ticket is taken and dropped once, however often, by as many as may wait and however they race', async () => {
  const scope = scopeOf(HERE);
  const many = Array.from({ length: 30 }, (_, n) => waiting(n, { team: 'a' }));
  const taken = await Promise.all(many.map((record) => takeTicket(table, scope, record, { ...EXPIRY, max: 20 })));
  expect(taken.filter(Boolean)).toHaveLength(20);
  const [first] = many.filter((_, n) => taken[n]);
  if (!first) throw new Error('nobody has a ticket');
  expect(await takeTicket(table, scope, first, { ...EXPIRY, max: 20 })).toBe(true);
  expect(await readQueues(table, scope)).toMatchObject([{ owner: 'team:a', tickets: { size: 20 } }]);
  for (let again = 0; again < 2; again += 1) await dropTickets(table, scope, 'team:a', [ticketOf(first)]);
  expect(await readQueues(table, scope)).toMatchObject([{ owner: 'team:a', tickets: { size: 19 } }]);

  await dropTickets(table, scope, 'team:a', many.map(ticketOf));
  await dropTickets(table, scope, 'team:never', [1]);
  expect(await readQueues(table, scope)).toEqual([]);
  expect(await readQueues(table, scopeOf(THERE))).toEqual([]);
});

test('the tickets that crashes have left are dropped, and those of whoever waits are not', async () => {
  const scope = scopeOf(HERE);
  const minutes = (count: number) => count * 60_000;
  const inQueue = [
    waiting(1, { team: 'a', subject: 'x', ageMs: minutes(10) }),
    waiting(2, { team: 'a', subject: 'y', ageMs: minutes(20) }),
  ];
  const lost = [
    waiting(3, { team: 'a', subject: 'x', ageMs: minutes(30) }),
    waiting(4, { subject: 'z', ageMs: minutes(6) }),
  ];
  // Perhaps its request is about to record it; or it is behind somebody who waits, and surfaces one day.
  const kept = [
    waiting(5, { subject: 'z', ageMs: minutes(4) }),
    waiting(6, { team: 'a', subject: 'y', ageMs: minutes(15) }),
  ];
  for (const record of inQueue) await createExport(table, record);
  for (const record of [...inQueue, ...lost, ...kept]) await takeTicket(table, scope, record, EXPIRY);

  const later = { ...plane.outport, now: () => NOW };
  await dropLostTickets(later, scope);
  const left = (await readQueues(table, scope)).flatMap(({ tickets }) => [...tickets]);
  expect(left.sort()).toEqual([...inQueue, ...kept].map(ticketOf).sort());
});
