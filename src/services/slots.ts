import type { ExportRecord, QueuedExport } from '../records/export-records.ts';
import { type AccountRegion, changeLedger } from '../records/ledger.ts';
import { type Claim, claimOf, type ExceededLimit, exceededLimit, withoutSlot, withSlot } from './admission.ts';
import type { Outport } from './outport.ts';
import { tableOf } from './table-arn.ts';

/**
 * Takes a slot for an export, unless a limit leaves no room. May be repeated: the slot is the export's own.
 * @returns null when the export holds a slot, by this call or an earlier one; else the limit in the way
 */
export function takeSlot(outport: Outport, record: QueuedExport): Promise<ExceededLimit | null> {
  const claim = claimOf(record);
  const now = outport.now();
  return changeLedger(outport.table, tableOf(record), (ledger) => {
    if (Object.hasOwn(ledger.exports, claim.exportId)) return { next: null, answer: null };
    const answer = exceededLimit(ledger, claim, outport, now);
    return { next: answer === null ? withSlot(ledger, claim, outport.quotas, now) : null, answer };
  });
}

/** Counts an export that is running anyway, whether it fits or not. */
export function countSlot({ table, quotas, now }: Outport, scope: AccountRegion, claim: Claim): Promise<void> {
  return changeLedger(table, scope, (ledger) => {
    const counted = Object.hasOwn(ledger.exports, claim.exportId);
    return { next: counted ? null : withSlot(ledger, claim, quotas, now()), answer: undefined };
  });
}

/** Gives an export's slot back, if it holds one. May be repeated, and is: reconcile does what a crash has left. */
export const giveBackSlot = (outport: Outport, record: ExportRecord): Promise<void> =>
  releaseSlot(outport, tableOf(record), record.id);

/** The same, for a slot whose export has no record. */
export function releaseSlot({ table }: Outport, scope: AccountRegion, exportId: string): Promise<void> {
  return changeLedger(table, scope, (ledger) => {
    const held = Object.hasOwn(ledger.exports, exportId);
    return { next: held ? withoutSlot(ledger, exportId) : null, answer: undefined };
  });
}
