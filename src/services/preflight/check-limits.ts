import type { WaitingExport } from '../../records/export-records.ts';
import { readLedger } from '../../records/ledger.ts';
import { bytesInFlight, exportsInFlight } from '../admission.ts';
import { limitExceeded } from '../limit-exceeded.ts';
import type { Outport } from '../outport.ts';
import { whyItMayNotWait, whyItWaits } from '../queue.ts';
import { sizeText } from '../size-text.ts';
import { tableOf } from '../table-arn.ts';
import { type Check, failedWith, passed } from './check.ts';

/** Whether there is room for an export now, and what is in use and free, as the ledger has it. */
export async function checkLimits(
  outport: Outport,
  draft: WaitingExport,
  whenFull: 'QUEUE' | 'REFUSE',
): Promise<Check> {
  const { limits, table } = outport;
  const scope = tableOf(draft);
  const [ledger, exceeded] = await Promise.all([readLedger(table, scope), whyItWaits(outport, draft)]);
  const inUse = `In account ${scope.account} and ${scope.region}, ${exportsInFlight(ledger)} of ${limits.maxExports} exports and ${sizeText(bytesInFlight(ledger))} of ${sizeText(limits.maxBytes)} of tables are in flight; this one adds ${sizeText(draft.tableSizeBytes)}.`;
  if (exceeded === null) return passed('LIMITS', inUse);
  const refusal = limitExceeded(exceeded);
  if (whenFull === 'REFUSE') return failedWith('LIMITS', refusal);
  const full = await whyItMayNotWait(outport, draft);
  if (full) return failedWith('LIMITS', limitExceeded(full));
  return passed('LIMITS', `${inUse} It would wait in the queue: ${refusal.message}`);
}
