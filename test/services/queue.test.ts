import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WaitingExport } from '../../src/records/export-records.ts';
import { emptyLedger, type Ledger } from '../../src/records/ledger.ts';
import { ownersOf, queueOwnerOf } from '../../src/records/owners.ts';
import { ticketOf } from '../../src/records/queue-tickets.ts';
import type { Lane } from '../../src/records/waiting-exports.ts';
import {
  claimOf,
  exceededLimit,
  exceededQuota,
  type Rules,
  withoutSlot,
  withSlot,
} from '../../src/services/admission.ts';
import { groupBy } from '../../src/services/group-by.ts';
import { admissionRound, placeOf } from '../../src/services/queue.ts';
import { waitingExport } from '../support/waiting-export.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const EMPTY = emptyLedger({ partition: 'aws', account: '111122223333', region: 'eu-central-1' });
const rules = (maxExports: number, maxBytes = 1_000): Rules => ({ limits: { maxExports, maxBytes }, quotas: [] });

let created = 0;
function waiting(team: string | null, id: string, facts: { subject?: string; tableSizeBytes?: number } = {}) {
  created += 1;
  return waitingExport({ id, team, createdAt: new Date(NOW.getTime() + created).toISOString(), ...facts });
}

const idsOf = (records: readonly WaitingExport[]) => records.map(({ id }) => id);

/** As the index has them. */
function lanesOf(queue: readonly WaitingExport[]): Lane[] {
  const together = groupBy(queue, (record) => ownersOf(record).join());
  return [...together.values()].map((lane) => {
    const left = lane.toSorted((a, b) => ticketOf(a) - ticketOf(b));
    return { head: async () => left[0] ?? null, shift: () => void left.shift() };
  });
}

const roundOf = (ledger: Ledger, queue: readonly WaitingExport[], by: Rules) =>
  admissionRound(ledger, lanesOf(queue), by, NOW);

const letIn = async (ledger: Ledger, queue: readonly WaitingExport[], by: Rules) =>
  idsOf((await roundOf(ledger, queue, by)).admitted);

const after = (lastTurn: Ledger['lastTurn']): Ledger => ({ ...EMPTY, lastTurn });

/** The ids in the order of the places that are told. */
function byPlace(queue: readonly WaitingExport[], lastTurn: Ledger['lastTurn']): string[] {
  const queues = [...groupBy(queue, queueOwnerOf).values()].map((together) => {
    const [first] = together;
    if (!first) throw new Error('nobody waits');
    return { owner: queueOwnerOf(first), tickets: new Set(together.map(ticketOf)) };
  });
  const places = queue.map((record) => placeOf({ queues, lastTurn }, record));
  expect(places.toSorted((a, b) => a - b)).toEqual(queue.map((_, n) => n + 1));
  return places
    .map((place, n) => ({ place, id: queue[n]?.id ?? '' }))
    .sort((a, b) => a.place - b.place)
    .map(({ id }) => id);
}

test('teams take turns behind the one that had the last, and within a team whoever asked first is first', async () => {
  const queue = [waiting('a', 'a1'), waiting('a', 'a2'), waiting('b', 'b1'), waiting('a', 'a3'), waiting('c', 'c1')];
  expect(await letIn(EMPTY, queue, rules(9))).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  expect(await letIn(after('team:a'), queue.toReversed(), rules(9))).toEqual(['b1', 'c1', 'a1', 'a2', 'a3']);
  expect(await letIn(after('team:c'), queue, rules(9))).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  expect(await letIn(after('team:bb'), queue, rules(9))).toEqual(['c1', 'a1', 'b1', 'a2', 'a3']);
});

test('within a team, whoever asked first is first, whoever of the team it was', async () => {
  const queue = [
    waiting('a', 'x1', { subject: 'x' }),
    waiting('a', 'y1', { subject: 'y' }),
    waiting('a', 'x2', { subject: 'x' }),
  ];
  expect(await letIn(EMPTY, queue, rules(9))).toEqual(['x1', 'y1', 'x2']);
});

