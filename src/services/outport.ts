import type { AccountRegion } from '../records/ledger.ts';
import type { RecordsTable } from '../records/table.ts';
import type { Accounts } from './accounts.ts';
import type { Limits } from './admission.ts';
import type { AllowedDestination } from './destinations.ts';
import type { Permit } from './permit.ts';
import type { Quota } from './quotas.ts';

/** What the services work with: made once a process, given to every one of them. */
export interface Outport {
  readonly table: RecordsTable;
  readonly accounts: Accounts;
  readonly permit: Permit;
  /** Where exports may be written at all. */
  readonly destinations: readonly AllowedDestination[];
  /** What portals offer before anything has been exported from there. */
  readonly configuredAccounts: readonly AccountRegion[];
  readonly limits: Limits;
  readonly quotas: readonly Quota[];
  /** How many exports of a team, or of a person without one, may wait in an account and Region. */
  readonly maxQueued: number;
  /** Of one person. */
  readonly requestsPerMinute: number;
  readonly now: () => Date;
  /** A new unique id, for audit events that have no natural one. */
  readonly newId: () => string;
}
