import { type ExportRecord, isOpen, type OpenExport, readExport, readOpenExports } from '../records/export-records.ts';
import { readLedgers } from '../records/ledger.ts';
import { adoptExports } from './adopt-exports.ts';
import { giveBackSlot } from './apply-move.ts';
import { followExport } from './follow-export.ts';
import { inParallel } from './in-parallel.ts';
import { ingestCloudTrail } from './ingest-cloudtrail.ts';
import type { Outport } from './outport.ts';
import { isDue, msUntilDue } from './pace.ts';
import type { Run } from './run.ts';
import { startExport } from './start-export.ts';

const PARALLEL_EXPORTS = 8;
/** How soon an export is noticed that was created while a run is waiting. */
const WAIT_MS_MAX = 1_000;

/**
 * Looks after every export that has not ended, until all have or the time is up. The records are the truth and this
 * loop reads them anew each time, so it may be started at any moment, killed at any moment and run twice at once.
 */
export async function reconcileOpenExports(outport: Outport, run: Run): Promise<void> {
  const lookedAt = new Map<string, Date>();
  while (run.remainingMs() > 0) {
    const open = await readOpenExports(outport.table);
    if (open.length === 0) return;
    const due = open.filter((record) => isDue(record, lookedAt.get(record.id) ?? null, outport.now()));
    await inParallel(due, PARALLEL_EXPORTS, async (record) => {
      try {
        await reconcileExport(outport, record);
      } catch (error) {
        run.report(error, record.id);
      }
      lookedAt.set(record.id, outport.now());
    });
    const waits = open.map((record) => msUntilDue(record, lookedAt.get(record.id) ?? null, outport.now()));
    await run.wait(Math.min(...waits, WAIT_MS_MAX, Math.max(0, run.remainingMs())));
  }
}

/** One step of one export: from QUEUED to DynamoDB, or from DynamoDB's state to the record's. */
export function reconcileExport(outport: Outport, record: OpenExport): Promise<ExportRecord> {
  switch (record.status) {
    case 'QUEUED':
      return startExport(outport, record);
    case 'IN_PROGRESS':
      return followExport(outport, record);
    default:
      return record satisfies never;
  }
}

/** What is looked at once a run, in every account and Region: slots left by a crash, exports and events from elsewhere. */
export async function reconcileAccounts(outport: Outport, run: Run): Promise<void> {
  const open = await readOpenExports(outport.table);
  for (const ledger of await readLedgers(outport.table)) {
    const tasks = {
      'giving back slots': () => giveBackEndedSlots(outport, Object.keys(ledger.exports), open),
      'adopting exports': () => adoptExports(outport, ledger, open),
      'ingesting CloudTrail events': () => ingestCloudTrail(outport, ledger, run),
    };
    for (const [task, perform] of Object.entries(tasks)) {
      if (run.remainingMs() <= 0) return;
      try {
        await perform();
      } catch (error) {
        run.report(error, `${task} in ${ledger.account} ${ledger.region}`);
      }
    }
  }
}

/** A crash after an export's last move, or a start that was overtaken by it, leaves a slot that nobody needs. */
async function giveBackEndedSlots(
  outport: Outport,
  holders: readonly string[],
  open: readonly OpenExport[],
): Promise<void> {
  const openIds = new Set(open.map(({ id }) => id));
  for (const id of holders.filter((holder) => !openIds.has(holder))) {
    const record = await readExport(outport.table, id);
    if (record && !isOpen(record)) await giveBackSlot(outport, record);
  }
}