test('whoever has no team is a team of their own', async () => {
  const queue = [
    waiting(null, 'x1', { subject: 'x' }),
    waiting(null, 'x2', { subject: 'x' }),
    waiting(null, 'y1', { subject: 'y' }),
  ];
  expect(await letIn(EMPTY, queue, rules(9))).toEqual(['x1', 'y1', 'x2']);
});

const asked = fc.array(fc.record({ team: fc.constantFrom('a', 'b', 'c', null), subject: fc.constantFrom('x', 'y') }), {
  minLength: 1,
  maxLength: 40,
});

test('places are told in the order in which exports are let in, whoever had the last turn', async () => {
  const lastTurn = fc.constantFrom(null, 'team:a', 'team:b', 'team:bb', 'team:c', 'person:https://id.example|x');
  await fc.assert(
    fc.asyncProperty(asked, lastTurn, async (people, had) => {
      const queue = people.map(({ team, subject }, n) => waiting(team, `e${n}`, { subject, tableSizeBytes: 1 }));
      const last = had as Ledger['lastTurn'];
      expect(byPlace(queue, last)).toEqual(await letIn(after(last), queue, rules(100)));
    }),
  );
});

test('as slots become free one by one, no team that waits gets two turns more than another', async () => {
  await fc.assert(
    fc.asyncProperty(asked, fc.integer({ min: 1, max: 5 }), async (people, maxExports) => {
      let queue = people.map(({ team, subject }, n) => waiting(team, `e${n}`, { subject }));
      let ledger: Ledger = EMPTY;
      const turns = new Map<string, number>();
      while (queue.length > 0) {
        const [oldest] = Object.keys(ledger.exports);
        if (oldest !== undefined && Object.keys(ledger.exports).length === maxExports)
          ledger = withoutSlot(ledger, oldest);
        const [next] = (await roundOf(ledger, queue, rules(maxExports))).admitted;
        if (!next) throw new Error('nobody is next');
        ledger = withSlot(ledger, claimOf(next), [], NOW);
        queue = queue.filter(({ id }) => id !== next.id);
        turns.set(queueOwnerOf(next), (turns.get(queueOwnerOf(next)) ?? 0) + 1);
        const most = Math.max(...turns.values());
        for (const record of queue) expect(most - (turns.get(queueOwnerOf(record)) ?? 0)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('a round lets in whom the limits leave room for, together, and then nobody else', async () => {
  const exports = fc.array(
    fc.record({
      team: fc.constantFrom('a', 'b', null),
      subject: fc.constantFrom('x', 'y'),
      tableSizeBytes: fc.nat(600),
    }),
    { maxLength: 12 },
  );
  const by: Rules = {
    limits: { maxExports: 4, maxBytes: 1_000 },
    quotas: [
      { owner: 'team:a', maxExports: 2, maxStartsPerDay: null },
      { owner: 'person:*', maxExports: 3, maxStartsPerDay: 3 },
    ],
  };
  await fc.assert(
    fc.asyncProperty(exports, async (facts) => {
      const queue = facts.map(({ team, ...rest }, n) => waiting(team, `e${n}`, rest));
      let ledger: Ledger = EMPTY;
      const round = await roundOf(ledger, queue, by);
      for (const record of round.admitted) {
        expect(exceededLimit(ledger, claimOf(record), by, NOW)).toBeNull();
        ledger = withSlot(ledger, claimOf(record), by.quotas, NOW);
      }
      expect(ledger).toEqual(round.ledger);
      const left = queue.filter(({ id }) => !idsOf(round.admitted).includes(id));
      for (const record of left) {
        expect(exceededQuota(ledger, claimOf(record), by, NOW) ?? round.full, record.id).not.toBeNull();
      }
    }),
  );
});

test('whom a quota holds back is passed over; whom the account holds back keeps those behind waiting', async () => {
  const quotas = [{ owner: 'team:a', maxExports: 1, maxStartsPerDay: null }] as const;
  const queue = [waiting('a', 'a1'), waiting('a', 'a2'), waiting('b', 'b1'), waiting('b', 'b2')];
  expect(await letIn(EMPTY, queue, { ...rules(3), quotas })).toEqual(['a1', 'b1', 'b2']);

  const running = withSlot(EMPTY, { exportId: 'r', bytes: 500, expectedSeconds: null, owners: [] }, [], NOW);
  const large = [waiting('c', 'large', { tableSizeBytes: 900 }), waiting('c', 'small')];
  expect(await letIn(running, large, rules(10))).toEqual([]);
  expect(await letIn(EMPTY, large, rules(10))).toEqual(['large', 'small']);
});

test('whom their own quota holds back takes no turn from others of their team', async () => {
  const quotas = [{ owner: 'person:https://id.example|x', maxExports: 0, maxStartsPerDay: null }] as const;
  const held = Array.from({ length: 5 }, (_, n) => waiting('a', `x${n}`, { subject: 'x' }));
  const others = [waiting('b', 'b1'), waiting('b', 'b2'), waiting('a', 'y1', { subject: 'y' }), waiting('b', 'b3')];
  expect(await letIn(EMPTY, [...held, ...others], { ...rules(3), quotas })).toEqual(['y1', 'b1', 'b2']);
});

test('a daily quota counts any 24 hours, and says when there is room again', () => {
  const by: Rules = { ...rules(10), quotas: [{ owner: 'team:a', maxExports: null, maxStartsPerDay: 2 }] };
  const at = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);
  let ledger = EMPTY;
  for (const [id, hours] of [
    ['a1', 0],
    ['a2', 5],
  ] as const) {
    ledger = withoutSlot(withSlot(ledger, claimOf(waiting('a', id)), by.quotas, at(hours)), id);
  }
  const claim = claimOf(waiting('a', 'a3'));
  expect(exceededLimit(ledger, claim, by, at(23.9))).toEqual({
    scope: 'TEAM',
    measure: 'STARTS_PER_DAY',
    inUse: 2,
    max: 2,
    retryAt: at(24).toISOString(),
  });
  expect(exceededLimit(ledger, claim, by, at(24))).toBeNull();
});

test('when there is room again is expected by when exports in flight should end, as far as that is known', () => {
  const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
  const running = (...expected: Array<number | null>) =>
    expected.reduce<Ledger>(
      (ledger, expectedSeconds, n) =>
        withSlot(ledger, { exportId: `r${n}`, bytes: 100, expectedSeconds, owners: ['team:a'] }, [], NOW),
      EMPTY,
    );
  const retryAt = (ledger: Ledger, by: Rules, bytes = 100, now = NOW) =>
    exceededLimit(ledger, { exportId: 'new', bytes, expectedSeconds: null, owners: ['team:a'] }, by, now)?.retryAt;
  const iso = (seconds: number) => at(seconds).toISOString();

  expect(retryAt(running(30, 10, 20), rules(3))).toBe(iso(10));
  // Two must end before there is room: the limit has been lowered.
  expect(retryAt(running(30, 10, 20), rules(2))).toBe(iso(20));
  expect(retryAt(running(30, null, null), rules(3))).toBe(iso(30));
  expect(retryAt(running(null, null, 10), rules(2))).toBeNull();
  expect(retryAt(running(30, 10, 20), rules(0))).toBeNull();
  expect(retryAt(running(30, 10, 20), rules(10, 350), 150)).toBe(iso(10));
  expect(retryAt(running(30, 10, 20), rules(10, 350), 240)).toBe(iso(20));
  // Larger than the limit: it is let in alone.
  expect(retryAt(running(30, 10, 20), rules(10, 350), 999)).toBe(iso(30));
  const quotas = [{ owner: 'team:a', maxExports: 2, maxStartsPerDay: null }] as const;
  expect(retryAt(running(30, 10), { ...rules(9), quotas })).toBe(iso(10));
  // Whatever runs longer than expected may end any minute.
  expect(retryAt(running(30, 10), rules(2), 100, at(20))).toBe(iso(30));
  expect(retryAt(running(30, 10), rules(2), 100, at(40))).toBe(iso(100));
});
