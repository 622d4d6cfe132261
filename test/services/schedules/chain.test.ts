import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScheduleLink, ScheduleRecord } from '../../../src/records/schedule-records.ts';
import { chainVerdict } from '../../../src/services/schedules/chain-verdict.ts';
import { type LinkExport, type ScheduleWorld, stepSchedule } from '../../../src/services/schedules/step-schedule.ts';
import { newSchedule } from '../../support/new-schedule.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const BEGINNING_MS = Date.parse('2026-01-01T00:00:00.000Z');
const at = (ms: number) => new Date(ms);

const schedule = (windowMinutes: number, fullEveryDays: number | null): ScheduleRecord => ({
  ...newSchedule('sch_a', at(BEGINNING_MS)),
  windowMinutes,
  fullEveryDays,
});

class Crash extends Error {}

/** What happens in a run of reconcile, beside the steps themselves. */
interface Happening {
  /** Since the run before: minutes, or days of outage. */
  readonly minutes: number;
  readonly recovery: 'AS_IT_IS' | 'ON' | 'OFF' | 'OFF_AND_ON';
  readonly awsAnswers: boolean;
  /** What becomes of the exports that are asked for now, and after how long. */
  readonly exportFails: boolean;
  readonly exportMinutes: number;
  readonly verified: boolean;
  /** The process dies at this call of the world; 0: it does not. */
  readonly crashAt: number;
  /** Another process takes the same step at the same time. */
  readonly twice: boolean;
}

/** A naive DynamoDB and records table, in memory. */
class World {
  nowMs = BEGINNING_MS;
  enabledAtMs: number | null = BEGINNING_MS - DAY_MS;
  record: ScheduleRecord;
  readonly links = new Map<number, ScheduleLink>();
  readonly exports = new Map<string, { from: string | null; to: string; endsAtMs: number; outcome: LinkExport }>();
  readonly told: Array<{ chain: number; from: string | null }> = [];
  happening: Happening = QUIET;

  constructor(record: ScheduleRecord) {
    this.record = record;
  }

  get recovery() {
    if (this.enabledAtMs === null) return null;
    const whole = (ms: number) => at(Math.floor(ms / 1000) * 1000);
    return {
      earliest: whole(Math.max(this.enabledAtMs, this.nowMs - 35 * DAY_MS)),
      latest: whole(Math.max(this.enabledAtMs, this.nowMs - 5 * MINUTE_MS)),
    };
  }

  /** As one process sees it. */
  process(crashAt: number): ScheduleWorld {
    let calls = 0;
    const call = async () => {
      calls += 1;
      if (calls === crashAt) throw new Crash();
    };
    return {
      now: () => at(this.nowMs),
      readRecovery: async () => {
        await call();
        return this.happening.awsAnswers ? this.recovery : { code: 'AWS_UNAVAILABLE', message: 'no answer' };
      },
      readExport: async (_schedule, { exportId }) => {
        await call();
        const found = this.exports.get(exportId);
        if (!found) return null;
        return found.endsAtMs <= this.nowMs ? found.outcome : { status: 'OPEN' };
      },
      requestExport: async (_schedule, { exportId, from, to }) => {
        await call();
        if (this.exports.has(exportId)) return null;
        const { recovery, happening } = this;
        if (!recovery) return { code: 'POINT_IN_TIME_RECOVERY_UNAVAILABLE', message: 'off' };
        if (Date.parse(from ?? to) < recovery.earliest.getTime() || Date.parse(to) > this.nowMs) {
          return { code: 'INVALID_EXPORT_WINDOW', message: 'outside' };
        }
        const outcome: LinkExport = happening.exportFails
          ? { status: 'FAILED', problem: { code: 'EXPORT_FAILED', message: 'failed' } }
          : { status: 'COMPLETED', verified: happening.verified };
        this.exports.set(exportId, { from, to, endsAtMs: this.nowMs + happening.exportMinutes * MINUTE_MS, outcome });
        // The process may die before it hears of it.
        await call();
        return null;
      },
      tellBroken: async ({ chain }) => {
        await call();
        if (!this.told.some(({ chain: number }) => number === chain.number)) {
          this.told.push({ chain: chain.number, from: chain.through });
        }
      },
      write: async ({ schedule: next, link }) => {
        await call();
        if (next.version !== this.record.version + 1) return false;
        this.record = next;
        if (link) this.links.set(link.number, link);
        await call();
        return true;
      },
    };
  }

