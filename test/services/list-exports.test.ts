import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExport, type ExportRecord, exportPosition } from '../../src/records/export-records.ts';
import type { HistoryPosition } from '../../src/records/history.ts';
import { inParallel } from '../../src/services/in-parallel.ts';
import { EVERY_EXPORT, type ExportFilter, listExports } from '../../src/services/list-exports.ts';
import type { Outport } from '../../src/services/outport.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { exportCompleted, exportFailed } from '../support/export-moves.ts';

/** `npm run bench:exports` shows with 100,000 what the test shows with fewer: a page costs the same. */
const EXPORTS = 1_500;
const FIRST_SECOND = Date.parse('2026-01-01T00:00:00Z');

const VIEWER = { issuer: 'https://id.example', subject: 'viewer', name: null, teams: ['platform'] };
const tableArnOf = (n: number) => `arn:aws:dynamodb:eu-central-1:111122223333:table/table-${n}`;
const requesterOf = (n: number) => ({ issuer: 'https://id.example', subject: `person-${n}`, name: null, teams: [] });
const secondOf = (n: number) => new Date(FIRST_SECOND + n * 1000).toISOString();

/** The n-th export; one in 500 failed, three share each second, and what else differs repeats in other cycles. */
function exportOf(n: number): ExportRecord {
  const ended = n % 500 === 0 ? exportFailed : exportCompleted;
  return {
    ...ended(`exp_${String(n).padStart(8, '0')}`, 1),
    tableArn: tableArnOf(n % 20),
    team: `team-${n % 7}`,
    requestedBy: requesterOf(n % 50),
    exportType: n % 3 === 0 ? 'INCREMENTAL_EXPORT' : 'FULL_EXPORT',
    createdAt: secondOf(Math.floor(n / 3)),
  };
}

let plane: TestControlPlane;
let outport: Outport;
const records = Array.from({ length: EXPORTS }, (_, n) => exportOf(n));
const reads = { queries: 0, items: 0 };

beforeAll(async () => {
  plane = await startControlPlane();
  await inParallel(records, 64, async (record) => {
    await createExport(plane.outport.table, record);
  });
  const client = new DynamoDBClient();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { Count = 0 } = result.output as { Count?: number };
      reads.queries += 1;
      // Nothing is filtered in DynamoDB: what it returns is what it has read.
      reads.items += Count;
      return result;
    },
    { step: 'initialize', name: 'count-reads' },
  );
  outport = {
    ...plane.outport,
    table: { ...plane.outport.table, client: DynamoDBDocumentClient.from(client) },
    permit: () => ({ allowed: true, policyIds: [] }),
  };
});
afterAll(() => plane.close());

async function readAll(filter: ExportFilter, order: 'NEWEST_FIRST' | 'OLDEST_FIRST', first: number): Promise<string[]> {
  const ids: string[] = [];
  let after: HistoryPosition | null = null;
  for (;;) {
    const page = await listExports(outport, VIEWER, filter, { first, after, order });
    expect(page.items.length).toBeLessThanOrEqual(first);
    ids.push(...page.items.map(({ id }) => id));
    after = page.endPosition;
    if (!page.hasNextPage) return ids;
  }
}

function naively(filter: ExportFilter, order: 'NEWEST_FIRST' | 'OLDEST_FIRST'): string[] {
  const { tableArn, status, exportType, requestedBy, team, createdFrom, createdBefore } = filter;
  const fitting = records.filter(
    (record) =>
      (tableArn === null || record.tableArn === tableArn) &&
      (status === null || record.status === status) &&
      (exportType === null || record.exportType === exportType) &&
      (requestedBy === null || record.requestedBy?.subject === requestedBy.subject) &&
      (team === null || record.team === team) &&
      (createdFrom === null || record.createdAt >= createdFrom) &&
      (createdBefore === null || record.createdAt < createdBefore),
  );
  const sorted = fitting.toSorted((a, b) => (exportPosition(a) < exportPosition(b) ? -1 : 1)).map(({ id }) => id);
  return order === 'OLDEST_FIRST' ? sorted : sorted.toReversed();
}

describe('a list of exports', () => {
  test('has everything that fits its filter, in its order, over all its pages', async () => {
    const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 1 });
    const moment = fc.integer({ min: -1, max: EXPORTS / 3 + 1 }).map(secondOf);
    const filter: fc.Arbitrary<ExportFilter> = fc.record({
      tableArn: orNull(fc.integer({ min: 0, max: 20 }).map(tableArnOf)),
      status: orNull(fc.constantFrom('COMPLETED' as const, 'FAILED' as const, 'QUEUED' as const)),
      exportType: orNull(fc.constantFrom('FULL_EXPORT' as const, 'INCREMENTAL_EXPORT' as const)),
      requestedBy: orNull(fc.integer({ min: 0, max: 50 }).map(requesterOf)),
      team: orNull(fc.constantFrom('team-0', 'team-6', 'team-7')),
      createdFrom: orNull(moment),
      createdBefore: orNull(moment),
    });
    const order = fc.constantFrom('NEWEST_FIRST' as const, 'OLDEST_FIRST' as const);
    await fc.assert(
      fc.asyncProperty(filter, order, fc.integer({ min: 30, max: 100 }), async (by, inOrder, first) => {
        expect(await readAll(by, inOrder, first)).toEqual(naively(by, inOrder));
      }),
      { numRuns: 30 },
    );
  }, 300_000);

  test.each<[string, Partial<ExportFilter>]>([
    ['everything', {}],
    ['a table', { tableArn: tableArnOf(3) }],
    ['a person', { requestedBy: requesterOf(7) }],
    ['a team', { team: 'team-2' }],
    ['a status that is rare', { status: 'FAILED' }],
    ['a time in the middle', { createdFrom: secondOf(EXPORTS / 6) }],
  ])('of %s costs a page one query and what it shows, wherever in the list it is', async (_what, restriction) => {
    const filter = { ...EVERY_EXPORT, ...restriction };
    let after: HistoryPosition | null = null;
    for (let page = 1; page <= 3; page += 1) {
      Object.assign(reads, { queries: 0, items: 0 });
      const { items, hasNextPage, endPosition } = await listExports(outport, VIEWER, filter, {
        first: 5,
        after,
        order: 'NEWEST_FIRST',
      });
      expect(reads.queries).toBeLessThanOrEqual(1);
      // One more tells whether there is more; one is where the page before has ended.
      expect(reads.items).toBeLessThanOrEqual(items.length + 2);
      if (!hasNextPage) return;
      after = endPosition;
    }
  });

  test('that nothing fits costs a page a thousand records at most', async () => {
    Object.assign(reads, { queries: 0, items: 0 });
    const never = { ...EVERY_EXPORT, team: 'team-1', status: 'CANCELED' as const };
    await listExports(outport, VIEWER, never, { first: 100, after: null, order: 'NEWEST_FIRST' });
    expect(reads.items).toBeLessThanOrEqual(1_100);
    expect(reads.queries).toBeLessThanOrEqual(12);
  });
});
