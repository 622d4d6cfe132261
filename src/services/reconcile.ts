import {
  type ExportRecord,
  isOpen,
  type OpenExport,
  readExport,
  readRunningExports,
} from '../records/export-records.ts';
import { type Ledger, readLedgers } from '../records/ledger.ts';
import { adoptExports } from './adopt-exports.ts';
import { followExport } from './follow-export.ts';
import { inParallel } from './in-parallel.ts';
import { ingestCloudTrail } from './ingest-cloudtrail.ts';
import type { Outport } from './outport.ts';
import { isDue, msUntilDue } from './pace.ts';
import { dropLostTickets, readTurns } from './queue.ts';
import type { Run } from './run.ts';
import { giveBackSlot, releaseSlot } from './slots.ts';
import { startQueued } from './start-export.ts';

const PARALLEL_EXPORTS = 8;
/** How soon an export is noticed that was created while a run is waiting. */
const WAIT_MS_MAX = 1_000;
/** A request takes a slot before it records its export, or dies: it does not live as long as this. */
const UNRECORDED_SLOT_MS_MAX = 5 * 60_000;

/**
 * Looks after every export that has not ended, until all have or the time is up. The records are the truth and this
 * loop reads them anew each time, so it may be started at any moment, killed at any moment and run twice at once.
 */
export async function reconcileOpenExports(outport: Outport, run: Run): Promise<void> {
  const lookedAt = new Map<string, Date>();
  while (run.remainingMs() > 0) {
    const running = await readRunningExports(outport.table);
    const perform = (records: readonly OpenExport[]) =>
      inParallel(records, PARALLEL_EXPORTS, async (record) => {
        try {
          await reconcileExport(outport, record);
        } catch (error) {
          run.report(error, record.id);
        }
        lookedAt.set(record.id, outport.now());
      });
    const due = (record: OpenExport) => isDue(record, lookedAt.get(record.id) ?? null, outport.now());
    await perform(running.filter(due));
    // Behind the others, as those that have ended make room.
    const turns = await readTurns(outport);
    // What has gone from waiting to running between the two looks is in neither, and a run that is over follows nothing.
    if (running.length === 0 && turns === null && (await readRunningExports(outport.table)).length === 0) return;
    await perform((turns ?? []).filter(due));
    const waits = running.map((record) => msUntilDue(record, lookedAt.get(record.id) ?? null, outport.now()));
    await run.wait(Math.min(...waits, WAIT_MS_MAX, Math.max(0, run.remainingMs())));
  }
}

/** One step of one export: from QUEUED to DynamoDB, or from DynamoDB's state to the record's. */
export function reconcileExport(outport: Outport, record: OpenExport): Promise<ExportRecord> {
  switch (record.status) {
    case 'QUEUED':
      return startQueued(outport, record);
    case 'IN_PROGRESS':
      return followExport(outport, record);
    default:
      return record satisfies never;
  }
}

/** What is looked at once a run, in every account and Region: slots left by a crash, exports and events from elsewhere. */
export async function reconcileAccounts(outport: Outport, run: Run): Promise<void> {
  const running = await readRunningExports(outport.table);
  for (const ledger of await readLedgers(outport.table)) {
    const tasks = {
      'giving back slots': () => giveBackEndedSlots(outport, ledger, running),
      'giving back places': () => dropLostTickets(outport, ledger),
      'adopting exports': () => adoptExports(outport, ledger, running),
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

/**
 * A crash after an export's last move, or a start that was overtaken by it, leaves a slot that nobody needs; so does one
 * between taking a slot and recording its export.
 */
async function giveBackEndedSlots(outport: Outport, ledger: Ledger, running: readonly OpenExport[]): Promise<void> {
  const runningIds = new Set(running.map(({ id }) => id));
  const unrecordedSince = new Date(outport.now().getTime() - UNRECORDED_SLOT_MS_MAX).toISOString();
  for (const [id, { takenAt }] of Object.entries(ledger.exports)) {
    if (runningIds.has(id)) continue;
    const record = await readExport(outport.table, id);
    if (record && !isOpen(record)) await giveBackSlot(outport, record);
    if (!record && takenAt < unrecordedSince) await releaseSlot(outport, ledger, id);
  }
}