  /** A run of reconcile: steps until nothing is due. */
  async run(happening: Happening): Promise<void> {
    this.happening = happening;
    this.nowMs += happening.minutes * MINUTE_MS;
    if (happening.recovery === 'OFF') this.enabledAtMs = null;
    if (happening.recovery === 'OFF_AND_ON') this.enabledAtMs = this.nowMs;
    if (happening.recovery === 'ON') this.enabledAtMs ??= this.nowMs;
    for (let steps = 0; steps < 200 && this.record.nextStepAt <= at(this.nowMs).toISOString(); steps += 1) {
      const seen = this.record;
      const processes = [this.process(happening.crashAt), ...(happening.twice ? [this.process(0)] : [])];
      const stepped = await Promise.allSettled(processes.map((process) => stepSchedule(process, seen)));
      for (const { reason } of stepped.filter((each) => each.status === 'rejected')) {
        if (!(reason instanceof Crash)) throw reason;
      }
      if (stepped.some(({ status }) => status === 'rejected')) return;
    }
  }

  get completed(): ScheduleLink[] {
    return [...this.links.values()].filter(({ status }) => status === 'COMPLETED').sort((a, b) => a.number - b.number);
  }
}

const QUIET: Happening = {
  minutes: 1,
  recovery: 'ON',
  awsAnswers: true,
  exportFails: false,
  exportMinutes: 4,
  verified: true,
  crashAt: 0,
  twice: false,
};

const happenings = fc.array(
  fc.record<Happening>({
    minutes: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 30 }) },
      fc.integer({ min: 30, max: 40 * 1440 }),
    ),
    recovery: fc.oneof(
      { weight: 12, arbitrary: fc.constant('AS_IT_IS' as const) },
      fc.constantFrom('ON' as const, 'OFF' as const, 'OFF_AND_ON' as const),
    ),
    awsAnswers: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
    exportFails: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
    exportMinutes: fc.integer({ min: 0, max: 90 }),
    verified: fc.boolean(),
    crashAt: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5 })),
    twice: fc.boolean(),
  }),
  { maxLength: 60 },
);

const windows = fc.integer({ min: 15, max: 1440 });
const restarts = fc.option(fc.integer({ min: 1, max: 40 }));

describe('whatever happens to a schedule, its table and its processes', () => {
  test('links follow each other without gap or overlap, unless a gap is told', async () => {
    await fc.assert(
      fc.asyncProperty(windows, restarts, happenings, async (windowMinutes, fullEveryDays, all) => {
        const world = new World(schedule(windowMinutes, fullEveryDays));
        for (const happening of all) await world.run(happening);

        let end: string | null = null;
        let chain = 0;
        for (const link of world.completed) {
          const made = world.exports.get(link.exportId);
          expect(made).toMatchObject({ from: link.from, to: link.to, outcome: { status: 'COMPLETED' } });
          if (link.from !== null) {
            expect([link.from, link.chain]).toEqual([end, chain]);
            expect(Date.parse(link.to) - Date.parse(link.from)).toBe(windowMinutes * MINUTE_MS);
          } else {
            const goesOn = end === null || end === link.to;
            expect(link.gap === null).toBe(goesOn);
            if (!goesOn) {
              expect(link.gap).toMatchObject({ from: end, to: link.to });
              expect(world.told).toContainEqual(expect.objectContaining({ from: end }));
            }
            chain = link.chain;
          }
          end = link.to;
        }
        expect(world.record.chain.through ?? world.record.chain.brokenAt?.from ?? null).toBe(end);
      }),
      { numRuns: 300 },
    );
  });

  test('no window has two exports that completed, and none more attempts than those of a week', async () => {
    await fc.assert(
      fc.asyncProperty(windows, restarts, happenings, async (windowMinutes, fullEveryDays, all) => {
        const world = new World(schedule(windowMinutes, fullEveryDays));
        for (const happening of all) await world.run(happening);
        const succeeded = [...world.exports.values()].filter(({ outcome }) => outcome.status === 'COMPLETED');
        const increments = succeeded.filter(({ from }) => from !== null).map(({ from, to }) => `${from} ${to}`);
        expect(increments).toEqual([...new Set(increments)]);
        for (const { attempt } of world.links.values()) expect(attempt).toBeLessThanOrEqual(33);
      }),
      { numRuns: 200 },
    );
  });

  test('it catches up once all is well again, and its chain is whole', async () => {
    await fc.assert(
      fc.asyncProperty(windows, happenings, async (windowMinutes, all) => {
        const world = new World(schedule(windowMinutes, null));
        for (const happening of all) await world.run(happening);
        // Each window takes a run of five minutes, in which the end of the shortest moves on by a third of a window.
        const behind = (35 * 1440) / windowMinutes;
        for (let n = 0; n < 1.6 * behind + 200; n += 1) await world.run({ ...QUIET, minutes: 5, exportMinutes: 1 });
        const through = Date.parse(world.record.chain.through ?? '');
        expect(world.nowMs - through).toBeLessThan((windowMinutes + 30) * MINUTE_MS);
        const links = [...world.links.values()].filter(({ chain }) => chain === world.record.chain.number);
        expect(chainVerdict(links)).toMatchObject({ contiguous: true, to: world.record.chain.through });
      }),
      { numRuns: 30 },
    );
  });
});

