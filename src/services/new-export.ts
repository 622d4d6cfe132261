import type { Requester, WaitingExport } from '../records/export-records.ts';
import { actingTeam } from './destinations.ts';
import { type ExportRequest, inputHash } from './export-request.ts';
import { queueDeadline } from './moves.ts';
import type { Outport } from './outport.ts';
import type { Estimates } from './preflight/estimates.ts';

/** The record of a request that may go on: it waits for a slot. */
export function newExport(
  { destinations, now }: Pick<Outport, 'destinations' | 'now'>,
  principal: Requester,
  request: ExportRequest,
  id: string,
  { tableSizeBytes, outputBytes, duration }: Pick<Estimates, 'tableSizeBytes' | 'outputBytes' | 'duration'>,
): WaitingExport {
  const { issuer, subject, name, teams } = principal;
  const createdAt = now();
  return {
    id,
    version: 1,
    status: 'QUEUED',
    source: 'OUTPORT',
    requestedBy: { issuer, subject, name, teams },
    team: actingTeam(destinations, principal, request),
    clientToken: request.clientToken,
    retryOf: request.retryOf,
    inputHash: inputHash(request),
    tableArn: request.table.arn,
    exportTime: request.exportTime,
    exportFormat: request.exportFormat,
    exportType: request.exportType,
    incrementalExport: request.incrementalExport,
    filter: request.filter,
    destination: request.destination,
    tableSizeBytes,
    expectedOutputBytes: outputBytes,
    expectedSeconds: duration?.seconds ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: createdAt.toISOString(),
    admittedAt: null,
    deadlineAt: queueDeadline(createdAt),
  };
}
