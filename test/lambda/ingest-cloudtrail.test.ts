import type { CloudTrailClient, Event, LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditEventsOf, readAuditEvents } from '../../src/records/audit-records.ts';
import { rememberExportArn } from '../../src/records/export-arns.ts';
import { readWatermark } from '../../src/records/watermarks.ts';
import { adoptedIdOf, upstreamTokenOf } from '../../src/services/export-id.ts';
import { ingestCloudTrail } from '../../src/services/ingest-cloudtrail.ts';
import { startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

const NOW = new Date('2026-02-03T12:00:00.500Z');
const MINUTE_MS = 60_000;
/** Smaller than CloudTrail's, so that few events make many pages. */
const EVENTS_A_PAGE = 2;

/** A CloudTrail in memory: newest first, page by page, bounds in whole seconds, as LookupEvents has it. */
function cloudTrailOf(events: readonly Event[]) {
  const calls: LookupEventsCommandInput[] = [];
  const send = async ({ input }: { input: LookupEventsCommandInput }) => {
    calls.push(input);
    const seconds = (time: Date | undefined) => Math.floor((time?.getTime() ?? 0) / 1000);
    const name = input.LookupAttributes?.[0]?.AttributeValue;
    const found = events
      .filter(({ EventName }) => EventName === name)
      .filter(
        ({ EventTime }) =>
          seconds(EventTime) >= seconds(input.StartTime) && seconds(EventTime) <= seconds(input.EndTime),
      )
      .sort((a, b) => seconds(b.EventTime) - seconds(a.EventTime));
    const from = Number(input.NextToken ?? 0);
    const to = from + EVENTS_A_PAGE;
    return { Events: found.slice(from, to), ...(to < found.length && { NextToken: String(to) }) };
  };
  return { calls, client: { send } as unknown as CloudTrailClient };
}

const describeExport = (id: string, time: Date, exportArn: string): Event => ({
  EventId: id,
  EventName: 'DescribeExport',
  EventTime: time,
  Username: 'watcher',
  CloudTrailEvent: JSON.stringify({ requestParameters: { exportArn }, responseElements: null }),
});

const exportArnOf = (table: string) => `${tableArnOf(table)}/export/01768385930622-efd1a093`;

async function ingest(client: CloudTrailClient, account: string, callsMax = Number.POSITIVE_INFINITY, now = NOW) {
  const waits: number[] = [];
  const { cloudTrail: _, ...others } = plane.outport.accounts(scopeOf(account), null);
  const outport = { ...plane.outport, now: () => now, accounts: () => ({ ...others, cloudTrail: async () => client }) };
  await ingestCloudTrail(outport, scopeOf(account), {
    wait: async (milliseconds) => {
      waits.push(milliseconds);
    },
    remainingMs: () => callsMax - 1 - waits.length,
  });
  return waits;
}

const scopeOf = (account: string) => ({ partition: 'aws', account, region: 'eu-central-1' });

async function idsOf(whose: AuditEventsOf): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of readAuditEvents(plane.outport.table, whose, { after: null })) ids.push(id);
  return ids;
}

describe('CloudTrail', () => {
  test('is asked for a backlog in bounded steps, at most twice a second, and what was read stays read', async () => {
    const tableArn = tableArnOf('backlog');
    const events = Array.from({ length: 90 }, (_, index) =>
      describeExport(
        `backlog-${index}`,
        new Date(NOW.getTime() - (30 + index * 10) * MINUTE_MS),
        exportArnOf('backlog'),
      ),
    );
    const { client, calls } = cloudTrailOf(events);

    const watermarks: Array<string | null> = [];
    do {
      const callsBefore = calls.length;
      const waits = await ingest(client, '000000000001', 30);
      expect(waits.every((milliseconds) => milliseconds === 500)).toBe(true);
      expect(waits.length).toBe(calls.length - callsBefore - 1);
      watermarks.push(await readWatermark(plane.outport.table, 'CLOUDTRAIL', scopeOf('000000000001')));
    } while (watermarks.at(-1) !== NOW.toISOString() && watermarks.length < 20);

    expect(watermarks.at(-1)).toBe(NOW.toISOString());
    expect(watermarks.length).toBeGreaterThan(1);
    expect(watermarks).toEqual(watermarks.toSorted());
    expect((await idsOf({ of: 'TABLE', tableArn })).sort()).toEqual(events.map(({ EventId }) => EventId).sort());
  });

  test('is asked again for what comes late, and nothing is there twice', async () => {
    const exportArn = exportArnOf('late');
    const punctual = describeExport('punctual', new Date(NOW.getTime() - MINUTE_MS), exportArn);
    const late = describeExport('late', new Date(NOW.getTime() - 2 * MINUTE_MS), exportArn);
    await ingest(cloudTrailOf([punctual]).client, '000000000002');
    const afterwards = cloudTrailOf([punctual, late]).client;
    await ingest(afterwards, '000000000002', undefined, new Date(NOW.getTime() + MINUTE_MS));
    expect(await idsOf({ of: 'TABLE', tableArn: tableArnOf('late') })).toEqual(['punctual']);
    await ingest(afterwards, '000000000002', undefined, new Date(NOW.getTime() + 15 * MINUTE_MS));
    expect(await idsOf({ of: 'TABLE', tableArn: tableArnOf('late') })).toEqual(['punctual', 'late']);
  });

  test("joins what it saw to Outport's export, and to the adopted one otherwise", async () => {
    await rememberExportArn(plane.outport.table, exportArnOf('joined'), 'exp_joined');
    const events = ['joined', 'foreign'].map((table) => describeExport(table, NOW, exportArnOf(table)));
    await ingest(cloudTrailOf(events).client, '000000000003');
    expect(await idsOf({ of: 'EXPORT', exportId: 'exp_joined' })).toEqual(['joined']);
    expect(await idsOf({ of: 'EXPORT', exportId: adoptedIdOf(exportArnOf('foreign')) })).toEqual(['foreign']);
  });

  test('is not led into an export of ours by a token that anybody can send', async () => {
    const exportArn = exportArnOf('forged');
    const forged: Event = {
      EventId: 'forged',
      EventName: 'ExportTableToPointInTime',
      EventTime: NOW,
      CloudTrailEvent: JSON.stringify({
        requestParameters: { clientToken: upstreamTokenOf('exp_joined'), tableArn: tableArnOf('forged') },
        responseElements: { exportDescription: { exportArn } },
      }),
    };
    await ingest(cloudTrailOf([forged]).client, '000000000004');
    expect(await idsOf({ of: 'EXPORT', exportId: adoptedIdOf(exportArn) })).toEqual(['forged']);
    expect(await idsOf({ of: 'EXPORT', exportId: 'exp_joined' })).not.toContain('forged');
  });
});
