import { type ExportRecord, isOpen, isWaiting, readExport, replaceExport } from '../records/export-records.ts';
import { recordMove, recordVerification } from './audit-moves.ts';
import { type Move, moved } from './moves.ts';
import type { Outport } from './outport.ts';
import type { Decision } from './permit.ts';
import { leaveQueue } from './queue.ts';
import { giveBackSlot } from './slots.ts';

/**
 * Moves an export on: audit, then compare-and-set, then slot and place are given back if the export has ended.
 *
 *     reconcile A   reads v3 ──────── writes v4 ✓
 *     reconcile B        reads v3 ────────── writes v4 ✗ → reads v4, goes on from there
 *
 * @param decision what the policies said, for the audit, where they led to the move
 * @returns the record as it is afterwards, by this move or by whoever was faster
 */
export async function applyMove(
  outport: Outport,
  record: ExportRecord,
  move: Move,
  decision: Decision | null = null,
): Promise<ExportRecord> {
  const next = moved(record, move, outport.now());
  if (next === null) throw new Error(`export ${record.id} is ${record.status}: it cannot ${move.type}`);
  if (next.status !== record.status) await recordMove(outport, next, decision);
  if (move.type === 'VERIFICATION') await recordVerification(outport, next);
  const won = await replaceExport(outport.table, next);
  const current = won ? next : await readExport(outport.table, record.id);
  if (current === null) throw new Error(`export ${record.id} has no record any more`);
  if (!isOpen(current)) await giveBackSlot(outport, current);
  if (isWaiting(record) && !isOpen(current)) await leaveQueue(outport, record);
  return current;
}
