import { readOpenExports } from '../../src/records/export-records.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import type { Outport } from '../../src/services/outport.ts';
import { reconcileExport } from '../../src/services/reconcile.ts';
import { reconcileSchedules } from '../../src/services/schedules/reconcile-schedules.ts';
import { testRun } from './reconcile-run.ts';

/** Outport at a time of the test's: with new sessions, as those of before have ended in the meantime. */
export function outportAt(outport: Outport, now: () => number): Outport {
  const role = { account: null, team: null, role: 'OutportExport', externalId: null };
  return { ...outport, accounts: createAccounts([role], outport.destinations), now: () => new Date(now()) };
}

/** What reconcile does for schedules and their exports, until nothing is due and every export has ended. */
export async function reconcileSchedulesToTheEnd(outport: Outport): Promise<void> {
  await reconcileSchedules(outport, testRun);
  for (let open = await readOpenExports(outport.table); open.length > 0; open = await readOpenExports(outport.table)) {
    for (const record of open) await reconcileExport(outport, record);
    await testRun.wait(10);
  }
}
