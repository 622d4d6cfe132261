import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ExportRecord,
  type ExportStatus,
  isBeingVerified,
  isOpen,
  type QueuedExport,
} from '../../src/records/export-records.ts';
import { type Move, moved } from '../../src/services/moves.ts';
import { VERIFIED } from '../support/export-moves.ts';

const QUEUED: QueuedExport = {
  id: 'exp_a',
  version: 1,
  status: 'QUEUED',
  source: 'OUTPORT',
  requestedBy: null,
  team: null,
  clientToken: 't',
  inputHash: 'h',
  tableArn: 'arn:aws:dynamodb:eu-central-1:111122223333:table/t',
  exportTime: null,
  exportFormat: 'DYNAMODB_JSON',
  exportType: 'FULL_EXPORT',
  incrementalExport: null,
  filter: null,
  destination: { bucket: 'b', bucketOwner: null, prefix: null, encryption: { algorithm: 'AES256', kmsKeyId: null } },
  tableSizeBytes: 0,
  expectedOutputBytes: null,
  expectedSeconds: null,
  retryOf: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  admittedAt: null,
  deadlineAt: '2026-01-02T00:00:00.000Z',
};
const END = '2026-01-01T01:00:00.000Z';
const MOVES: Record<Move['type'], Move> = {
  ADMIT: { type: 'ADMIT' },
  START: { type: 'START', exportArn: 'arn', startTime: END, incrementalExport: null },
  PROGRESS: { type: 'PROGRESS', progress: { filesWritten: 1, bytesWritten: 2, estimatedPercent: null } },
  COMPLETE: {
    type: 'COMPLETE',
    endTime: END,
    itemCount: 1,
    billedSizeBytes: 1,
    exportManifest: 'm',
    progress: null,
    verification: VERIFIED,
  },
  FAIL: { type: 'FAIL', endTime: END, failure: { code: 'EXPORT_FAILED', message: 'm', remedy: 'r' } },
  CANCEL: { type: 'CANCEL' },
  VERIFY: { type: 'VERIFY', deep: false },
  VERIFICATION: { type: 'VERIFICATION', verification: VERIFIED, leasedUntil: END },
};

/**
 * The state machine once more, as a table. ADMITTED is QUEUED once DynamoDB may have been called, VERIFYING is COMPLETED
 * while the files are checked again.
 */
type State = ExportStatus | 'ADMITTED' | 'VERIFYING';
const LEGAL: Record<State, Partial<Record<Move['type'], State>>> = {
  QUEUED: { ADMIT: 'ADMITTED', START: 'IN_PROGRESS', FAIL: 'FAILED', CANCEL: 'CANCELED' },
  ADMITTED: { START: 'IN_PROGRESS', FAIL: 'FAILED' },
  IN_PROGRESS: { PROGRESS: 'IN_PROGRESS', COMPLETE: 'COMPLETED', FAIL: 'FAILED' },
  COMPLETED: { VERIFY: 'VERIFYING' },
  VERIFYING: { VERIFICATION: 'COMPLETED' },
  FAILED: {},
  CANCELED: {},
};
function stateOf(record: ExportRecord): State {
  if (isBeingVerified(record)) return 'VERIFYING';
  return record.status === 'QUEUED' && record.admittedAt !== null ? 'ADMITTED' : record.status;
}

const anyMove = fc.constantFrom(...Object.values(MOVES));

test('any sequence of moves takes only legal ones, and each raises the version by one', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 20 }), (moves) => {
      let record: ExportRecord = QUEUED;
      for (const [step, move] of moves.entries()) {
        const now = new Date(Date.UTC(2026, 0, 1, 0, 0, step));
        const next = moved(record, move, now);
        const expected = LEGAL[stateOf(record)][move.type];
        expect(next && stateOf(next)).toBe(expected ?? null);
        if (!next) continue;
        expect(next.version).toBe(record.version + 1);
        expect(next.updatedAt).toBe(now.toISOString());
        record = next;
      }
    }),
  );
});

test('every open state has a deadline, and no ended one has', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 20 }), (moves) => {
      const record = moves.reduce<ExportRecord>((before, move) => moved(before, move, new Date(0)) ?? before, QUEUED);
      expect('deadlineAt' in record).toBe(isOpen(record));
      expect('endTime' in record).toBe(!isOpen(record));
    }),
  );
});

test('what an export is never changes, whatever happens to it', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 20 }), (moves) => {
      const record = moves.reduce<ExportRecord>((before, move) => moved(before, move, new Date(0)) ?? before, QUEUED);
      const { status, version, updatedAt, admittedAt, deadlineAt, ...facts } = QUEUED;
      expect(record).toMatchObject(facts);
    }),
  );
});
