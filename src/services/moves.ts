import type {
  CanceledExport,
  CompletedExport,
  ExportRecord,
  FailedExport,
  Failure,
  IncrementalExport,
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
  | {
      readonly type: 'START';
      readonly exportArn: string;
      readonly startTime: string;
      readonly incrementalExport: IncrementalExport | null;
    }
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
  | { readonly type: 'CANCEL' }
  /** Somebody asks for the files to be checked again. */
  | { readonly type: 'VERIFY'; readonly deep: boolean }
  /** How far that has come, and until when whoever says so goes on with it. */
  | { readonly type: 'VERIFICATION'; readonly verification: Verification; readonly leasedUntil: string };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long an export may wait for a free slot. */
export const QUEUE_DEADLINE_MS = 24 * HOUR_MS;
/** How long starting it may be tried: well inside the 8 hours for which DynamoDB remembers a client token (facts §1.7). */
export const START_DEADLINE_MS = HOUR_MS;
/** How long a running export is followed. DynamoDB promises no duration; minutes are usual, 100 TB take longer. */
export const EXPORT_DEADLINE_MS = 7 * 24 * HOUR_MS;
/** How long a verification that was asked for may take: a run reads some gigabytes a minute. */
export const VERIFICATION_DEADLINE_MS = 7 * 24 * HOUR_MS;

const later = (now: Date, milliseconds: number) => new Date(now.getTime() + milliseconds).toISOString();

export const queueDeadline = (now: Date): string => later(now, QUEUE_DEADLINE_MS);
export const exportDeadline = (now: Date): string => later(now, EXPORT_DEADLINE_MS);

/**
 * The record after a move, one version on, or null when the move is not legal from the state it is in:
 * QUEUED → IN_PROGRESS | FAILED | CANCELED, IN_PROGRESS → COMPLETED | FAILED, and nothing leaves a terminal state: what a
 * completed export may yet get is another verification.
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
      return movedFromCompleted(record, move, now, facts);
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
      const incrementalExport = move.incrementalExport ?? record.incrementalExport;
      const started = { exportArn, startTime, incrementalExport, progress: null, deadlineAt: exportDeadline(now) };
      return { ...facts, ...newFacts, ...started, status: 'IN_PROGRESS' } satisfies InProgressExport;
    }
    case 'FAIL':
      return { ...facts, ...newFacts, ...outcomeOf(move), status: 'FAILED' } satisfies FailedExport;
    case 'CANCEL':
      if (admittedAt !== null) return null;
      return { ...facts, ...newFacts, endTime: now.toISOString(), status: 'CANCELED' } satisfies CanceledExport;
    case 'PROGRESS':
    case 'COMPLETE':
    case 'VERIFY':
    case 'VERIFICATION':
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
    case 'VERIFY':
    case 'VERIFICATION':
      return null;
    default:
      return move satisfies never;
  }
}

function movedFromCompleted(
  record: CompletedExport,
  move: Move,
  now: Date,
  newFacts: NewFacts,
): CompletedExport | null {
  const { openVerification, ...ended } = record;
  switch (move.type) {
    case 'VERIFY': {
      const { deep } = move;
      // One at a time; a deep one finds all that the other would.
      if (openVerification && (record.verification.deep || !deep)) return null;
      const verification: Verification = {
        status: 'IN_PROGRESS',
        deep,
        checkedAt: now.toISOString(),
        filesChecked: 0,
        bytesChecked: 0,
        itemsCounted: deep ? 0 : null,
        problems: [],
      };
      const deadlineAt = later(now, VERIFICATION_DEADLINE_MS);
      return { ...ended, ...newFacts, verification, openVerification: { deadlineAt, leasedUntil: null } };
    }
    case 'VERIFICATION': {
      const { verification, leasedUntil } = move;
      if (!openVerification) return null;
      const open = verification.status === 'IN_PROGRESS' && { openVerification: { ...openVerification, leasedUntil } };
      return { ...ended, ...newFacts, verification, ...open };
    }
    case 'ADMIT':
    case 'START':
    case 'PROGRESS':
    case 'COMPLETE':
    case 'FAIL':
    case 'CANCEL':
      return null;
    default:
      return move satisfies never;
  }
}

function outcomeOf<M extends Move>({ type, ...outcome }: M): Omit<M, 'type'> {
  return outcome;
}
