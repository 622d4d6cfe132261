import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WaitingExport } from '../../src/records/export-records.ts';
import { emptyLedger, type Ledger } from '../../src/records/ledger.ts';
import { claimOf, exceededLimit, type Rules, withoutSlot, withSlot } from '../../src/services/admission.ts';
import { admissionOrder, admissionRound } from '../../src/services/queue.ts';
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
const letIn = (ledger: Ledger, queue: readonly WaitingExport[], by: Rules) => {
  const round = admissionRound(ledger, queue, by, NOW);
  return idsOf(queue.filter(({ id }) => round.get(id) === null));
};

test('teams take turns behind the one that had the last, and within a team whoever asked first is first', () => {
  const queue = [waiting('a', 'a1'), waiting('a', 'a2'), waiting('b', 'b1'), waiting('a', 'a3'), waiting('c', 'c1')];
  expect(idsOf(admissionOrder(queue, null))).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  expect(idsOf(admissionOrder(queue.toReversed(), 'team:a'))).toEqual(['b1', 'c1', 'a1', 'a2', 'a3']);
  expect(idsOf(admissionOrder(queue, 'team:c'))).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  expect(idsOf(admissionOrder(queue, 'team:bb'))).toEqual(['c1', 'a1', 'b1', 'a2', 'a3']);
});

test('whoever has no team is a team of their own', () => {
  const queue = [
    waiting(null, 'x1', { subject: 'x' }),
    waiting(null, 'x2', { subject: 'x' }),
    waiting(null, 'y1', { subject: 'y' }),
  ];
  expect(idsOf(admissionOrder(queue, null))).toEqual(['x1', 'y1', 'x2']);
});

test('as slots become free one by one, no team that waits gets two turns more than another', () => {
  const asked = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(asked, fc.integer({ min: 1, max: 5 }), (teams, maxExports) => {
      let queue = teams.map((team, n) => waiting(team, `${team}${n}`));
      let ledger: Ledger = EMPTY;
      const turns = new Map<string, number>();
      while (queue.length > 0) {
        const [oldest] = Object.keys(ledger.exports);
        if (oldest !== undefined && Object.keys(ledger.exports).length === maxExports)
          ledger = withoutSlot(ledger, oldest);
        const [next] = admissionOrder(queue, ledger.lastTurn);
        if (!next) throw new Error('nobody is next');
        expect(admissionRound(ledger, queue, rules(maxExports), NOW).get(next.id)).toBeNull();
        ledger = withSlot(ledger, claimOf(next), [], NOW);
        queue = queue.filter(({ id }) => id !== next.id);
        turns.set(next.team ?? '', (turns.get(next.team ?? '') ?? 0) + 1);
        const stillWaiting = new Set(queue.map(({ team }) => team ?? ''));
        const most = Math.max(...turns.values());
        for (const team of stillWaiting) expect(most - (turns.get(team) ?? 0)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('a round lets in whom the limits leave room for, together', () => {
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
  fc.assert(
    fc.property(exports, (facts) => {
      const queue = facts.map(({ team, ...rest }, n) => waiting(team, `e${n}`, rest));
      let ledger: Ledger = EMPTY;
      const round = admissionRound(ledger, queue, by, NOW);
      for (const record of admissionOrder(queue, null)) {
        if (round.get(record.id) !== null) continue;
        expect(exceededLimit(ledger, claimOf(record), by, NOW)).toBeNull();
        ledger = withSlot(ledger, claimOf(record), by.quotas, NOW);
      }
    }),
  );
});

test('whom a quota holds back is passed over; whom the account holds back keeps those behind waiting', () => {
  const quotas = [{ owner: 'team:a', maxExports: 1, maxStartsPerDay: null }] as const;
  const queue = [waiting('a', 'a1'), waiting('a', 'a2'), waiting('b', 'b1'), waiting('b', 'b2')];
  expect(letIn(EMPTY, queue, { ...rules(3), quotas })).toEqual(['a1', 'b1', 'b2']);

  const running = withSlot(EMPTY, { exportId: 'r', bytes: 500, expectedSeconds: null, owners: [] }, [], NOW);
  const large = [waiting('c', 'large', { tableSizeBytes: 900 }), waiting('c', 'small')];
  expect(letIn(running, large, rules(10))).toEqual([]);
  expect(letIn(EMPTY, large, rules(10))).toEqual(['large', 'small']);
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
