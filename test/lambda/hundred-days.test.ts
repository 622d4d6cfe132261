import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteBucketPolicyCommand, GetObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExportFolder, materialise } from '../../src/materialise/index.ts';
import { readExport } from '../../src/records/export-records.ts';
import { readLinks, readSchedule, type ScheduleLink, type ScheduleRecord } from '../../src/records/schedule-records.ts';
import { createSchedule } from '../../src/services/schedules/create-schedule.ts';
import { judgeChain } from '../../src/services/schedules/view-schedules.ts';
import { readItems } from '../materialise/support/read-materialised.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { outportAt, reconcileSchedulesToTheEnd } from '../support/passing-time.ts';
import { ANN, ORIGIN } from '../support/people.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 100;
/** How often something happens, or Outport looks. */
const STEP_MS = 6 * HOUR_MS;
/** A link is looked at again after a minute. */
const LOOK_AGAIN_MS = 61 * SECOND_MS;
/** How long Outport, a day behind at most once it has caught up, may be behind at the end. */
const BEHIND_MS = DAY_MS + 2 * STEP_MS;

const days = (from: number, length: { min: number; max: number }) =>
  fc.record({ day: fc.integer({ min: from, max: from + 8 }), days: fc.integer(length) });

/** What happens to a table, its bucket and Outport. There is some of everything in each hundred days. */
const scenarios = fc.record({
  fullEveryDays: fc.option(fc.integer({ min: 7, max: 20 })),
  exportViewType: fc.constantFrom('NEW_IMAGE' as const, 'NEW_AND_OLD_IMAGES' as const),
  outages: fc.tuple(days(4, { min: 1, max: 5 }), days(45, { min: 25, max: 39 })),
  /** The bucket lets nobody write. */
  closed: fc.tuple(days(16, { min: 1, max: 4 })),
  /** Recovery is turned off, and on again after a while or at once. */
  toggles: fc.tuple(
    fc.record({ step: fc.integer({ min: 100, max: 140 }), steps: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ step: fc.integer({ min: 350, max: 390 }), steps: fc.integer({ min: 0, max: 6 }) }),
  ),
  writes: fc.array(
    fc.record({
      step: fc.nat((DAYS * DAY_MS) / STEP_MS - 1),
      afterMs: fc.nat(STEP_MS / 2),
      pk: fc.nat(5),
      isDelete: fc.boolean(),
    }),
    { minLength: 100, maxLength: 200 },
  ),
});
type Scenario = typeof scenarios extends fc.Arbitrary<infer Value> ? Value : never;

const START_MS = Date.parse('2026-01-01T00:00:00.000Z');
let nowMs = START_MS;
let plane: TestControlPlane;
const folder = temporaryDirectory();
beforeAll(async () => {
  plane = await startControlPlane({}, { now: () => nowMs });
  await plane.createBucket('lake');
});
afterAll(() => plane.close());

type Images = ReadonlyMap<string, string>;

/** All that was ever written to a table, and what of it there is at a time. */
class History {
  readonly #changes: Array<{ readonly ms: number; readonly pk: string; readonly image: string | null }> = [];
  readonly #table: string;

  constructor(table: string) {
    this.#table = table;
  }

  async write(pk: string, isDelete: boolean): Promise<void> {
    nowMs += 1;
    const TableName = this.#table;
    const Item = { pk: { S: pk }, at: { N: String(nowMs) } };
    if (isDelete) await plane.dynamodb.send(new DeleteItemCommand({ TableName, Key: { pk: Item.pk } }));
    else await plane.dynamodb.send(new PutItemCommand({ TableName, Item }));
    this.#changes.push({ ms: nowMs, pk, image: isDelete ? null : textOf(Item) });
  }

  /** What there was just before a time. */
  before(ms: number): Images {
    const images = new Map<string, string>();
    for (const { pk, image } of this.#changes.filter((change) => change.ms < ms)) {
      if (image === null) images.delete(pk);
      else images.set(pk, image);
    }
    return images;
  }

  /** What was written from a time until before another, of what there was at either. */
  written(fromMs: number, toMs: number): string[] {
    const [before, after] = [this.before(fromMs), this.before(toMs)];
    const written = this.#changes.filter(({ ms }) => ms >= fromMs && ms < toMs).map(({ pk }) => pk);
    return [...new Set(written)].filter((pk) => before.has(pk) || after.has(pk)).sort();
  }
}