describe('a schedule', () => {
  async function lives(happening: Partial<Happening>, { times, ...world }: { times: number } & { on?: World }) {
    const on = world.on ?? new World(schedule(60, null));
    for (let n = 0; n < times; n += 1) await on.run({ ...QUIET, ...happening });
    return on;
  }

  test('makes a full export, then increments, beyond the 35 days of the recovery window', async () => {
    const world = await lives({ minutes: 30 }, { times: 2 * 24 * 50 });
    expect(world.completed.filter(({ from }) => from === null)).toHaveLength(1);
    expect(world.completed.length).toBeGreaterThan(49 * 24);
    expect(world.told).toEqual([]);
  });

  test('catches up window by window after an outage', async () => {
    const world = await lives({ minutes: 10 }, { times: 20 });
    const before = world.completed.length;
    await lives({ minutes: 2 * 1440 }, { times: 1, on: world });
    await lives({ minutes: 5 }, { times: 150, on: world });
    expect(world.completed.length).toBeGreaterThan(before + 48);
    expect(world.completed.every(({ gap }) => gap === null)).toBe(true);
  });

  test('tells of the gap when recovery was turned off and on, and begins again with a full export', async () => {
    const world = await lives({ minutes: 10 }, { times: 20 });
    const end = world.record.chain.through;
    await lives({ recovery: 'OFF_AND_ON' }, { times: 1, on: world });
    await lives({ minutes: 10 }, { times: 20, on: world });
    expect(world.told).toEqual([{ chain: 1, from: end }]);
    expect(world.completed.filter(({ gap }) => gap !== null)).toMatchObject([
      { from: null, chain: 2, gap: { from: end, code: 'RECOVERY_WINDOW_MOVED' } },
    ]);
  });

  test('goes on where it was after days in which no export succeeded', async () => {
    const world = await lives({ minutes: 10 }, { times: 20 });
    const end = world.record.chain.through;
    await lives({ minutes: 60, exportFails: true, exportMinutes: 1 }, { times: 6 * 24, on: world });
    expect(world.record).toMatchObject({
      status: 'ACTIVE',
      chain: { through: end },
      problem: { code: 'EXPORT_FAILED' },
    });
    await lives({ minutes: 30 }, { times: 500, on: world });
    expect(world.told).toEqual([]);
    expect(chainVerdict(world.completed)).toMatchObject({ contiguous: true, to: world.record.chain.through });
    expect(world.nowMs - Date.parse(world.record.chain.through ?? '')).toBeLessThan(2 * 60 * MINUTE_MS);
  });

  test('asks for a window for a week, then breaks the chain and begins again', async () => {
    const world = await lives({ minutes: 10 }, { times: 20 });
    const end = world.record.chain.through;
    await lives({ minutes: 60, exportFails: true, exportMinutes: 1 }, { times: 11 * 24, on: world });
    expect(world.told).toEqual([{ chain: 1, from: end }]);
    const lost = [...world.links.values()].find(({ status }) => status === 'FAILED');
    expect(lost).toMatchObject({ attempt: 33, from: end });
    // A full export that fails loses nothing: one of a later time will do.
    const restarts = [...world.links.values()].filter(({ from, chain }) => from === null && chain > 1);
    expect(restarts.length).toBeGreaterThan(1);
    for (const { attempt } of restarts) expect(attempt).toBeLessThanOrEqual(5);
    await lives({ minutes: 30 }, { times: 10, on: world });
    expect(world.record.problem).toBeNull();
    expect(world.completed.at(-1)?.chain).toBe(2);
  });

  test('ends a chain as planned with a full export of the very second at which the chain ends', async () => {
    const world = new World(schedule(60, 2));
    await lives({ minutes: 10 }, { times: 6 * 24 * 5, on: world });
    const fulls = world.completed.filter(({ from }) => from === null);
    expect(fulls.length).toBeGreaterThanOrEqual(3);
    for (const full of fulls.slice(1)) {
      expect(full.gap).toBeNull();
      expect(world.completed.find(({ number }) => number === full.number - 1)?.to).toBe(full.to);
    }
  });
});
