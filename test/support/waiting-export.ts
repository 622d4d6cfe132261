import type { WaitingExport } from '../../src/records/export-records.ts';

/** An export as it is when it has just been asked for. */
export function waitingExport(facts: {
  readonly id: string;
  readonly team?: string | null;
  readonly subject?: string;
  readonly tableArn?: string;
  readonly tableSizeBytes?: number;
  readonly createdAt?: string;
}): WaitingExport {
  const { id, team = null, subject = 'ann', tableSizeBytes = 1, createdAt = '2026-11-23T00:00:00.000Z' } = facts;
  return {
    id,
    version: 1,
    status: 'QUEUED',
    source: 'OUTPORT',
    requestedBy: { issuer: 'https://id.example', subject, name: null, teams: team === null ? [] : [team] },
    team,
    clientToken: `token-of-${id}`,
    inputHash: null,
    tableArn: facts.tableArn ?? 'arn:aws:dynamodb:eu-central-1:111122223333:table/orders',
    exportTime: null,
    exportFormat: 'DYNAMODB_JSON',
    exportType: 'FULL_EXPORT',
    incrementalExport: null,
    filter: null,
    destination: {
      bucket: 'lake',
      bucketOwner: '111122223333',
      prefix: null,
      encryption: { algorithm: 'AES256', kmsKeyId: null },
    },
    tableSizeBytes,
    expectedOutputBytes: null,
    expectedSeconds: null,
    retryOf: null,
    createdAt,
    updatedAt: createdAt,
    admittedAt: null,
    deadlineAt: '2099-01-01T00:00:00.000Z',
  };
}