const textOf = (item: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))));

/** Lives through a scenario and returns what the schedule has made of it. */
async function live(scenario: Scenario, table: string): Promise<{ schedule: ScheduleRecord; history: History }> {
  const { outages, closed, toggles, writes, ...wanted } = scenario;
  nowMs = START_MS;
  const tableArn = await plane.createTable(table, { items: 0 });
  const history = new History(table);
  nowMs += HOUR_MS;
  const at = () => outportAt(plane.outport, () => nowMs);
  const { schedule, userErrors } = await createSchedule(at(), ANN, ORIGIN, {
    ...wanted,
    exportFormat: 'DYNAMODB_JSON',
    clientToken: table,
    tableArn,
    windowMinutes: 1440,
    destination: { bucket: 'lake', prefix: table },
  });
  expect(userErrors).toEqual([]);
  const { table: records } = plane.outport;
  const { id = '' } = schedule ?? {};
  const current = async () => {
    const found = await readSchedule(records, id);
    if (!found) throw new Error(`there is no schedule ${id}`);
    return found;
  };
  const isWithin = (spans: readonly { day: number; days: number }[]) => (step: number) =>
    spans.some(({ day, days }) => step * STEP_MS >= day * DAY_MS && step * STEP_MS < (day + days) * DAY_MS);
  const [isAway, isClosed] = [isWithin(outages), isWithin(closed)];

  for (let step = 0; step < (DAYS * DAY_MS) / STEP_MS; step += 1) {
    const endMs = START_MS + (step + 1) * STEP_MS;
    if (isClosed(step) !== isClosed(step - 1)) await setClosed(isClosed(step));
    const { chain, windowMinutes } = await current();
    // The first of a window, and the last of the one before it, too.
    const boundaryMs = chain.through === null ? 0 : Date.parse(chain.through) + windowMinutes * MINUTE_MS;
    const due = writes
      .filter((write) => write.step === step)
      .map(({ afterMs, ...write }) => ({ ...write, ms: endMs - STEP_MS / 2 + afterMs }));
    if (boundaryMs > nowMs + SECOND_MS && boundaryMs < endMs) {
      due.push({ step, pk: 6, isDelete: false, ms: boundaryMs - 1 }, { step, pk: 7, isDelete: false, ms: boundaryMs });
    }
    for (const { ms, pk, isDelete } of due.sort((a, b) => a.ms - b.ms)) {
      nowMs = Math.max(nowMs, ms - 1);
      await history.write(`p${pk}`, isDelete);
    }
    for (const { step: off, steps } of toggles) {
      if (step === off) await plane.setRecovery(table, false);
      if (step === off + steps) await plane.setRecovery(table, true);
    }
    nowMs = Math.max(nowMs, endMs);
    if (isAway(step)) continue;
    // Behind after an outage, it takes a link a minute; what is not done by the end of the next step is done in that.
    for (const untilMs = nowMs + STEP_MS / 3; nowMs < untilMs; nowMs += LOOK_AGAIN_MS) {
      if (Date.parse((await current()).nextStepAt) > nowMs) break;
      await reconcileSchedulesToTheEnd(at());
    }
  }
  return { schedule: await current(), history };
}

