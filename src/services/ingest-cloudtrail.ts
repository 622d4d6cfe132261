import { paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import { appendAuditEvent } from '../records/audit-records.ts';
import type { AccountRegion } from '../records/ledger.ts';
import { raiseWatermark, readWatermark } from '../records/watermarks.ts';
import { auditEventOf } from './cloudtrail-event.ts';
import type { Outport } from './outport.ts';
import type { Run } from './run.ts';

const MINUTE_MS = 60_000;
/** Events appear some minutes after their call (facts §7.1), so what was read last is read again for this long. */
const OVERLAP_MS = 15 * MINUTE_MS;
const FIRST_LOOK_BACK_MS = 24 * 60 * MINUTE_MS;
/** LookupEvents takes two calls a second in an account and Region. */
const PAGE_INTERVAL_MS = 500;

/**
 * Takes AWS's own record of every ExportTableToPointInTime into the audit: whoever exports past Outport is seen too.
 * CloudTrail's event ids make reading an event twice harmless. The watermark moves when everything up to it was read.
 */
export async function ingestCloudTrail(outport: Outport, scope: AccountRegion, run: Pick<Run, 'wait'>): Promise<void> {
  const { cloudTrail } = outport.accounts(scope, null);
  const readThrough = outport.now();
  const watermark = await readWatermark(outport.table, 'CLOUDTRAIL', scope);
  const since =
    watermark === null ? readThrough.getTime() - FIRST_LOOK_BACK_MS : new Date(watermark).getTime() - OVERLAP_MS;
  const pages = paginateLookupEvents(
    { client: cloudTrail },
    {
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ExportTableToPointInTime' }],
      StartTime: new Date(since),
      EndTime: readThrough,
    },
  );
  for await (const { Events = [], NextToken } of pages) {
    for (const event of Events) {
      const auditEvent = auditEventOf(event);
      if (auditEvent) await appendAuditEvent(outport.table, auditEvent);
    }
    if (NextToken) await run.wait(PAGE_INTERVAL_MS);
  }
  await raiseWatermark(outport.table, 'CLOUDTRAIL', scope, readThrough.toISOString());
}
