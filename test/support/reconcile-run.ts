import { setTimeout as wait } from 'node:timers/promises';
import { type ExportRecord, isOpen, readExport } from '../../src/records/export-records.ts';
import type { Outport } from '../../src/services/outport.ts';
import { reconcileAccounts, reconcileExport } from '../../src/services/reconcile.ts';
import type { Run } from '../../src/services/run.ts';

/** A run of reconcile that lasts as long as the test does, and fails it when anything is reported. */
export const testRun: Run = {
  remainingMs: () => 1_000,
  wait: (milliseconds) => wait(Math.min(milliseconds, 20)),
  report: (error) => {
    throw error;
  },
};

/** Reconciles one export step by step until it has ended. */
export async function reconcileToTheEnd(outport: Outport, exportId: string): Promise<ExportRecord> {
  for (;;) {
    const record = await readExport(outport.table, exportId);
    if (!record) throw new Error(`there is no export ${exportId}`);
    if (!isOpen(record)) return record;
    await reconcileExport(outport, record);
    await testRun.wait(20);
  }
}

/** One round of what the schedule does in every account. */
export const reconcileAllAccounts = (outport: Outport): Promise<void> => reconcileAccounts(outport, testRun);