async function setClosed(isClosed: boolean): Promise<void> {
  const Statement = [{ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::lake/*' }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  if (isClosed) await plane.s3.send(new PutBucketPolicyCommand({ Bucket: 'lake', Policy }));
  else await plane.s3.send(new DeleteBucketPolicyCommand({ Bucket: 'lake' }));
}

async function completedLinks({ id }: ScheduleRecord): Promise<ScheduleLink[]> {
  const links: ScheduleLink[] = [];
  for (let before: number | null = null; before !== 1; before = links.at(-1)?.number ?? 1) {
    links.push(...(await readLinks(plane.outport.table, id, { before, first: 100 })));
  }
  return links.filter(({ status }) => status === 'COMPLETED').reverse();
}

/** The folder in the bucket that the manifests of a link lie in. */
async function folderOf({ exportId }: ScheduleLink): Promise<ExportFolder> {
  const record = await readExport(plane.outport.table, exportId);
  if (record?.status !== 'COMPLETED') throw new Error(`export ${exportId} has not completed`);
  const root = path.posix.dirname(record.exportManifest);
  return {
    name: root,
    async *read(file) {
      const Key = path.posix.join(root, file);
      const { Body } = await plane.s3.send(new GetObjectCommand({ Bucket: 'lake', Key }));
      yield (await Body?.transformToByteArray()) ?? new Uint8Array();
    },
  };
}

async function bytesOf(folder: ExportFolder, file: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of folder.read(file)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The lines of an export in DynamoDB JSON, by nothing but the manifest. */
async function linesOf(folder: ExportFolder): Promise<Array<Record<string, Record<string, object>>>> {
  const listing = (await bytesOf(folder, 'manifest-files.json')).toString().split('\n').filter(Boolean);
  const lines: string[] = [];
  for (const line of listing) {
    const file = path.posix.relative(folder.name, JSON.parse(line).dataFileS3Key);
    lines.push(
      ...gunzipSync(await bytesOf(folder, file))
        .toString()
        .split('\n')
        .filter(Boolean),
    );
  }
  return lines.map((line) => JSON.parse(line));
}

/** Holds every link to what was written in its window, and the state that all so far make to the table at its end. */
async function expectTrue(links: readonly ScheduleLink[], history: History): Promise<void> {
  let state = new Map<string, string>();
  for (const link of links) {
    const lines = await linesOf(await folderOf(link));
    const toMs = Date.parse(link.to);
    const pkOf = (keys?: Record<string, unknown>) => String(Object.values(keys?.pk ?? {})[0]);
    if (link.from === null) {
      state = new Map(lines.map(({ Item = {} }) => [pkOf(Item), textOf(Item)]));
      // As of a second is with what happened at it; a window ends before.
      expect([link.number, ...state].sort()).toEqual([link.number, ...history.before(toMs + 1)].sort());
    } else {
      for (const { Keys, NewImage } of lines) {
        if (NewImage) state.set(pkOf(Keys), textOf(NewImage));
        else state.delete(pkOf(Keys));
      }
      expect(lines.map(({ Keys }) => pkOf(Keys)).sort()).toEqual(history.written(Date.parse(link.from), toMs));
      expect([link.number, ...state].sort()).toEqual([link.number, ...history.before(toMs)].sort());
    }
  }
}

test('through a hundred days of outages, a closed bucket and recovery turned off, links and gaps are the history', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      run += 1;
      const { schedule, history } = await live(scenario, `orders-${run}`);
      const links = await completedLinks(schedule);

      // Windows and gaps follow each other from the first full export on.
      for (const [n, link] of links.entries()) {
        const before = links[n - 1];
        if (link.gap) expect(link.gap).toMatchObject({ from: before?.to, to: link.to });
        else if (before) expect(link.from ?? link.to).toBe(before.to);
      }
      // A gap has a cause: recovery was off within it, or it reached further back than recovery.
      for (const { gap, createdAt } of links) {
        if (!gap) continue;
        const [fromMs, toMs] = [Date.parse(gap.from), Date.parse(gap.to)];
        const offs = scenario.toggles.map(({ step, steps }) => START_MS + (step + steps + 1) * STEP_MS);
        const wasOff = offs.some((ms) => ms >= fromMs && ms <= toMs + STEP_MS);
        expect(wasOff || Date.parse(createdAt) - fromMs > 35 * DAY_MS).toBe(true);
      }
      expect(links.filter(({ gap }) => gap !== null).length).toBeGreaterThanOrEqual(2);
      expect(nowMs - Date.parse(schedule.chain.through ?? '')).toBeLessThan(BEHIND_MS);
      expect(await judgeChain(plane.outport, schedule)).toMatchObject({ contiguous: true, verified: true });
      await expectTrue(links, history);

      // The last chain, as a table at its end and at its middle.
      const chain = links.filter((link) => link.chain === schedule.chain.number);
      const folders = await Promise.all(chain.map(folderOf));
      for (const end of new Set([chain.at(-1), chain[chain.length >> 1]])) {
        const atMs = Date.parse(end?.to ?? '');
        const directory = path.join(folder.path, `${run}-${atMs}`);
        const workerFile = path.resolve('build/cli/export-worker.mjs');
        await materialise({ folders, form: 'dynamodb-json', directory, atMs, workerFile });
        const expected = history.before(end?.from === null ? atMs + 1 : atMs);
        expect(
          readItems(directory)
            .map((text) => textOf(JSON.parse(text)))
            .sort(),
        ).toEqual([...expected.values()].sort());
      }
    }),
    { numRuns: 1 },
  );
}, 600_000);
