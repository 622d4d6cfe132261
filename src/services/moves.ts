import type {
  CanceledExport,
  CompletedExport,
  ExportRecord,
  FailedExport,
  Failure,
  InProgressExport,
  Progress,
  QueuedExport,
  Verification,
} from '../records/export-records.ts';

/** Everything that can happen to an export. */
export type Move =
  /** Outport is about to call DynamoDB for the first time. */
  | { readonly type: 'ADMIT' }
  /** DynamoDB took the request. */
  | { readonly type: 'START'; readonly exportArn: string; readonly startTime: string }
  | { readonly type: 'PROGRESS'; readonly progress: Progress }
  | {
      readonly type: 'COMPLETE';
      readonly endTime: string;
      readonly itemCount: number;
      readonly billedSizeBytes: number;
      readonly exportManifest: string;
      readonly progress: Progress | null;
      readonly verification: Verification;
    }
  | {
      readonly type: 'FAIL';
      readonly endTime: string;
      readonly failure: Failure;
      readonly verification?: Verification;
    }
  | { readonly type: 'CANCEL' };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long an export may wait for a free slot. */
export const QUEUE_DEADLINE_MS = 24 * HOUR_MS;
/** How long starting it may be tried: well inside the 8 hours for which DynamoDB remembers a client token (facts §1.7). */
export const START_DEADLINE_MS = HOUR_MS;
/** How long a running export is followed. DynamoDB promises no duration; minutes are usual, 100 TB take longer. */
export const EXPORT_DEADLINE_MS = 7 * 24 * HOUR_MS;

const later = (now: Date, milliseconds: number) => new Date(now.getTime() + milliseconds).toISOString();

export const queueDeadline = (now: Date): string => later(now, QUEUE_DEADLINE_MS);
export const exportDeadline = (now: Date): string => later(now, EXPORT_DEADLINE_MS);

/**
 * The record after a move, one version on, or null when the move is not legal from the state it is in:
 * QUEUED → IN_PROGRESS | FAILED | CANCELED, IN_PROGRESS → COMPLETED | FAILED, and nothing leaves a terminal state.
 * A queued export that has been admitted may be running in DynamoDB already, so it can no longer be canceled.
 */
export function moved(record: ExportRecord, move: Move, now: Date): ExportRecord | null {
  const facts = { version: record.version + 1, updatedAt: now.toISOString() };
  switch (record.status) {
    case 'QUEUED':
      return movedFromQueued(record, move, now, facts);
    case 'IN_PROGRESS':
      return movedFromInProgress(record, move, facts);
    case 'COMPLETED':
    case 'FAILED':
    case 'CANCELED':
      return null;
    default:
      return record satisfies never;
  }
}

type NewFacts = Pick<ExportRecord, 'version' | 'updatedAt'>;

function movedFromQueued(record: QueuedExport, move: Move, now: Date, newFacts: NewFacts): ExportRecord | null {
  const { admittedAt, deadlineAt, ...facts } = record;
  switch (move.type) {
    case 'ADMIT':
      if (admittedAt !== null) return null;
      return { ...record, ...newFacts, admittedAt: now.toISOString(), deadlineAt: later(now, START_DEADLINE_MS) };
    case 'START': {
      const { exportArn, startTime } = move;
      const started = { exportArn, startTime, progress: null, deadlineAt: exportDeadline(now) };
      return { ...facts, ...newFacts, ...started, status: 'IN_PROGRESS' } satisfies InProgressExport;
    }
    case 'FAIL':
      return { ...facts, ...newFacts, ...outcomeOf(move), status: 'FAILED' } satisfies FailedExport;
    case 'CANCEL':
      if (admittedAt !== null) return null;
      return { ...facts, ...newFacts, endTime: now.toISOString(), status: 'CANCELED' } satisfies CanceledExport;
    case 'PROGRESS':
    case 'COMPLETE':
      return null;
    default:
      return move satisfies never;
  }
}

function movedFromInProgress(record: InProgressExport, move: Move, newFacts: NewFacts): ExportRecord | null {
  const { deadlineAt, ...facts } = record;
  switch (move.type) {
    case 'PROGRESS':
      return { ...record, ...newFacts, progress: move.progress };
    case 'COMPLETE':
      return { ...facts, ...newFacts, ...outcomeOf(move), status: 'COMPLETED' } satisfies CompletedExport;
    case 'FAIL':
      return { ...facts, ...newFacts, ...outcomeOf(move), status: 'FAILED' } satisfies FailedExport;
    case 'ADMIT':
    case 'START':
    case 'CANCEL':
      return null;
    default:
      return move satisfies never;
  }
}

function outcomeOf<M extends Move>({ type, ...outcome }: M): Omit<M, 'type'> {
  return outcome;
}
