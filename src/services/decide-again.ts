import type { WaitingExport } from '../records/export-records.ts';
import { authorizeExport } from './authorize-export.ts';
import type { Outport } from './outport.ts';
import type { Decision } from './permit.ts';
import { refusalsOf } from './preflight/check.ts';
import { askAws } from './preflight.ts';
import { requestAgain } from './request-again.ts';
import type { UserError } from './user-errors.ts';

export type DecidedAgain =
  | { readonly outcome: 'ALLOWED'; readonly decision: Decision }
  /** `decision` null: the request itself is no longer valid, so the policies were not asked. */
  | { readonly outcome: 'REFUSED'; readonly decision: Decision | null; readonly error: UserError }
  /** AWS could not be asked just now. */
  | { readonly outcome: 'UNANSWERED' };

/**
 * Decides anew on an export whose turn has come: policies, destinations, table, recovery window and bucket as they are
 * now, for the person and the teams of the request, as their token named them then.
 */
export async function decideAgain(outport: Outport, record: WaitingExport): Promise<DecidedAgain> {
  const { id, requestedBy: person, clientToken } = record;
  if (person === null || clientToken === null) throw new Error(`export ${id} waits, yet nobody has asked for it`);
  const parsed = requestAgain(record, clientToken);
  if (!parsed.ok) return refused(null, parsed.errors);
  const { decision, error } = authorizeExport(outport, person, parsed.value);
  if (error) return refused(decision, [error]);
  const refusals = refusalsOf((await askAws(outport, person, parsed.value)).checks);
  if (refusals.some(({ code }) => code === 'AWS_UNAVAILABLE')) return { outcome: 'UNANSWERED' };
  return refusals.length > 0 ? refused(decision, refusals) : { outcome: 'ALLOWED', decision };
}

function refused(decision: Decision | null, errors: readonly UserError[]): DecidedAgain {
  const [first] = errors;
  if (!first) throw new Error('refused for nothing');
  const message = `When its turn came: ${errors.map((error) => error.message).join(' ')}`;
  return { outcome: 'REFUSED', decision, error: { ...first, message } };
}
