import { type CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { AuditEvent } from '../records/audit-event.ts';
import { appendAuditEvent } from '../records/audit-records.ts';
import { readExportIdByArn } from '../records/export-arns.ts';
import { readExport } from '../records/export-records.ts';
import type { AccountRegion } from '../records/ledger.ts';
import { raiseWatermark, readWatermark, type WatermarkSource } from '../records/watermarks.ts';
import { auditEventOf } from './cloudtrail-event.ts';
import { adoptedIdOf } from './export-id.ts';
import type { Outport } from './outport.ts';
import type { Run } from './run.ts';

const EVENT_NAMES = ['ExportTableToPointInTime', 'DescribeExport'] as const;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Events appear some minutes after their call (facts §7.1): what is older than this has come. */
const LATE_MS_MAX = 15 * MINUTE_MS;
const FIRST_LOOK_BACK_MS = 24 * 60 * MINUTE_MS;
/** What is asked for at once at first, then twice as much each time, so that an idle day is soon read. */
const STRETCH_MS_FIRST = 15 * MINUTE_MS;
const STRETCH_MS_MAX = 24 * 60 * MINUTE_MS;
/** CloudTrail tells whole seconds, so there is no shorter one. */
const STRETCH_MS_MIN = SECOND_MS;
/**
 * A stretch of more pages is given up for a shorter one. A run of 50 s has 100 calls: after three that were too long there
 * are 40 left for one of two seconds, which is less than CloudTrail can tell of in that time.
 */
const STRETCH_PAGES_MAX = 20;
const SHORTER = 8;
/** LookupEvents takes two calls a second in an account and Region. */
const CALL_INTERVAL_MS = 500;

type Pace = Pick<Run, 'wait' | 'remainingMs'>;

/**
 * Takes AWS's own record of every call about an export into the audit: whoever exports past Outport is seen too. What
 * there is so far is read at once, and again when late events have come; an event's id makes reading it twice harmless.
 * Each stretch that was read raises a watermark, so that a run that ends early has done part of the work for good.
 */
export async function ingestCloudTrail(outport: Outport, scope: AccountRegion, run: Pace): Promise<void> {
  const cloudTrail = await outport.accounts(scope, null).cloudTrail();
  const lookup = atMostTwoCallsASecond(cloudTrail, run);
  const nowMs = outport.now().getTime();
  await ingestUntil(outport, scope, 'CLOUDTRAIL', nowMs, lookup, run);
  await ingestUntil(outport, scope, 'CLOUDTRAIL_SETTLED', nowMs - LATE_MS_MAX, lookup, run);
}

async function ingestUntil(
  outport: Outport,
  scope: AccountRegion,
  source: Extract<WatermarkSource, `CLOUDTRAIL${string}`>,
  untilMs: number,
  lookup: LookupPage,
  run: Pace,
): Promise<void> {
  const watermark = await readWatermark(outport.table, source, scope);
  let fromMs = watermark === null ? outport.now().getTime() - FIRST_LOOK_BACK_MS : Date.parse(watermark);
  let stretchMs = STRETCH_MS_FIRST;
  while (fromMs < untilMs && run.remainingMs() > 0) {
    const toMs = Math.min(fromMs + stretchMs, untilMs);
    const pagesMax = toMs - fromMs > STRETCH_MS_MIN ? STRETCH_PAGES_MAX : Number.POSITIVE_INFINITY;
    const end = await ingestStretch(
      outport,
      { StartTime: new Date(fromMs), EndTime: new Date(toMs) },
      pagesMax,
      lookup,
      run,
    );
    if (end === 'OUT_OF_TIME') return;
    if (end === 'TOO_LONG') {
      stretchMs = Math.max((toMs - fromMs) / SHORTER, STRETCH_MS_MIN);
      continue;
    }
    await raiseWatermark(outport.table, source, scope, new Date(toMs).toISOString());
    fromMs = toMs;
    stretchMs = Math.min(stretchMs * 2, STRETCH_MS_MAX);
  }
}

interface Stretch {
  readonly StartTime: Date;
  readonly EndTime: Date;
}

async function ingestStretch(
  outport: Outport,
  stretch: Stretch,
  pagesMax: number,
  lookup: LookupPage,
  run: Pace,
): Promise<'READ' | 'TOO_LONG' | 'OUT_OF_TIME'> {
  let pages = 0;
  for (const name of EVENT_NAMES) {
    let nextToken: string | undefined;
    do {
      if (run.remainingMs() <= 0) return 'OUT_OF_TIME';
      if (pages === pagesMax) return 'TOO_LONG';
      const page = await lookup(name, stretch, nextToken);
      for (const event of page.Events ?? []) {
        const auditEvent = auditEventOf(event);
        if (auditEvent) await appendAuditEvent(outport.table, await joined(outport, auditEvent));
      }
      nextToken = page.NextToken;
      pages += 1;
    } while (nextToken !== undefined);
  }
  return 'READ';
}

/**
 * The event with the export it is about. AWS knows an export of ours by its ARN, once it has started. Before that a token
 * may name it; but anybody can send a token like ours, so it counts only for an export that is about to be started.
 */
async function joined({ table }: Outport, event: AuditEvent): Promise<AuditEvent> {
  const { exportArn, exportId } = event;
  if (exportArn === null) return event;
  const known = await readExportIdByArn(table, exportArn);
  if (known !== null) return { ...event, exportId: known };
  const named = exportId === null ? null : await readExport(table, exportId);
  return { ...event, exportId: named?.status === 'QUEUED' ? exportId : adoptedIdOf(exportArn) };
}

type LookupPage = ReturnType<typeof atMostTwoCallsASecond>;

function atMostTwoCallsASecond(cloudTrail: CloudTrailClient, { wait }: Pace) {
  let first = true;
  return async (name: (typeof EVENT_NAMES)[number], stretch: Stretch, NextToken: string | undefined) => {
    if (!first) await wait(CALL_INTERVAL_MS);
    first = false;
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: name }];
    return cloudTrail.send(new LookupEventsCommand({ ...stretch, LookupAttributes, NextToken }));
  };
}
