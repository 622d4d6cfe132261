import type { Requester } from '../records/export-records.ts';
import { checkDestination } from './destinations.ts';
import type { ExportRequest } from './export-request.ts';
import type { Outport } from './outport.ts';
import type { Decision } from './permit.ts';
import { type UserError, userError } from './user-errors.ts';

export interface ExportAuthorization {
  /** What the policies say, for the audit. */
  readonly decision: Decision;
  /** Null when the person may export the table to there. */
  readonly error: UserError | null;
}

/**
 * Whether a person may export a table to a destination: the policies first, then the allow-list, so that whoever may
 * not export learns nothing of the destinations.
 */
export function authorizeExport(
  { permit, destinations }: Pick<Outport, 'permit' | 'destinations'>,
  person: Requester,
  request: ExportRequest,
): ExportAuthorization {
  const decision = permit(person, { action: 'ExportTable', request });
  if (!decision.allowed) {
    const message = `ExportTable is not permitted on ${request.table.arn} to bucket ${request.destination.bucket}.`;
    return { decision, error: userError('PERMISSION_DENIED', message) };
  }
  const check = checkDestination(destinations, person, request);
  return { decision, error: check.allowed ? null : check.error };
}
